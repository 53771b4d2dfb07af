"""Links that no word of the page leads to: those of its sections "See also", and those of other words.

They are what suggestions by words (`search.links`) cannot bring back. A section's items are taken out whole;
of another link the words stay, because they name something else than the page that it leads to.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from benchmarks.link_sets import LINK, LinkedWiki, StrippedPage, landing
from connector.model import Page, WikiLink
from connector.wikitext import heading_lines, parse
from search.link_anchors import AnchorTable, build_table, read_page
from search.link_candidates import find_candidates
from search.link_words import PhraseReader
from search.words import fold

_HEADING = re.compile(
    r"\b(?:see also|related|suggested|similar|voir aussi|lire aussi"
    r"|(?:pages?|articles?|pratiques?) (?:liee|connexe)s?)"
)


@dataclass(frozen=True, slots=True)
class HiddenLinks:
    """A page without its links that no word of it leads to, and where they led."""

    page: Page
    targets: frozenset[str]
    in_section: frozenset[str]
    """Those of them that stood in a section for related pages."""

    @property
    def stripped(self) -> StrippedPage:
        """The same for a mirror."""
        return StrippedPage(self.page, ())


def hidden_links(wiki: LinkedWiki) -> dict[int, HiddenLinks]:
    """Return the pages that have such links, by pageid."""
    existing = {page.title: page for page in wiki.pages}
    redirects = {page.title: page.redirect_target for page in wiki.pages if page.redirect_target}
    pages = [page for page in wiki.pages if page.redirect_target is None]
    reader = PhraseReader()
    facts = {page.pageid: read_page(page, reader) for page in pages}
    table = build_table(facts, site=wiki.site, redirects=redirects, reader=reader)
    found = {}
    for page in pages:
        hidden = _hidden(page, existing, table, reader) if table.links_from.get(page.pageid) else None
        if hidden is not None:
            found[page.pageid] = hidden
    return found


def _hidden(
    page: Page, existing: Mapping[str, Page], table: AnchorTable, reader: PhraseReader
) -> HiddenLinks | None:
    places: dict[str, list[bool]] = {}
    for target, _, in_section in _links(page, existing, table):
        places.setdefault(target, []).append(in_section)
    bare = _without(page, places.keys(), existing, table)
    named = {table.titles[each.target] for each in find_candidates(bare, table=table, reader=reader)}
    section = {target for target, inside in places.items() if all(inside)}
    wanted = section | (places.keys() - named)
    stripped = _without(page, wanted, existing, table)
    left = {landing(link.target, existing) for link in parse(stripped.wikitext, site=table.site).links}
    targets = frozenset(wanted - left)
    return HiddenLinks(stripped, targets, targets & section) if targets else None


def _links(
    page: Page, existing: Mapping[str, Page], table: AnchorTable
) -> Iterator[tuple[str, WikiLink, bool]]:
    """Yield the links to other pages in order: target, link, whether it stands in a section for them."""
    headings = heading_lines(page.wikitext)
    ends = [*(heading.start for heading in headings[1:]), len(page.wikitext)]
    spans = [
        (heading.start, end)
        for heading, end in zip(headings, ends, strict=False)
        if _HEADING.search(fold(heading.title.casefold()))
    ]
    for link in sorted(parse(page.wikitext, site=table.site).links, key=lambda each: each.wikitext_offset):
        target = landing(link.target, existing)
        if target is not None and target != page.title:
            yield target, link, any(start <= link.wikitext_offset < end for start, end in spans)


def _without(page: Page, targets: Collection[str], existing: Mapping[str, Page], table: AnchorTable) -> Page:
    text, pieces, position = page.wikitext, [], 0
    for target, link, in_section in _links(page, existing, table):
        found = LINK.match(text, link.wikitext_offset)
        if target not in targets or found is None or link.wikitext_offset < position:
            continue
        if in_section:
            start = max(position, text.rfind("\n", 0, link.wikitext_offset) + 1)
            end = text.find("\n", found.end())
            pieces.append(text[position:start])
            position = len(text) if end < 0 else end
        else:
            pieces += [text[position : link.wikitext_offset], (found["text"] or found["target"]).strip()]
            position = found.end()
    return replace(page, wikitext="".join([*pieces, text[position:]]))
