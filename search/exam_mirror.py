"""A copy of the mirror that does not hold what an exam asks: redirects, headings, sentences, words of links.

The copy is indexed as the mirror is, so nothing that the index learns from a page can help to answer what was
taken from it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connector.model import Page, Section, Site
from connector.progress import Progress
from connector.store import Store
from connector.wikitext import parse
from search.exam_questions import ExamQuestion, Kind
from search.link_words import PhraseReader

NO_HEADING = "…"
"""Stands in the place of a heading that is asked for: the section stays one."""
_PAGES_AT_ONCE = 200
_HEADING_LINE = re.compile(r"(={1,6})[^\n]*?(={1,6})[ \t]*(?=\n|\Z)")
# What may stand between two words in wikitext that are side by side on the page. Each alternative begins with
# another character, so the search does not try the same text in many ways.
_MARKUP = r"'|\]\]|\[\[(?:[^\[\]|\n]{0,200}\|)?|</?[a-z]{1,12}>"
_BETWEEN_WORDS = rf"(?:\s|&nbsp;|{_MARKUP}){{1,12}}"
_AROUND_SENTENCE = rf"(?:{_MARKUP}){{0,6}}"


def copy_without(
    store: Store,
    into: Store,
    questions: Sequence[ExamQuestion],
    *,
    rendered: bool = False,
    progress: Progress | None = None,
) -> list[ExamQuestion]:
    """Fill an empty store with the mirror's pages, without what is asked.

    Args:
        store: the mirror; stays as it is.
        into: an empty store.
        questions: what is asked.
        rendered: whether pages are read as the wiki renders them: then renderings are copied too.
        progress: told how many pages are copied.

    Returns:
        The questions that may be asked: a sentence that markup runs through, say, cannot be taken out.
    """
    site = store.site.get()
    if site is None:
        return []
    into.site.put(site, source=store.site.source() or "")
    left_out = {pageid for q in questions if q.kind is Kind.REDIRECT for pageid in q.sources}
    edits: dict[int, list[ExamQuestion]] = {}
    for question in questions:
        if question.kind is not Kind.REDIRECT:
            for pageid in question.sources:
                edits.setdefault(pageid, []).append(question)
    editor = _Editor(site)
    pages = store.pages.count()
    batch: list[Page] = []
    for done, page in enumerate(store.pages.iterate(redirects=True), start=1):
        if page.pageid not in left_out:
            batch.append(editor.edit(page, edits.get(page.pageid, ())))
        if len(batch) >= _PAGES_AT_ONCE:
            _keep(store, into, batch, edits if rendered else None)
            batch = []
            if progress is not None:
                progress(done, pages, "held out")
    _keep(store, into, batch, edits if rendered else None)
    return [question for question in questions if question not in editor.refused]


def _keep(
    store: Store, into: Store, pages: Sequence[Page], edits: Mapping[int, Sequence[ExamQuestion]] | None
) -> None:
    into.pages.put_many(pages)
    into.links.put_many(store.links.get_many([page.pageid for page in pages]).values())
    if edits is None:
        return
    for page in pages:
        rendering = store.renderings.get(page.pageid)
        if rendering is not None:
            into.renderings.put(
                page.pageid,
                revid=rendering.revid,
                touched=rendering.touched,
                sections=_without_in_sections(rendering.sections, edits.get(page.pageid, ())),
            )


def _without_in_sections(sections: Sequence[Section], asked: Sequence[ExamQuestion]) -> list[Section]:
    headings = {question.text for question in asked if question.kind is Kind.HEADING}
    # A rendering has spaces that do not break, and lines, where the wikitext has others.
    sentences = [
        re.compile(r"\s+".join(map(re.escape, question.text.split())))
        for question in asked
        if question.kind is Kind.SENTENCE
    ]
    changed = []
    for section in sections:
        text = section.text
        for sentence in sentences:
            text = sentence.sub("", text)
        hidden = section.heading in headings
        changed.append(
            replace(
                section,
                text=text.strip(),
                heading=NO_HEADING if hidden else section.heading,
                anchor=NO_HEADING if hidden else section.anchor,
                path=tuple(NO_HEADING if heading in headings else heading for heading in section.path),
            )
        )
    return changed


class _Editor:
    """Takes out of pages what is asked, and remembers what could not be taken out."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._reader = PhraseReader()
        self.refused: set[ExamQuestion] = set()

    def edit(self, page: Page, asked: Sequence[ExamQuestion]) -> Page:
        wikitext = page.wikitext
        for question in asked:
            if question.kind is Kind.LINK:
                wikitext = self._without_links(wikitext, question.text)
                continue
            if question.kind is Kind.HEADING:
                changed = without_heading(wikitext, question.text, site=self._site)
            else:
                changed = without_sentence(wikitext, question.text, site=self._site)
            if changed is None:
                self.refused.add(question)
            else:
                wikitext = changed
        return page if wikitext == page.wikitext else replace(page, wikitext=wikitext)

    def _without_links(self, wikitext: str, words: str) -> str:
        """Leave the words where they stand, without the link that says what they mean."""
        key = self._reader.key(words)
        for link in reversed(parse(wikitext, site=self._site).links):
            start = link.wikitext_offset
            if self._reader.key(link.link_text) == key:
                wikitext = wikitext[:start] + link.link_text + wikitext[start + link.length :]
        return wikitext


def without_heading(wikitext: str, heading: str, *, site: Site) -> str | None:
    """Return a page's text with another heading in the place of this one; None when it cannot be found."""
    changed = wikitext
    for section in reversed(parse(wikitext, site=site).sections):
        if section.heading.strip() != heading:
            continue
        found = _HEADING_LINE.match(changed, section.wikitext_offset)
        if found is None:
            return None
        line = f"{found[1]} {NO_HEADING} {found[2]}"
        changed = changed[: found.start()] + line + changed[found.end() :]
    still = any(heading in section.path for section in parse(changed, site=site).sections)
    return None if changed == wikitext or still else changed


def without_sentence(wikitext: str, sentence: str, *, site: Site) -> str | None:
    """Return a page's text without a sentence of it; None when it cannot be taken out whole."""
    words = _BETWEEN_WORDS.join(map(re.escape, sentence.split()))
    found = re.search(_AROUND_SENTENCE + words + _AROUND_SENTENCE, wikitext)
    if found is None:
        return None
    changed = wikitext[: found.start()] + wikitext[found.end() :]
    before, after = parse(wikitext, site=site).text, parse(changed, site=site).text
    # Nothing but the sentence went: markup that was cut in two would have taken more with it, or shown up.
    gone = len(before.split()) - len(after.split())
    if sentence in after or abs(gone - len(sentence.split())) > 1:
        return None
    return changed
