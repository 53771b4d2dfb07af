"""Erasing a person from all that is kept of a community: nothing finds them, and nothing brings them back.

The names are noted first, as keyed digests (`connector.erased`): from then on nothing that is written holds
them. Then what is there already is masked, table by table. A process that is killed half way leaves that
noted, and whoever runs it again, or finishes it, ends it. What the wiki itself shows is the wiki's: there an
account is renamed, and revisions are hidden (https://www.mediawiki.org/wiki/Help:RevisionDelete).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from connector.erased import name_words
from connector.progress import Progress
from connector.store import Store
from connector.store.masking import MaskNotes

# How long the file waits to be written anew while others read it.
_WIPE_SECONDS: Final = 30.0
# Accounts are renamed seldom: of one that bore so many names something is wrong.
_MOST_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased:
    """What erasing somebody did, in counts: never who it was."""

    pages: int
    """Pages of the mirror in whose texts they were masked."""
    pages_left_out: int
    """Pages that bore the name in their title: they are not mirrored any more."""
    comments: int
    """Of revisions."""
    notes: int
    drafts: int
    follow_ups: int
    questions: int
    others: int
    """Rows of other kinds: links, renderings, jobs, histories of drafts, meetings, judgements."""
    wiped: bool
    """Whether all of it is overwritten on disk already; else the next sync does it."""


def begin_erasing(store: Store, names: Sequence[str], *, account_ids: Collection[int] = ()) -> int:
    """Have somebody found no more, at once: what is there already is masked by `finish_erasing`.

    Args:
        store: where.
        names: how they are called: their account's name, their name, other ways to write it. A name of one
            word is masked where it is an account's, and not in running text.
        account_ids: their accounts here, however those are called.

    Returns:
        How many names are known of them, those that their accounts bore before included.

    Raises:
        ValueError: there is no name, or one without a letter.
        StoreError: the database failed; begin again.
    """
    masking = store.masking
    erased = store.erased_names.add(names)
    accounts = masking.accounts_of(erased, ids=account_ids)
    known = len(set(map(name_words, names)))
    for _ in range(_MOST_ROUNDS):
        # Before the revisions lose their authors: they tell which other names an account bore.
        others = masking.other_names(erased, user_ids=accounts.values())
        if not others:
            break
        known += len(others)
        store.erased_names.add(others)
        erased = store.erased_names.known()
    masking.forget_in_community(erased, user_ids=accounts.values())
    masking.forget_authors(erased, user_ids=accounts.values())
    masking.delete_accounts(accounts)
    return known


def finish_erasing(
    store: Store, *, mask_notes: MaskNotes | None = None, progress: Progress | None = None
) -> PersonErased:
    """Mask all who were ever erased, wherever they still stand: also ends what was cut off half way.

    When what is made from the database has followed, `store.erased_names.finish` notes that it is done.

    Args:
        store: where.
        mask_notes: masks what was given as notes, in whatever format; None: there are none.
        progress: told about "erasing"; what it raises cuts this off.

    Raises:
        StoreError: the database failed; run it again.
    """
    masking = store.masking
    tell = progress or _nobody
    erased = store.erased_names.known()
    tell(0, 0, "erasing")
    accounts = masking.accounts_of(erased)
    # Once more: who wrote something in between had read the name before it was noted.
    forgotten = masking.forget_in_community(erased, user_ids=accounts.values())
    masking.forget_authors(erased, user_ids=accounts.values())
    masking.delete_accounts(accounts)
    titled = masking.named_pages(erased)
    store.pages.delete(titled)
    comments = masking.mask_comments(erased)
    counts: Counter[str] = Counter()
    originals = masking.mask_notes(mask_notes, erased) if mask_notes is not None else 0
    for table, changed in masking.mask_rest(erased):
        counts[table] += changed
        tell(counts.total(), 0, "erasing")
    questions = store.questions.reword(erased.masked) + store.hit_feedback.reword(erased.masked)
    wiped = store.scrub(thorough=True, wait_seconds=_WIPE_SECONDS)
    report = PersonErased(
        pages=counts.pop("page", 0),
        pages_left_out=len(titled),
        comments=comments,
        notes=max(originals, counts.pop("notes", 0)),
        drafts=counts.pop("draft", 0),
        follow_ups=counts.pop("follow_up", 0),
        questions=questions,
        others=counts.total() + forgotten,
        wiped=wiped,
    )
    tell(1, 1, "erasing")
    return report


def _nobody(done: int, total: int, what: str) -> None:
    """Is told, and does nothing."""
