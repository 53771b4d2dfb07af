"""Wikis whose links are known, from a folder of data that stays outside, and the same with links taken out.

A folder is one set, or holds sets in `wikis/*` and `practices/*`:

- `revisions.jsonl.xz`: a revision a row (`page`, `text`, `deleted`), of which each page's newest counts;
- `*.tar.xz` with Markdown files: a page each; a link to another file of the archive becomes a wiki link.
"""

import hashlib
import json
import lzma
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from connector.model import Namespace, Page, Site
from connector.store import Store
from connector.wikitext import parse

_NAMESPACES = {
    0: Namespace(id=0, name="", content=True),
    1: Namespace(id=1, name="Talk", canonical="Talk"),
    2: Namespace(id=2, name="User", canonical="User"),
    4: Namespace(id=4, name="Project", canonical="Project"),
    6: Namespace(id=6, name="File", canonical="File"),
    10: Namespace(id=10, name="Template", canonical="Template"),
    14: Namespace(id=14, name="Category", canonical="Category"),
}
_DAY = datetime(2020, 1, 1, tzinfo=UTC)
LINK = re.compile(r"\[\[(?P<target>[^\[\]|{}\n]+)(?:\|(?P<text>[^\[\]|{}\n]+))?\]\]")
_REDIRECT = re.compile(r"\s*#\s*redirect", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"(?<!!)\[([^\[\]]{1,200})\]\(\s*<?([^()\s>]{1,300})>?(?:\s+[^()]*)?\)")
_LANGUAGE_FOLDER = re.compile(r"(?:^|/)[a-z]{2}(?:-[a-z]+)?/")
_MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class KnownLink:
    """A link that was taken out of a page: where its words stand now, and where it led."""

    start: int
    end: int
    target: str


@dataclass(frozen=True, slots=True)
class StrippedPage:
    """A page without those of its links that a suggestion can bring back."""

    page: Page
    links: tuple[KnownLink, ...]

    @property
    def targets(self) -> frozenset[str]:
        """The titles that the links led to."""
        return frozenset(link.target for link in self.links)


@dataclass(frozen=True, slots=True)
class LinkedWiki:
    """A wiki whose links are known."""

    name: str
    site: Site
    pages: tuple[Page, ...]

    def store(self, file: Path, *, stripped: Mapping[int, StrippedPage]) -> Store:
        """Make a mirror of the wiki in which some pages (by pageid) have lost their links."""
        store = Store.open(file)
        store.site.put(self.site, source=self.name)
        store.pages.put_many(stripped[p.pageid].page if p.pageid in stripped else p for p in self.pages)
        return store

    def held_out(self, *, fold: int, folds: int, most: int | None = None) -> dict[int, StrippedPage]:
        """Return the pages of a fold that have links, without them, by pageid."""
        existing = {page.title: page for page in self.pages}
        found: dict[int, StrippedPage] = {}
        for page in self.pages:
            if page.redirect_target is None and fold_of(page.title, folds) == fold:
                if most is not None and len(found) >= most:
                    break
                stripped = self._stripped(page, existing)
                if stripped.links:
                    found[page.pageid] = stripped
        return found

    def _stripped(self, page: Page, existing: Mapping[str, Page]) -> StrippedPage:
        """Take out a page's links, but those that stand where none may be put back (templates, headings)."""
        kept: set[int] = set()
        while True:
            text, links = self._without_links(page, existing, kept)
            parsed = parse(text, site=self.site)
            inside = {
                offset
                for offset, link in links.items()
                if any(start < link.end and link.start < end for start, end in parsed.protected)
            }
            if not inside:
                # What is linked all the same (in a template, oddly written) can be offered by nobody.
                left = {landing(link.target, existing) for link in parsed.links}
                lost = tuple(link for link in links.values() if link.target not in left)
                return StrippedPage(replace(page, wikitext=text), lost)
            kept |= inside

    def _without_links(
        self, page: Page, existing: Mapping[str, Page], kept: set[int]
    ) -> tuple[str, dict[int, KnownLink]]:
        """Return the text without links, and by where they stood those that were taken out."""
        pieces: list[str] = []
        links: dict[int, KnownLink] = {}
        size = position = 0
        for link in sorted(parse(page.wikitext, site=self.site).links, key=lambda each: each.wikitext_offset):
            offset = link.wikitext_offset
            target = landing(link.target, existing)
            found = LINK.match(page.wikitext, offset)
            if found is None or target in (None, page.title) or offset in kept or offset < position:
                continue
            words = (found["text"] or found["target"]).strip()
            before = page.wikitext[position:offset]
            pieces += [before, words]
            start = size + len(before)
            size = start + len(words)
            position = found.end()
            links[offset] = KnownLink(start, size, str(target))
        pieces.append(page.wikitext[position:])
        return "".join(pieces), links


def read_linked_wikis(folders: Iterable[Path]) -> Iterator[LinkedWiki]:
    """Yield the sets of some folders."""
    for folder in folders:
        for each in [folder, *sorted(folder.glob("wikis/*")), *sorted(folder.glob("practices/*"))]:
            if (each / "revisions.jsonl.xz").exists():
                yield _wiki(each.name, _newest_texts(each / "revisions.jsonl.xz"))
            elif texts := _markdown_texts(each):
                yield _wiki(each.name, texts)


def fold_of(title: str, folds: int) -> int:
    """Return in which part a page is held out: by its title, so that it is the same everywhere."""
    return int(hashlib.sha256(title.encode()).hexdigest()[:8], 16) % folds


def landing(title: str, existing: Mapping[str, Page]) -> str | None:
    """Return the title of the page that a link leads to, through redirects, if there is one."""
    for _ in range(_MOST_REDIRECTS):
        page = existing.get(title)
        if page is None or page.redirect_target is None:
            return page.title if page else None
        title = page.redirect_target
    return None


def _wiki(name: str, texts: Mapping[str, str]) -> LinkedWiki:
    language = name[:2] if name[2:3] == "-" else "en"
    site = Site(name=name, language=language, server_url="http://wiki.invalid", namespaces=_NAMESPACES)
    pages = []
    for number, (title, text) in enumerate(sorted(texts.items()), 1):
        target = parse(text, site=site).redirect_target if _REDIRECT.match(text) else None
        pages.append(
            Page(
                pageid=number,
                namespace=0,
                title=title,
                revid=number,
                timestamp=_DAY,
                wikitext=text,
                redirect_target=target,
            )
        )
    return LinkedWiki(name, site, tuple(pages))


def _newest_texts(path: Path) -> dict[str, str]:
    newest: dict[str, tuple[int, str]] = {}
    with lzma.open(path, "rt", encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            title = row["page"][:1].upper() + row["page"][1:]
            if row["deleted"]:
                newest.pop(title, None)
            elif title not in newest or newest[title][0] < row["seq"]:
                newest[title] = (row["seq"], row["text"] or "")
    return {title: text for title, (_, text) in newest.items()}


def _markdown_texts(folder: Path) -> dict[str, str]:
    """Read Markdown files as wikitext by title; translations in folders of their own are left out."""
    sources: dict[str, str] = {}
    for path in sorted(folder.glob("*.tar.xz")):
        with tarfile.open(path) as archive:
            for member in archive:
                wanted = member.name.endswith(".md") and not _LANGUAGE_FOLDER.search(member.name)
                content = archive.extractfile(member) if wanted else None
                if content is not None:
                    sources.setdefault(Path(member.name).stem, content.read().decode("utf-8"))
    titles: dict[str, str] = {}
    for stem, source in sources.items():
        title = _title(source) or stem
        titles[stem] = title if title not in titles.values() else f"{title} ({stem})"
    return {titles[stem]: _wikitext(source, titles) for stem, source in sources.items()}


def _title(source: str) -> str:
    found = re.search(r"^title:\s*(.+)$|^## Title\s+(.+)$|^# +(.+)$", source, re.MULTILINE)
    words = re.sub(r"[\[\]{}|<>#_*\"`]+", " ", next(filter(None, found.groups()))) if found else ""
    # What precedes a colon would be taken for a namespace or another wiki.
    cleaned = " ".join(words.replace(":", " –").split()).strip("'")
    return cleaned[:1].upper() + cleaned[1:]


def _wikitext(source: str, titles: Mapping[str, str]) -> str:
    """Write Markdown as wikitext, as far as links and the places where they stand go."""
    matter, body = re.match(r"(?:---\n(.*?)\n---\n)?(.*)", source, re.DOTALL).groups()  # type: ignore[union-attr]
    # Practices keep their prose in the front matter, folded.
    prose = re.findall(
        r"^(?:subtitle|whatIs|whyDo|howTo):(?: *[>|][-+]?\d?$)?(.*?)(?=^\w+:|\Z)", matter or "", re.M | re.S
    )
    text = "\n\n".join(re.sub(r"\n +", "\n", each).strip(" \"'") for each in [*prose, body])
    text = re.sub(r"^## Title\s+.*$|^# .*$|!\[[^\]]*\]\([^)]*\)", "", text, count=0, flags=re.MULTILINE)
    text = re.sub(r"\{\{|\}\}|\[\[|\]\]|\{\||\|\}|\{:.*?\}", "", text)
    text = re.sub(r"^```.*?^```", lambda m: f"<pre>{m[0][3:-3]}</pre>", text, flags=re.MULTILINE | re.DOTALL)
    text = _MARKDOWN_LINK.sub(lambda m: _link(m, titles), text)
    text = re.sub(
        r"^(#{2,6}) +(.+?) *#*$", lambda m: f"{'=' * len(m[1])} {m[2]} {'=' * len(m[1])}", text, flags=re.M
    )
    text = re.sub(r"(\*\*|__)(\S.*?)\1", r"'''\2'''", text)
    return re.sub(r"^ *(?:[-*+]|\d+\.) +", "* ", text, flags=re.MULTILINE).strip()


def _link(found: re.Match[str], titles: Mapping[str, str]) -> str:
    words, address = " ".join(found[1].split()).replace("|", " "), found[2]
    path = address.partition("#")[0].partition("?")[0].removeprefix("section:").rstrip("/")
    stem = re.sub(r"\.(?:md|html)\Z", "", path.rpartition("/")[2])
    outside = re.match(r"\w+://", address) and "/practice/" not in address
    if stem in titles and not outside:
        return f"[[{titles[stem]}|{words}]]"
    return f"[{address} {words}]" if re.match(r"(?:https?|mailto):", address) else words
