"""Questions that a wiki answers by itself: its redirects, the words of links, headings, first sentences.

Somebody who knew the answer wrote each of them: whoever made a redirect, or put a link on some words, said
which page these words ask for. What is asked is drawn by a digest and not by its place, so that a wiki that
changed a little is asked nearly the same.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from connector.model import Page, Section, Site
from connector.progress import Progress
from connector.store import Store
from connector.titles import normalize_title, split_title
from connector.wikitext import parse
from search.language import Language, LanguageDetector
from search.link_scan import scan
from search.link_words import PhraseReader, is_ordinary
from search.sentences import sentence_spans

MAX_CHARACTERS = 200
"""No question is longer."""
_LEAST_SENTENCE_WORDS = 6
_MOST_SENTENCE_WORDS = 40
# Of a section whose first sentence is asked for, so much must be left to find.
_LEAST_WORDS_LEFT = 15
# A page in the exam has its wikitext parsed (5 ms); of a large wiki not all are.
_MOST_PAGES_PARSED = 2_000
_MAX_REDIRECTS = 3
# Of one page and kind: where a wiki is small, and never so many that little of the page is left.
_MOST_OF_PAGE = 3
_HEADING = re.compile(r"^(={1,6})([^\n]{1,300}?)\1[ \t]*$", re.MULTILINE)
_ADDRESS = re.compile(r"://|www\.|@")


class Kind(StrEnum):
    """Where a question was taken from."""

    REDIRECT = "redirect"
    """The title of a redirect."""
    LINK = "link"
    """The words of links that stand on other pages."""
    HEADING = "heading"
    """The heading of a section."""
    SENTENCE = "sentence"
    """The first sentence of a section."""
    MEMBER = "member"
    """What a member asked, who said which page helped (`search.feedback`)."""


WIKI_S_OWN: Final = (Kind.REDIRECT, Kind.LINK, Kind.HEADING, Kind.SENTENCE)
"""The kinds that `find_questions` finds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamQuestion:
    """A question and the page that answers it."""

    kind: Kind
    text: str
    language: Language
    """Of the question; of its page, where so few words do not tell."""
    pageid: int
    sources: tuple[int, ...] = ()
    """What must not help to answer it: redirects, pages with such links, or the page itself."""

    @property
    def digest(self) -> str:
        """Stands for the question where its words are not to be kept."""
        return hashlib.sha256(f"{self.kind}\n{self.pageid}\n{self.text}".encode()).hexdigest()[:24]


def find_questions(
    store: Store,
    *,
    languages: Mapping[int, Language],
    detector: LanguageDetector,
    most: int,
    seed: int,
    kinds: Collection[Kind] = WIKI_S_OWN,
    most_pages: int = _MOST_PAGES_PARSED,
    progress: Progress | None = None,
) -> list[ExamQuestion]:
    """Return at most `most` questions, of each kind as many where there are as many.

    Args:
        store: the mirror.
        languages: the pages that can be found, each with its language.
        detector: tells the language of a question.
        most: how many.
        seed: another one draws other questions.
        kinds: where they may come from.
        most_pages: of no more pages the text is parsed, for headings and sentences.
        progress: told how far the reading is.
    """
    site = store.site.get()
    if site is None:
        return []
    survey = _survey(store, site, languages, progress)
    drawn: dict[Kind, list[ExamQuestion]] = {}
    if Kind.REDIRECT in kinds:
        drawn[Kind.REDIRECT] = list(_redirects(survey))
    if Kind.LINK in kinds:
        drawn[Kind.LINK] = list(_links(survey))
    if kinds := {Kind.HEADING, Kind.SENTENCE} & set(kinds):
        drawn |= _from_sections(store, survey, kinds=kinds, most=most, most_pages=most_pages, seed=seed)
    return [
        ExamQuestion(
            kind=q.kind,
            text=q.text,
            language=detector.detect(q.text, fallback=q.language),
            pageid=q.pageid,
            sources=q.sources,
        )
        for q in _shared_out({kind: _drawn(found, seed) for kind, found in drawn.items()}, most)
    ]


def _shared_out(drawn: Mapping[Kind, Sequence[ExamQuestion]], most: int) -> list[ExamQuestion]:
    """Return as many of each kind; what one has not, the others may have."""
    chosen: list[ExamQuestion] = []
    left = most
    for number, kind in enumerate(sorted(drawn, key=lambda kind: (len(drawn[kind]), kind))):
        some = drawn[kind][: left // (len(drawn) - number)]
        chosen += some
        left -= len(some)
    return chosen


def _drawn(found: Sequence[ExamQuestion], seed: int) -> list[ExamQuestion]:
    """Return the questions in the order of the draw: first one of each page, then another of each."""
    asked: Counter[int] = Counter()
    order = []
    for question in sorted(found, key=lambda question: _lot(seed, question.digest)):
        asked[question.pageid] += 1
        if asked[question.pageid] <= _MOST_OF_PAGE:
            order.append((asked[question.pageid], question))
    return [question for _, question in sorted(order, key=lambda each: each[0])]


def _lot(seed: int, name: object) -> str:
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()


@dataclass(slots=True)
class _Survey:
    """What a quick look at all pages tells."""

    site: Site
    reader: PhraseReader
    languages: Mapping[int, Language]
    redirects: Mapping[str, str]
    pageids: dict[str, int]
    """Of titles, redirects included."""
    names: dict[str, set[int]] = field(default_factory=dict)
    """The pages that a title or redirect names, by its key."""
    headings: Counter[str] = field(default_factory=Counter)
    """On how many pages a heading stands, by its key."""
    anchors: dict[str, dict[int, set[int]]] = field(default_factory=dict)
    """By the key of a link's words: the pages they lead to, and from where."""
    words: dict[str, str] = field(default_factory=dict)
    """How somebody wrote them."""

    def resolve(self, title: str) -> int | None:
        """Return the page that can be found and that a title leads to."""
        for _ in range(_MAX_REDIRECTS):
            if title not in self.redirects:
                break
            title = self.redirects[title]
        # A page that has become a redirect stays in the index until it is brought in step.
        pageid = None if title in self.redirects else self.pageids.get(title)
        return pageid if pageid in self.languages else None


def _survey(
    store: Store, site: Site, languages: Mapping[int, Language], progress: Progress | None
) -> _Survey:
    survey = _Survey(
        site=site,
        reader=PhraseReader(),
        languages=languages,
        redirects=store.pages.redirects(),
        pageids=store.pages.titles(),
    )
    for title in survey.pageids:
        pageid = survey.resolve(title)
        if pageid is not None:
            survey.names.setdefault(survey.reader.key(_name(title, site)), set()).add(pageid)
    for done, pageid_and_text in enumerate(_texts(store, languages), start=1):
        _look_at(*pageid_and_text, survey=survey)
        if progress is not None:
            progress(done, len(languages), "questions")
    return survey


def _texts(store: Store, languages: Mapping[int, Language]) -> Iterator[tuple[int, str]]:
    for page in store.pages.iterate():
        if page.pageid in languages and page.content_model == "wikitext":
            yield page.pageid, page.wikitext


def _look_at(pageid: int, wikitext: str, *, survey: _Survey) -> None:
    keys = {survey.reader.key(found[2]) for found in _HEADING.finditer(wikitext)}
    survey.headings.update(keys)
    for raw, text in scan(wikitext).links:
        shown = " ".join(text.split())
        if is_ordinary(shown) or _ADDRESS.search(shown) or not 3 <= len(shown) <= MAX_CHARACTERS:
            continue
        key = survey.reader.key(shown)
        try:
            target = survey.resolve(normalize_title(raw.partition("#")[0], site=survey.site))
        except ValueError:
            continue
        if key and target is not None and target != pageid:
            survey.anchors.setdefault(key, {}).setdefault(target, set()).add(pageid)
            survey.words.setdefault(key, shown)


def _name(title: str, site: Site) -> str:
    try:
        return split_title(title, site=site)[1]
    except ValueError:
        return title


def _redirects(survey: _Survey) -> Iterator[ExamQuestion]:
    """Yield other names of pages; another spelling of the title asks nothing."""
    sources: dict[tuple[str, int], list[str]] = {}
    for title in survey.redirects:
        pageid = survey.resolve(title)
        name = _name(title, survey.site)
        if pageid is not None and not is_ordinary(name) and len(name) <= MAX_CHARACTERS:
            sources.setdefault((survey.reader.key(name) or name, pageid), []).append(title)
    titles = {survey.pageids[title]: title for title in survey.pageids if title not in survey.redirects}
    for (key, pageid), found in sources.items():
        if key == survey.reader.key(_name(titles[pageid], survey.site)):
            continue
        if survey.names.get(key, {pageid}) == {pageid}:
            yield ExamQuestion(
                kind=Kind.REDIRECT,
                text=_name(min(found), survey.site),
                language=survey.languages[pageid],
                pageid=pageid,
                sources=tuple(sorted(survey.pageids[title] for title in found)),
            )


def _links(survey: _Survey) -> Iterator[ExamQuestion]:
    """Yield words that lead to one page only, and that are no name of any."""
    for key, targets in survey.anchors.items():
        if key in survey.names or len(targets) > 1:
            continue
        [(pageid, sources)] = targets.items()
        # One word that one page links once ("here", "see") says too little of where it leads.
        if " " in key or len(sources) > 1:
            yield ExamQuestion(
                kind=Kind.LINK,
                text=survey.words[key],
                language=survey.languages[pageid],
                pageid=pageid,
                sources=tuple(sorted(sources)),
            )


def _from_sections(
    store: Store,
    survey: _Survey,
    *,
    kinds: Collection[Kind],
    most: int,
    most_pages: int,
    seed: int,
) -> dict[Kind, list[ExamQuestion]]:
    found: dict[Kind, list[ExamQuestion]] = {kind: [] for kind in kinds}
    sentences: Counter[str] = Counter()
    pageids = sorted(survey.languages, key=lambda pageid: _lot(seed, pageid))[:most_pages]
    for pageid in pageids:
        if all(len(questions) >= most for questions in found.values()):
            break
        page = store.pages.get(pageid)
        if page is None or page.content_model != "wikitext":
            continue
        for question in section_questions(page, survey.site, survey.languages[pageid]):
            key = survey.reader.key(question.text)
            if question.kind is Kind.SENTENCE:
                sentences[question.text.casefold()] += 1
            elif survey.headings[key] > 1 or key in survey.names or " " not in key:
                continue  # "Solution", "Tools": it stands on many pages, or is the title of another
            if question.kind in found:
                found[question.kind].append(question)
    if Kind.SENTENCE in found:  # what stands on two pages says nothing of one
        found[Kind.SENTENCE] = [q for q in found[Kind.SENTENCE] if sentences[q.text.casefold()] == 1]
    return found


def section_questions(page: Page, site: Site, language: Language) -> Iterator[ExamQuestion]:
    """Yield what the sections of a page ask: their headings, and the first sentences of others.

    No section is asked twice: without its heading and its first sentence too little of it would be left.
    """
    for number, section in enumerate(parse(page.wikitext, site=site).sections):
        sentence = first_sentence(section)
        heading = section.heading.strip()
        wants_heading = heading and not is_ordinary(heading) and len(heading) <= MAX_CHARACTERS
        if sentence is not None and (number % 2 == 0 or not wants_heading):
            kind, text = Kind.SENTENCE, sentence
        elif wants_heading and section.text.strip():
            kind, text = Kind.HEADING, heading
        else:
            continue
        yield ExamQuestion(
            kind=kind, text=text, language=language, pageid=page.pageid, sources=(page.pageid,)
        )


def first_sentence(section: Section) -> str | None:
    """Return the first sentence of a section, if it is one and enough is left without it."""
    start, end = next(sentence_spans(section.text), (0, 0))
    sentence = section.text[start:end]
    words = sentence.split()
    if not _LEAST_SENTENCE_WORDS <= len(words) <= _MOST_SENTENCE_WORDS or len(sentence) > MAX_CHARACTERS:
        return None
    if sentence.startswith(("- ", "# ")) or sentence.endswith(":") or " | " in sentence:
        return None  # a list item, what announces one, or a row of a table
    if _ADDRESS.search(sentence):
        return None
    left = len(section.text[end:].split())
    return sentence if left >= _LEAST_WORDS_LEFT and not is_ordinary(sentence) else None
