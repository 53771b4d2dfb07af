"""A local MediaWiki full of real pages, for measuring: read from a folder of data that stays outside.

The folder may hold:

- `wikis/*/revisions.jsonl.xz`: a revision a row (`page`, `timestamp`, `user`, `summary`, `text`, `deleted`);
- `wikis/*/*.bz2`: XML exports, of which the newest revision of each page is taken;
- `practices/*/*.tar.xz`: texts, a page each;
- `retrieval/*/filtered_*.json.xz`: articles in paragraphs, a page each.

The wiki is a throw-away of the tests (`tests.mediawiki.LocalWiki`), filled by MediaWiki's own importDump.php.
"""

import base64
import bz2
import json
import lzma
import secrets
import sqlite3
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml import ElementTree

from tests.mediawiki import LocalWiki
from tests.mediawiki_api import Account

# importDump.php is given this much at a time: its standard input is kept in memory.
_IMPORT_CHARACTERS = 30_000_000
_CONTENT = "0"
_AUTHOR = "Data of the folder"
_DAY = "2020-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class SourceRevision:
    """One saved text, with who saved it and when ("2011-11-01T16:53:14Z")."""

    timestamp: str
    user: str
    comment: str
    text: str


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page to be, with its history, oldest first and never empty."""

    title: str
    revisions: tuple[SourceRevision, ...]


def read_source_pages(folder: Path, *, revisions: int) -> Iterator[SourcePage]:
    """Yield the folder's pages, each title once, with at most so many newest `revisions`."""
    seen: set[str] = set()
    for page in _read_all(folder, revisions):
        # MediaWiki makes the first letter a capital one.
        title = page.title[:1].upper() + page.title[1:]
        if title not in seen:
            seen.add(title)
            yield SourcePage(title, page.revisions)


def build_real_wiki(folder: Path, pages: Sequence[SourcePage], *, language: str = "en") -> LocalWiki:
    """Install a wiki in an absent folder, start it and fill it with pages.

    Raises:
        LocalWikiError: MediaWiki is missing here, or its scripts fail.
    """
    wiki = LocalWiki.build(folder, language=language)
    fill_wiki(wiki, pages)
    return wiki


def fill_wiki(wiki: LocalWiki, pages: Sequence[SourcePage]) -> None:
    """Import pages into a wiki, with accounts for their authors.

    Older revisions are imported without the links of their texts, the newest ones with them: parsing is what
    importing costs, and only the newest revision's links are kept.
    """
    _create_accounts(wiki, sorted({r.user for page in pages for r in page.revisions}))
    older = [SourcePage(page.title, page.revisions[:-1]) for page in pages if len(page.revisions) > 1]
    newest = [SourcePage(page.title, page.revisions[-1:]) for page in pages]
    for export in _exports(older):
        wiki.run_maintenance("importDump.php", "--no-updates", input=export)
    _analyze(wiki)
    for export in _exports(newest):
        wiki.run_maintenance("importDump.php", input=export)
    wiki.run_maintenance("runJobs.php")
    wiki.run_maintenance("initSiteStats.php", "--update")
    _analyze(wiki)


def open_real_wiki(folder: Path, *, language: str = "en") -> LocalWiki:
    """Start a wiki that `build_real_wiki` has made, and that was stopped."""
    opcodes = folder.with_name(f"{folder.name}.opcodes")
    # Its password is not known any more: it gets a new one.
    admin = Account("Admin", secrets.token_hex(16))
    wiki = LocalWiki(folder, language=language, admin=admin, opcode_cache=opcodes)
    wiki.start()
    wiki.create_user(admin.name, groups=("sysop", "bureaucrat"))
    return wiki


def _analyze(wiki: LocalWiki) -> None:
    """Tell SQLite how full its tables are: believing them empty, it takes half a minute for 50 pages."""
    with closing(sqlite3.connect(wiki.folder / "data" / "wiki.sqlite")) as connection:
        connection.execute("ANALYZE")
        connection.commit()


def _read_all(folder: Path, revisions: int) -> Iterator[SourcePage]:
    for path in sorted(folder.glob("wikis/*/revisions.jsonl.xz")):
        yield from _read_histories(path, revisions)
    for path in sorted(folder.glob("wikis/*/*.bz2")):
        yield from _read_export(path)
    for path in sorted(folder.glob("practices/*/*.tar.xz")):
        yield from _read_texts(path)
    for path in sorted(folder.glob("retrieval/*/filtered_*.json.xz")):
        yield from _read_articles(path)


def _read_histories(path: Path, limit: int) -> Iterator[SourcePage]:
    histories: dict[str, list[SourceRevision]] = {}
    with lzma.open(path, "rt", encoding="utf-8") as rows:
        for line in rows:
            row: dict[str, Any] = json.loads(line)
            if row["deleted"]:
                histories.pop(row["page"], None)  # what comes after is a new page
                continue
            moment = row["timestamp"].replace("+00:00", "Z")
            history = histories.setdefault(row["page"], [])
            history.append(SourceRevision(moment, row["user"], row["summary"], row["text"]))
            del history[:-limit]
    for title, history in histories.items():
        yield SourcePage(title, tuple(sorted(history, key=lambda revision: revision.timestamp)))


def _read_export(path: Path) -> Iterator[SourcePage]:
    with bz2.open(path) as file:
        root = ElementTree.fromstring(file.read())
    for page in root.iter():
        if page.tag.endswith("}page") and _find(page, "ns") == _CONTENT:
            comment, user = _find(page, "comment"), _find(page, "username") or _AUTHOR
            yield SourcePage(
                _find(page, "title"),
                (SourceRevision(_find(page, "timestamp"), user, comment, _find(page, "text")),),
            )


def _find(element: Element, name: str) -> str:
    """Return the text of the last descendant of this name, whatever its namespace; "" without any."""
    found = [child.text or "" for child in element.iter() if child.tag.endswith(f"}}{name}")]
    return found[-1] if found else ""


def _read_texts(path: Path) -> Iterator[SourcePage]:
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".md") else None
            if content is not None:
                # Folders tell files of one name apart.
                name = f"{path.parent.name}/{member.name.removesuffix('.md')}"
                yield _one_revision(name, content.read().decode("utf-8"))


def _read_articles(path: Path) -> Iterator[SourcePage]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    for article in articles:
        texts = [paragraph["context"] for paragraph in article["paragraphs"]]
        yield _one_revision(f"{path.parent.name}/{article['title']}", "\n\n".join(texts))


def _one_revision(title: str, text: str) -> SourcePage:
    return SourcePage(title, (SourceRevision(_DAY, _AUTHOR, "", text),))


def _create_accounts(wiki: LocalWiki, names: Sequence[str]) -> None:
    """Create the authors' accounts: without, MediaWiki writes "imported>Name"."""
    # A line each, since eval.php cuts lines at 1,024 characters; in base64 no letter means anything to PHP.
    encoded = (base64.b64encode(name.encode()).decode() for name in names)
    lines = (f"User::createNew( base64_decode( '{name}' ) );" for name in encoded)
    wiki.run_maintenance("eval.php", input="\n".join(lines))


def _exports(pages: Sequence[SourcePage]) -> Iterator[str]:
    """Write pages as XML exports of a bearable size."""
    parts: list[str] = []
    size = 0
    for page in pages:
        parts.append(_page_xml(page))
        size += len(parts[-1])
        if size > _IMPORT_CHARACTERS:
            yield _export_xml(parts)
            parts, size = [], 0
    if parts:
        yield _export_xml(parts)


def _export_xml(pages: Sequence[str]) -> str:
    opening = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">'
    return "\n".join([opening, *pages, "</mediawiki>"])


def _page_xml(page: SourcePage) -> str:
    revisions = "".join(
        f"<revision><timestamp>{revision.timestamp}</timestamp>"
        f"<contributor><username>{_xml(revision.user)}</username></contributor>"
        f"<comment>{_xml(revision.comment)}</comment>"
        "<model>wikitext</model><format>text/x-wiki</format>"
        f'<text xml:space="preserve">{_xml(revision.text)}</text></revision>'
        for revision in page.revisions
    )
    return f"<page><title>{_xml(page.title)}</title>{revisions}</page>"


def _xml(text: str) -> str:
    """Escape for XML, without the control characters that XML does not know at all."""
    return escape("".join(c for c in text if c >= " " or c in "\t\n\r"))
