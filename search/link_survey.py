"""Which links could be made on each page of the mirror: a survey of all pages, kept as numbers.

It follows the mirror: a page is looked at again when it was changed, or when a page was made or changed that
its words may lead to; all are when other links are suggested now (`LinkSuggester.rules`). What is known of a
page stays until it is looked at again. The file holds pageids, revids and scores, and no title: it is derived
and may be deleted, and whoever shows it reads titles from the mirror.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from connector.model import Page, PageHead, Site
from connector.progress import Progress
from connector.store import Store
from connector.store.kept_values import KeptValue
from search.kept_file import KeptFile, Version
from search.link_anchors import tells_apart
from search.link_scan import scan
from search.links import LinkSuggester

log = logging.getLogger(__name__)

MOST_LINKS: Final = 20
"""Of more links that could be made on one page the others are not counted."""
_FORMAT = 1
_PAGES_AT_ONCE = 50
_SECONDS_BETWEEN_WRITES = 10.0


@dataclass(frozen=True, slots=True)
class SurveyedPage:
    """What was found on a page."""

    revid: int
    can_lack: bool
    """See `can_lack_links`."""
    links: tuple[tuple[int, float], ...] = ()
    """Pages that could be linked, by pageid, with the score (0..1) of each; best first."""


@dataclass(slots=True)
class Survey:
    """What is known of all pages."""

    rules: str = ""
    pages: dict[int, SurveyedPage] = field(default_factory=dict)
    """By pageid; redirects too, which have no links."""
    again: set[int] = field(default_factory=set)
    """Pages to be looked at again although their revision is the same."""


class LinkSurvey:
    """Makes the survey and keeps it. Safe to share between threads.

    Args:
        store: the mirror.
        links: suggests the links.
        file: where the survey is kept, in a folder or in the database; there need not be one.
    """

    def __init__(self, *, store: Store, links: LinkSuggester, file: Path | KeptValue) -> None:
        self._store = store
        self._links = links
        self._file = KeptFile(file) if isinstance(file, Path) else file
        self._updating = threading.Lock()
        self._kept: tuple[Version, Survey] | None = None

    def version(self) -> Version:
        """Return what changes with every writing of the survey."""
        return self._file.version()

    def read(self) -> Mapping[int, SurveyedPage]:
        """Return what is known, by pageid: older revisions and pages that are gone included."""
        version = self._file.version()
        kept = self._kept
        if kept is None or kept[0] != version:
            self._kept = kept = (version, _from_json(self._file.read()))
        return kept[1].pages

    def update(self, *, seconds: float, progress: Progress | None = None) -> int:
        """Look at the pages that are due. The caller holds the index lock.

        What was found is written every few seconds, so whoever ends this process loses little.

        Args:
            seconds: how long at most; the next update goes on.
            progress: told how far it is; may raise, what was found by then is kept.

        Returns:
            How many pages are still due; 0 also when another thread is at it, or nothing can be kept.
        """
        site = self._store.site.get()
        if site is None or not self._updating.acquire(blocking=False):
            return 0
        try:
            return self._update(site, time.monotonic() + seconds, progress)
        finally:
            self._updating.release()

    def _update(self, site: Site, end: float, progress: Progress | None) -> int:
        before = _from_json(self._file.read())
        heads = {head.pageid: head for head in content_heads(self._store, site)}
        survey = Survey(
            rules=self._links.rules(),
            pages={pageid: page for pageid, page in before.pages.items() if pageid in heads},
            again=before.again & heads.keys(),
        )
        changed = {
            i for i, head in heads.items() if i not in survey.pages or survey.pages[i].revid != head.revid
        }
        if survey.rules != before.rules:
            survey.again |= survey.pages.keys()
        elif changed:
            survey.again |= self._links.pages_that_name(self._named(changed, heads)) & survey.pages.keys()
        due = sorted(changed | survey.again, key=lambda i: (i not in changed, i))
        if not due and survey.pages.keys() == before.pages.keys():
            return 0
        # Who must look again is written first: the change that says so is forgotten with the changed page.
        if not self._write(survey):
            return 0
        written = time.monotonic()
        done = 0
        try:
            for pageid, found in self._look_at(due, {head.title: i for i, head in heads.items()}):
                survey.again.discard(pageid)
                if found is None:
                    survey.pages.pop(pageid, None)
                else:
                    survey.pages[pageid] = found
                done += 1
                now = time.monotonic()
                if now >= end:
                    break
                if now - written > _SECONDS_BETWEEN_WRITES:
                    self._write(survey)
                    written = now
                if progress is not None and done % _PAGES_AT_ONCE == 0:
                    progress(done, len(due), "survey")
        finally:
            self._write(survey)
        return len(due) - done

    def _look_at(
        self, pageids: Sequence[int], titles: Mapping[str, int]
    ) -> Iterator[tuple[int, SurveyedPage | None]]:
        """Yield what is found on pages; None for one that was purged a moment ago."""
        for start in range(0, len(pageids), _PAGES_AT_ONCE):
            pages = self._store.pages.get_many(pageids[start : start + _PAGES_AT_ONCE])
            looked_at = [
                pages[pageid] for pageid in pageids[start : start + _PAGES_AT_ONCE] if pageid in pages
            ]
            for page, found in self._links.suggest_each(looked_at, top_k=MOST_LINKS):
                links = [
                    (titles[each.link_target], each.score) for each in found if each.link_target in titles
                ]
                yield page.pageid, SurveyedPage(page.revid, can_lack_links(page), tuple(links))
            for gone in pageids[start : start + _PAGES_AT_ONCE]:
                if gone not in pages:
                    yield gone, None

    def _named(self, changed: set[int], heads: Mapping[int, PageHead]) -> set[int]:
        """Return pages whose names may be others: the changed ones, and where changed redirects lead."""
        redirects = self._store.pages.redirects()
        ids = {head.title: head.pageid for head in heads.values()}
        targets = {redirects.get(heads[pageid].title) for pageid in changed}
        return changed | {ids[title] for title in targets if title in ids}

    def _write(self, survey: Survey) -> bool:
        try:
            self._file.write(_to_json(survey))
        except OSError as e:
            log.warning("which links could be made cannot be kept: %s", e)
            return False
        return True


def content_heads(store: Store, site: Site) -> list[PageHead]:
    """Return the pages that the wiki counts as content, redirects included, by pageid."""
    namespaces = [number for number, namespace in site.namespaces.items() if namespace.content]
    return store.pages.heads(namespaces=namespaces or [0])


def can_lack_links(page: Page) -> bool:
    """Whether a page is one that a reader would miss links on: no redirect, no list of pages of one name."""
    if page.redirect_target is not None or page.content_model != "wikitext":
        return False
    return not tells_apart(page.title, scan(page.wikitext))


def _to_json(survey: Survey) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "rules": survey.rules,
        "pages": {pageid: [page.revid, page.can_lack, page.links] for pageid, page in survey.pages.items()},
        "again": sorted(survey.again),
    }


def _from_json(kept: Any) -> Survey:
    """Return the survey that was kept; an empty one for what nobody wrote, or another version."""
    try:
        if kept["format"] != _FORMAT:
            return Survey()
        pages = {
            int(pageid): SurveyedPage(
                int(revid), bool(can_lack), tuple((int(target), float(score)) for target, score in links)
            )
            for pageid, (revid, can_lack, links) in kept["pages"].items()
        }
        return Survey(rules=str(kept["rules"]), pages=pages, again={int(pageid) for pageid in kept["again"]})
    except (TypeError, KeyError, ValueError, AttributeError):
        return Survey()
