"""Suggested links: the links that an editor of the wiki would have made on a page.

Words and rules are those of "Add a link" (wikimedia research/mwaddlink, GrowthExperiments): a suggestion is a
text that stands on the page, a target that exists, and a place. What is offered is never a page that the page
links already, never the page itself, never a page that does not exist, and never twice; nor what editors of
the page have rejected twice.
"""

import hashlib
import json
import logging
import re
import threading
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from connector.model import Page, Site
from connector.no_links import no_links_titles
from connector.store import Store
from connector.store.kept_values import KeptValue
from connector.titles import link_target, split_title
from search.link_anchors import AnchorTable, PageFacts, build_table, present_keys, read_page
from search.link_candidates import Candidate, find_candidates
from search.link_model import DEFAULT
from search.link_training import KeptModel, train
from search.link_words import PhraseReader
from search.readable import Readable, first_readable, restriction

log = logging.getLogger(__name__)

_CONTEXT = 60
_LISTED = re.compile(r"^[ \t]*\*+(.+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Which links are suggested."""

    min_score: float = 0.5
    """A link that an editor makes less likely than this is not suggested, in 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSuggestion:
    """A link that could be made on a page."""

    link_text: str
    """The words that would become the link, as they stand in the wikitext."""
    link_target: str
    """Title of the page to link to."""
    wikitext_offset: int
    """Where `link_text` stands, in characters from the start of the wikitext."""
    match_index: int
    """How many times `link_text` stands in the wikitext before that place."""
    context_before: str
    """The wikitext before it, at most 60 characters."""
    context_after: str
    """The wikitext after it, at most 60 characters."""
    score: float
    """How likely an editor makes this link, in 0..1."""


def apply(wikitext: str, suggestion: LinkSuggestion, *, site: Site) -> str:
    """Return the wikitext with the link made, and nothing else changed.

    Args:
        wikitext: the text that the suggestion was made for.
        suggestion: the link to make.
        site: the wiki, for how titles begin and what its namespaces are.

    Raises:
        ValueError: the words no longer stand where the suggestion found them.
    """
    text, start = suggestion.link_text, suggestion.wikitext_offset
    end = start + len(text)
    if wikitext[start:end] != text:
        raise ValueError(f"“{text}” no longer stands at {start}")
    title = suggestion.link_target
    namespace = site.namespaces.get(split_title(title, site=site)[0])
    small = namespace is None or namespace.case == "first-letter"
    target = link_target(title, site=site)
    same = target == title and (text == title or (small and text[:1].upper() + text[1:] == title))
    link = f"[[{text}]]" if same else f"[[{target}|{text}]]"
    return wikitext[:start] + link + wikitext[end:]


class LinkSuggester:
    """Suggests links on the pages of a mirror. Safe to share between threads.

    What the wiki's own links teach is computed at the first question and kept in memory; when the mirror has
    changed, only the pages that changed are read again. How much each sign of a link counts is learnt apart
    (`train_if_due`) and kept in a file.

    Args:
        store: the mirror.
        settings: which links are suggested.
        model_file: where what is learnt is kept; None to learn nothing.
    """

    def __init__(
        self, *, store: Store, settings: LinkSettings, model_file: Path | KeptValue | None = None
    ) -> None:
        self._store = store
        self._settings = settings
        self._kept = None if model_file is None else KeptModel(model_file)
        self._reader = PhraseReader()
        self._lock = threading.Lock()
        self._training = threading.Lock()
        self._table: AnchorTable | None = None
        self._fingerprint: object = None

    def suggest(
        self, page: Page, *, top_k: int = 10, readable: Readable | None = None
    ) -> list[LinkSuggestion]:
        """Return the best links that could be made on a page, best first.

        Args:
            page: a page of the mirror, or a text that is being written (its `revid` is not the mirror's).
            top_k: at most so many.
            readable: what who asks may read: no link leads elsewhere. None: everything.
        """
        return next(found for _, found in self.suggest_each([page], top_k=top_k, readable=readable))

    def suggest_each(
        self, pages: Iterable[Page], *, top_k: int, readable: Readable | None = None
    ) -> Iterator[tuple[Page, list[LinkSuggestion]]]:
        """Yield pages with what `suggest` says of them, as the wiki is when the first one is asked for.

        A link that was rejected twice on a page is not suggested there any more.

        Args:
            pages: as of `suggest`.
            top_k: at most so many links for each.
            readable: as of `suggest`.
        """
        site = self._store.site.get()
        table = None if site is None else self._current_table(site)
        model = self._kept.model() if self._kept else DEFAULT
        for page in pages:
            if table is None or page.redirect_target is not None or page.content_model != "wikitext":
                yield page, []
                continue
            dropped = self._store.link_feedback.dropped(page.pageid)
            found = find_candidates(page, table=table, reader=self._reader)
            scored = [(model.score(each.features), each) for each in found if each.target not in dropped]
            likely = [each for each in scored if each[0] >= self._settings.min_score]
            if restriction(readable) is not None:  # before the longest win: what is hidden hides no other
                likely = _to_readable(likely, table, readable, enough=top_k)
            chosen = sorted(_longest_first(likely), key=lambda each: (-each[0], each[1].start))[:top_k]
            yield (
                page,
                [_suggestion(page.wikitext, candidate, table, score=score) for score, candidate in chosen],
            )

    def table(self) -> AnchorTable | None:
        """Return what the wiki's links and words teach, as the mirror is now; None before the first sync."""
        site = self._store.site.get()
        return None if site is None else self._current_table(site)

    def rules(self) -> str:
        """Return what changes when other links are suggested for the same texts.

        Another model, another least score, or another list of what is never offered make it another.
        """
        site = self._store.site.get()
        unwanted = [] if site is None else sorted(self._unwanted(site))
        model = self._kept.model() if self._kept else DEFAULT
        rules = json.dumps([self._settings.min_score, model.to_json(), unwanted])
        return hashlib.sha256(rules.encode()).hexdigest()[:24]

    def pages_that_name(self, pageids: Collection[int]) -> set[int]:
        """Return the pages with words that may lead to one of these: to a new one, by its new name.

        It takes a second for ten thousand pages.
        """
        site = self._store.site.get()
        table = None if site is None else self._current_table(site)
        if table is None or not pageids:
            return set()
        wanted = set(pageids)
        keys = {
            key
            for key, phrase in table.phrases.items()
            if not (wanted.isdisjoint(phrase.names) and wanted.isdisjoint(phrase.targets))
        }
        first_words = {key.partition(" ")[0] for key in keys}
        return {
            pageid
            for pageid, facts in table.facts.items()
            if not first_words.isdisjoint(facts.stems) and not keys.isdisjoint(present_keys(table, facts))
        }

    def train_if_due(self) -> bool:
        """Learn anew how the wiki links, when its links have changed by a tenth or nothing is learnt yet.

        So it does when editors have accepted or rejected twenty suggestions more, or a tenth.

        It takes some 15 ms for each page with links, a thousand pages at most; whoever asks meanwhile is
        answered by what was learnt before, which also stays when this is interrupted or fails.

        Returns:
            Whether it was learnt anew; not while another thread is at it.
        """
        site = self._store.site.get()
        if site is None or self._kept is None or not self._training.acquire(blocking=False):
            return False
        try:
            return self._train_if_due(site, self._kept)
        finally:
            self._training.release()

    def _train_if_due(self, site: Site, kept: KeptModel) -> bool:
        table = self._current_table(site)
        verdicts = self._store.link_feedback.count_verdicts()
        if not kept.is_due(table.link_count, verdicts=verdicts):
            return False
        try:
            feedback = self._store.link_feedback.all()
            model = train(self._pages(site), table=table, reader=self._reader, feedback=feedback)
            kept.keep(model, links=table.link_count, verdicts=verdicts)
        except OSError as e:
            log.warning("what links teach cannot be kept: %s", e)
            return False
        return True

    def _current_table(self, site: Site) -> AnchorTable:
        with self._lock:
            fingerprint = (site, self._store.pages.fingerprint(), self._store.no_links.get())
            if self._table is None or fingerprint != self._fingerprint:
                self._table = self._build(site)
                self._fingerprint = fingerprint
            return self._table

    def _build(self, site: Site) -> AnchorTable:
        before = self._table.facts if self._table else {}
        facts: dict[int, PageFacts] = {}
        for page in self._pages(site):
            known = before.get(page.pageid)
            if known is None or (known.revid, known.title) != (page.revid, page.title):
                known = read_page(page, self._reader)
            facts[page.pageid] = known
        return build_table(
            facts,
            site=site,
            redirects=self._store.pages.redirects(),
            reader=self._reader,
            unwanted=frozenset(self._unwanted(site)),
        )

    def _pages(self, site: Site) -> Iterator[Page]:
        namespaces = [number for number, namespace in site.namespaces.items() if namespace.content] or [0]
        return self._store.pages.iterate(namespaces=namespaces)

    def no_links_title(self, site: Site) -> str:
        """Return the title of the wiki's page that lists words which are never suggested.

        Of the two that may do so, the one there is; where there is none, the one where it would be made.
        """
        lists = self._no_links_lists(site)
        return next(iter([*lists, *no_links_titles(site)]))

    def _no_links_lists(self, site: Site) -> dict[str, str]:
        """Return the wikitext of the lists that there are, by title; the more binding one first."""
        copied = {each.title: each.wikitext for each in self._store.no_links.get()}
        lists = {}
        for title in no_links_titles(site):
            page = self._store.pages.by_title(title)
            text = copied.get(title) if page is None else page.wikitext
            if text is not None:
                lists[title] = text
        return lists

    def _unwanted(self, site: Site) -> Iterator[str]:
        """Yield the keys of the phrases that the wiki's own lists name, an item each: `* phrase`."""
        for wikitext in self._no_links_lists(site).values():
            for item in _LISTED.findall(wikitext):
                yield self._reader.key(item.strip("[]:'\"«» \t\r\u00a0").rpartition("|")[2])


def _to_readable(
    likely: list[tuple[float, Candidate]], table: AnchorTable, readable: Readable | None, *, enough: int
) -> list[tuple[float, Candidate]]:
    """Return the links that lead to pages that may be read, as far as the likeliest need be asked for."""
    targets = dict.fromkeys(each.target for _, each in sorted(likely, key=lambda each: -each[0]))
    # A long phrase may take the place of several: rather too many are asked for than too few.
    allowed = first_readable([table.head(target) for target in targets], readable, enough=4 * enough)
    return [each for each in likely if each[1].target in allowed]


def _longest_first(candidates: list[tuple[float, Candidate]]) -> Iterator[tuple[float, Candidate]]:
    """Yield candidates so that none lies across another: the longer phrase wins, then the better link."""
    ends: list[tuple[int, int]] = []
    for score, candidate in sorted(candidates, key=lambda each: (-each[1].words, -each[0], each[1].start)):
        index = bisect_right(ends, (candidate.start, candidate.end))
        after_ok = index == len(ends) or ends[index][0] >= candidate.end
        before_ok = index == 0 or ends[index - 1][1] <= candidate.start
        if after_ok and before_ok:
            ends.insert(index, (candidate.start, candidate.end))
            yield score, candidate


def _suggestion(wikitext: str, candidate: Candidate, table: AnchorTable, *, score: float) -> LinkSuggestion:
    text = wikitext[candidate.start : candidate.end]
    return LinkSuggestion(
        link_text=text,
        link_target=table.titles[candidate.target],
        wikitext_offset=candidate.start,
        match_index=_count_before(wikitext, text, candidate.start),
        context_before=wikitext[max(0, candidate.start - _CONTEXT) : candidate.start],
        context_after=wikitext[candidate.end : candidate.end + _CONTEXT],
        score=round(score, 3),
    )


def _count_before(wikitext: str, text: str, start: int) -> int:
    count = 0
    position = wikitext.find(text)
    while 0 <= position < start:
        count += 1
        position = wikitext.find(text, position + 1)
    return count
