"""The proof that mirror and wiki are equal, or where they are not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from connector.model import PageHead
from connector.progress import Progress
from connector.store import Erasure, Store
from connector.sync.checks import check_same_wiki
from connector.sync.passes import Pass
from connector.sync.proving import choose_texts, compare_texts
from connector.sync.settings import SyncSettings, default_namespaces
from connector.sync.sweep import add_unseen, read_heads
from connector.sync.without_erased import without_erased
from connector.wiki import Wiki

# Pages that the mirror lacks and that are fetched to see whether they may be read at all.
_MOST_FETCHED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a comparison of the whole mirror with the wiki found. Pages are told by pageid."""

    checked_at: datetime
    """The wiki's clock when it began."""
    pages: int
    """Pages of wiki and mirror that were compared by namespace, title and newest revision."""
    ghosts: tuple[int, ...]
    """In the mirror, and not in the wiki (confirmed by pageid), or not to be read there any more."""
    missing: tuple[int, ...]
    """In the wiki, and not in the mirror."""
    stale: tuple[int, ...]
    """Of another title, revision or text than in the wiki."""
    left_out: tuple[int, ...]
    """In the wiki and not in the mirror, as it must be: their text may not be read."""
    texts: int
    """Texts compared with the wiki's own checksums."""
    oldest_proof: datetime | None
    """When the text that was proven longest ago was; None when one never was."""
    last_sync: datetime | None
    last_sweep: datetime | None
    erasures: tuple[Erasure, ...]
    """The last pages that were forgotten, newest first."""

    @property
    def in_step(self) -> bool:
        """Whether nothing is off."""
        return not (self.ghosts or self.missing or self.stale)


def verify(
    wiki: Wiki,
    store: Store,
    *,
    settings: SyncSettings,
    texts: int | None = 500,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Verification:
    """Compare the mirror with the wiki. It changes nothing but the proofs, and keeps what it found.

    Args:
        wiki: the wiki, live or an export.
        store: the mirror.
        settings: what is mirrored.
        texts: how many texts to compare by checksum, half of them those proven longest ago; None for all.
        progress: told about "sweep" and "proofs".
        stop: asked between two batches; once it says True the comparison ends.

    Raises:
        ConfigError: the mirror is of another wiki.
        SyncStoppedError: `stop` said so.
        ConnectorError: the wiki or the mirror failed.
    """
    wiki = without_erased(wiki, store.erased_names.known())
    site, now = wiki.site(), wiki.now()
    check_same_wiki(site, wiki, store)
    namespaces = settings.namespaces if settings.namespaces is not None else default_namespaces(site)
    run = Pass(
        wiki,
        store,
        site=site,
        now=now,
        last_seen=now,
        last_sweep=None,
        namespaces=namespaces,
        settings=settings,
        progress=progress,
        stop=stop,
    )
    theirs = read_heads(run)
    ours = {head.pageid: head for head in store.pages.heads()}
    add_unseen(run, theirs, ours)
    lacking = sorted(theirs.keys() - ours.keys())
    left_out = _unreadable(wiki, lacking)
    stale = {i for i in theirs.keys() & ours.keys() if _seen(theirs[i]) != _seen(ours[i])}
    compared, other, withheld = _compare_texts(run, texts)
    verification = Verification(
        checked_at=now,
        pages=len(theirs.keys() | ours.keys()),
        ghosts=tuple(sorted((ours.keys() - theirs.keys()) | withheld)),
        missing=tuple(i for i in lacking if i not in left_out),
        stale=tuple(sorted((stale | other) - withheld)),
        left_out=tuple(sorted(left_out)),
        texts=compared,
        oldest_proof=store.pages.oldest_proof(),
        last_sync=store.site.last_sync(),
        last_sweep=store.sync_state.get().last_sweep,
        erasures=tuple(store.erasures.newest()),
    )
    store.sync_state.put(last_verification=_numbers(verification))
    return verification


def _compare_texts(run: Pass, limit: int | None) -> tuple[int, set[int], set[int]]:
    chosen = choose_texts(run.store, run.store.pages.count() if limit is None else limit)
    count, other, withheld = 0, set[int](), set[int]()
    for done, compared in compare_texts(run.wiki, run.store, chosen):
        run.store.pages.prove_many(compared.same, now=run.now)
        count += len(compared.same) + len(compared.different)
        other.update(page.pageid for page in compared.different)
        withheld.update(compared.withheld)
        run.tell(done, len(chosen), "proofs")
    return count, other, withheld


def _unreadable(wiki: Wiki, lacking: list[int]) -> set[int]:
    """Return those whose text the reader may not see; beyond a limit the mirror is simply not made yet."""
    if not lacking or len(lacking) > _MOST_FETCHED:
        return set()
    return set(lacking).difference(page.pageid for page in wiki.pages(lacking))


def _seen(head: PageHead) -> tuple[int, str, int]:
    return head.namespace, head.title, head.revid


def _numbers(verification: Verification) -> dict[str, object]:
    """What is kept of it: when, and how many of each."""
    return {
        "checked_at": verification.checked_at.isoformat(),
        "pages": verification.pages,
        "ghosts": len(verification.ghosts),
        "missing": len(verification.missing),
        "stale": len(verification.stale),
        "left_out": len(verification.left_out),
        "texts": verification.texts,
    }
