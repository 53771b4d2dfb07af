"""Whom to thank, and for what: one recent edit each of people who are rarely thanked.

This is a prompt, and no list of the best: nobody is counted or compared, each person stands here at most
once, and the newest edit comes first. It goes away when somebody has thanked, or would rather not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from community.model import Person
from connector.model import PageHead, Site
from connector.store import Store
from connector.store.additions import Addition
from search.people import PeopleFilter
from search.readable import Readable, restriction

SINCE: Final = timedelta(days=30)
"""How long ago an edit may be, to be thanked for."""
LEAST_BYTES: Final = 300
"""That an edit adds: two or three sentences."""
NOT_AGAIN: Final = timedelta(days=30)
"""For how long who was thanked is not put forward again."""
MOST: Final = 5
_KIND: Final = "thanks"
_EXTENSION: Final = "Thanks"
_USER_TALK: Final = 3
_SPECIAL: Final = -1

Verdict = Literal["thanked", "pass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThankPrompt:
    """Something that somebody gave, and nobody has thanked for."""

    person: Person
    revid: int
    page: PageHead
    saved_at: datetime
    url: str
    """Where to thank: the wiki's own way for this edit, or their talk page; empty where neither is known."""
    by_extension: bool
    """Whether the wiki has a way of its own (Extension:Thanks)."""
    diff_url: str
    """Where the edit can be seen."""


class Thanks:
    """Finds what to thank for. Safe to share between threads.

    Args:
        store: the histories, and what was thanked for.
        people: who may be named.
    """

    def __init__(self, *, store: Store, people: PeopleFilter) -> None:
        self._store = store
        self._people = people

    def prompts(
        self,
        *,
        now: datetime,
        readable: Readable | None = None,
        asking: int | None = None,
        most: int = MOST,
    ) -> list[ThankPrompt]:
        """Return what to thank for, the newest first: one edit a person, of those thanked longest ago.

        Args:
            now: aware.
            readable: what who asks may read: edits of other pages are not there. None: everything.
            asking: number in the wiki of the account of who asks: nobody thanks themselves.
            most: how many at most.
        """
        site = self._store.site.get()
        if site is None:
            return []
        found = self._additions(site, now, readable)
        judged = self._store.judgements.of_kind(_KIND)
        thanked = {
            _revid(subject): one.judged_at for subject, one in judged.items() if one.verdict == "thanked"
        }
        last_thanked: dict[int, datetime] = {}
        for revid, user_id in self._store.additions.authors(thanked).items():
            last_thanked[user_id] = max(thanked[revid], last_thanked.get(user_id, thanked[revid]))
        chosen: dict[int, Addition] = {}
        for each in found:
            then = last_thanked.get(each.user_id)
            if each.user_id == asking or _subject(each.revid) in judged:
                continue
            if then is not None and now - then < NOT_AGAIN:
                continue
            if self._people.is_person(each.user, each.user_id):
                chosen.setdefault(each.user_id, each)
        never = datetime.min.replace(tzinfo=now.tzinfo)
        rarest = sorted(
            chosen.values(), key=lambda each: (last_thanked.get(each.user_id, never), -each.revid)
        )
        shown = sorted(rarest[:most], key=lambda each: (each.saved_at, each.revid), reverse=True)
        return [_prompt(each, site) for each in shown]

    def judge(
        self, revid: int, verdict: Verdict, *, judged_by: int | None, readable: Readable | None = None
    ) -> bool:
        """Keep that somebody was thanked for an edit, or is not to be.

        Args:
            revid: the edit.
            verdict: which of the two.
            judged_by: the account of who says so.
            readable: what they may read: edits of other pages are not there. None: everything.

        Returns:
            Whether the mirror has the edit.
        """
        page = self._store.additions.page_of(revid)
        if page is None or not self._store.additions.authors([revid]):
            return False
        asked = restriction(readable)
        if asked is not None and page.pageid not in asked.among([page]):
            return False
        self._store.judgements.put(_KIND, _subject(revid), verdict, judged_by=judged_by)
        return True

    def _additions(self, site: Site, now: datetime, readable: Readable | None) -> Sequence[Addition]:
        content = [number for number, namespace in site.namespaces.items() if namespace.content] or [0]
        found = self._store.additions.since(now - SINCE, now, least=LEAST_BYTES, namespaces=content)
        asked = restriction(readable)
        if asked is None:
            return found
        allowed = asked.among(list({each.page.pageid: each.page for each in found}.values()))
        return [each for each in found if each.page.pageid in allowed]


def _prompt(addition: Addition, site: Site) -> ThankPrompt:
    by_extension = _EXTENSION in site.extensions
    if by_extension:
        # https://www.mediawiki.org/wiki/Extension:Thanks: Special:Thanks/<revid> asks, and thanks.
        special = site.namespaces.get(_SPECIAL)
        prefix = special.name if special is not None and special.name else "Special"
        url = site.page_url(f"{prefix}:Thanks/{addition.revid}")
    else:
        talk = site.namespaces.get(_USER_TALK)
        url = "" if talk is None else f"{site.edit_url(f'{talk.name}:{addition.user}')}&section=new"
    return ThankPrompt(
        person=Person(name=addition.user, user_id=addition.user_id),
        revid=addition.revid,
        page=addition.page,
        saved_at=addition.saved_at,
        url=url,
        by_extension=by_extension,
        diff_url=f"{site.server_url}{site.script_path}/index.php?diff={addition.revid}",
    )


def _subject(revid: int) -> str:
    return f"revision {revid}"


def _revid(subject: str) -> int:
    return int(subject.split()[1])
