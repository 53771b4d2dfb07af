"""Every link that could be made on a page, with what is known of it."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from connector.model import Page
from connector.wikitext import ParsedPage, parse
from search.link_anchors import (
    ANCHOR,
    REDIRECT,
    SHORT,
    TITLE,
    AnchorTable,
    PageFacts,
    Phrase,
    present_keys,
    read_page,
    resolve_link,
)
from search.link_scoring import LinkFeatures, score
from search.link_words import PhraseReader, is_ordinary, is_stuck, phrases

_LINE = 500
_MARKUP = " \t*#:;|!'\"«»-–"
_MID_SENTENCE = ",;)»’'"
_ENDS_ITEM = re.compile(r"[ \t'\"»]*(?:$|\|\||!!|[.:;,]?[ \t]*$)", re.MULTILINE)
_TITLE_FEATURE = {TITLE: 1.0, REDIRECT: 0.8, SHORT: 0.5, ANCHOR: 0.0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that could be made."""

    start: int
    end: int
    words: int
    target: int
    features: LinkFeatures
    score: float


@dataclass(frozen=True, slots=True)
class _Match:
    """A known phrase where it stands on the page."""

    phrase: Phrase
    key: str
    start: int
    end: int
    words: int
    text: str
    in_sentence: bool
    """Whether a word stands before it on its line."""
    alone: bool
    """Whether nothing else stands on its line, or in its list item or table cell."""


def find_candidates(page: Page, *, table: AnchorTable, reader: PhraseReader) -> list[Candidate]:
    """Return the links that could be made on a page, good or bad: for each place and phrase the best target.

    A place where no link may stand gives none, nor a target that is the page itself or linked already.
    """
    parsed = parse(page.wikitext, site=table.site)
    facts = table.facts.get(page.pageid)
    own = facts if facts is not None and facts.revid == page.revid else None
    chooser = _TargetChooser(
        table=table,
        taken=_taken(page, parsed, table),
        vector=table.weighted((own or read_page(page, reader)).terms),
        own=None if own is None else _Own(own, table, page.pageid),
    )
    found = [chooser.best(match) for match in _matches(page.wikitext, parsed, table, reader)]
    return [candidate for candidate in found if candidate is not None]


def _matches(wikitext: str, parsed: ParsedPage, table: AnchorTable, reader: PhraseReader) -> Iterator[_Match]:
    """Yield the known phrases that stand where a link may be put."""
    starts = [start for start, _ in parsed.protected]
    tokens = reader.tokens(wikitext)
    for first, last, key in phrases(tokens, table.lengths):
        phrase = table.phrases.get(key)
        start, end = tokens[first].start, tokens[last].end
        if phrase is None or is_stuck(wikitext, start, end) or is_ordinary(wikitext[start:end]):
            continue
        before = bisect_right(starts, end - 1) - 1
        if before >= 0 and parsed.protected[before][1] > start:
            continue
        line_before = wikitext[wikitext.rfind("\n", max(0, start - _LINE), start) + 1 : start].strip()
        yield _Match(
            phrase=phrase,
            key=key,
            start=start,
            end=end,
            words=last - first + 1,
            text=wikitext[start:end],
            in_sentence=line_before[-1:].isalnum() or line_before[-1:] in _MID_SENTENCE,
            alone=not line_before.strip(_MARKUP) and _ENDS_ITEM.match(wikitext, end) is not None,
        )


class _Own:
    """What a page itself contributes to the table, to be left out when its own links are judged."""

    def __init__(self, facts: PageFacts, table: AnchorTable, pageid: int) -> None:
        self.present = present_keys(table, facts)
        self.linked: dict[str, set[int]] = {}
        for raw, key in facts.links:
            target = resolve_link(table, raw)
            if key and target is not None and target != pageid:
                self.linked.setdefault(key, set()).add(target)


class _TargetChooser:
    """Chooses the target of each phrase on one page."""

    def __init__(
        self, *, table: AnchorTable, taken: set[int], vector: dict[str, float], own: _Own | None
    ) -> None:
        self._table = table
        self._taken = taken
        self._vector = vector
        self._own = own
        self._likeness: dict[int, float] = {}

    def best(self, match: _Match) -> Candidate | None:
        """Return the most likely link from a phrase at one place, if any."""
        found = None
        for target in match.phrase.names.keys() | match.phrase.targets.keys():
            if target not in self._taken:
                features = self._features(match, target)
                candidate = Candidate(match.start, match.end, match.words, target, features, score(features))
                if found is None or (candidate.score, -target) > (found.score, -found.target):
                    found = candidate
        return found

    def _features(self, match: _Match, target: int) -> LinkFeatures:
        table, phrase = self._table, match.phrase
        own_targets = self._own.linked.get(match.key, set()) if self._own else set()
        pages = phrase.pages - (1 if self._own and match.key in self._own.present else 0)
        linked = phrase.linked - (1 if own_targets else 0)
        to_target = phrase.targets.get(target, 0) - (1 if target in own_targets else 0)
        kind, name = phrase.names.get(target, (ANCHOR, ""))
        if target not in self._likeness:
            self._likeness[target] = table.likeness(self._vector, target)
        capital = match.text[:1].isupper() and match.in_sentence
        return LinkFeatures(
            link_probability=to_target / (pages + 1),
            commonness=(to_target + (0.5 if kind else 0.0)) / (linked + 1),
            linked=math.log1p(to_target),
            title=_TITLE_FEATURE[kind],
            exact=_exactness(match.text, name),
            words=math.log(match.words),
            capital=1.0 if capital or any(w[:1].isupper() for w in match.text.split()[1:]) else 0.0,
            alone=1.0 if match.alone else 0.0,
            frequency=pages / max(1, table.page_count),
            inlinks=math.log1p(table.inlinks[target]),
            likeness=self._likeness[target],
        )


def _taken(page: Page, parsed: ParsedPage, table: AnchorTable) -> set[int]:
    """Return the pages that may not be offered: the page itself, and what it links already."""
    found = {table.resolve(link.target) for link in parsed.links}
    return {target for target in found if target is not None} | {page.pageid}


def _exactness(text: str, name: str) -> float:
    if text[1:] == name[1:] and text[:1].upper() == name[:1].upper():
        return 1.0
    return 0.5 if text.casefold() == name.casefold() else 0.0
