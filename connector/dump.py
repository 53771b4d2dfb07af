"""DumpWiki: a MediaWiki XML export, read as a wiki.

The format is the one of Special:Export and dumpBackup.php, schema 0.10 or 0.11, plain or compressed. The file
is streamed: memory grows with the number of pages, by some hundred bytes each, and not with their texts or
histories. It is read to its end before anything is given, so a file that is cut short gives nothing.
"""

import bz2
import gzip
import hashlib
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from connector.errors import DumpError
from connector.export import WIKITEXT, ExportItem, NotAnExportError, read_export
from connector.model import LoggedEvent, Page, PageHead, PageLinks, Revision, Site, TextHash
from connector.titles import normalize_title, split_title
from connector.wikitext import parse


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the first reading keeps of a page: its newest revision, without the text."""

    head: PageHead
    timestamp: datetime
    readable: bool

    @property
    def age(self) -> tuple[datetime, int]:
        return self.timestamp, self.head.revid


@dataclass(frozen=True, slots=True)
class _Index:
    """What the first reading found."""

    site: Site
    entries: dict[int, _Entry]
    scattered: frozenset[int]
    """Pages that stand in several places of the file (exports put together)."""


class DumpWiki:
    """An export file as a `Wiki`.

    Args:
        path: the file; gzip and bzip2 are recognized by their first bytes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index: _Index | None = None
        self._stamp: tuple[int, int] | None = None

    @property
    def source(self) -> str:
        """See `Wiki.source`."""
        return str(self._path)

    def site(self) -> Site:
        """See `Wiki.site`."""
        return self._read_index().site

    def now(self) -> datetime:
        """See `Wiki.now`."""
        return max(entry.timestamp for entry in self._read_index().entries.values())

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        """See `Wiki.heads`."""
        wanted = frozenset(namespaces)
        heads = (entry.head for entry in self._read_index().entries.values())
        return (head for head in heads if head.namespace in wanted)

    def contents(self, *, namespaces: Sequence[int]) -> Iterator[tuple[PageHead, Page | None]]:
        """See `Wiki.contents`. The file is read once."""
        waiting = {head.pageid: head for head in self.heads(namespaces=namespaces)}
        for page in self.pages(list(waiting)):
            yield waiting.pop(page.pageid), page
        for head in waiting.values():
            yield head, None

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        """See `Wiki.existing`."""
        entries = self._read_index().entries
        return {pageid: entries[pageid].head for pageid in pageids if pageid in entries}

    def titled(self, titles: Sequence[str]) -> dict[str, PageHead]:
        """See `Wiki.titled`."""
        entries = self._read_index().entries.values()
        return {
            entry.head.title: entry.head for entry in entries if entry.readable and entry.head.title in titles
        }

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        """See `Wiki.pages`. The file is read once."""
        entries = self._read_index().entries
        waiting = {i: entries[i].head for i in pageids if i in entries and entries[i].readable}
        for item in self._read_items(waiting):
            head = waiting.get(item.page.pageid)
            if head is None or item.revision.revid != head.revid or item.text is None:
                continue
            del waiting[head.pageid]
            yield Page(
                pageid=head.pageid,
                namespace=head.namespace,
                title=head.title,
                revid=head.revid,
                timestamp=item.revision.timestamp,
                wikitext=item.text,
                redirect_target=item.redirect_target,
                content_model=item.model,
            )

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        """See `Wiki.revisions`. The file is read once."""
        index = self._read_index()
        wanted = frozenset(pageids) & index.entries.keys()
        scattered: defaultdict[int, dict[int, Revision]] = defaultdict(dict)
        for item in self._read_items(wanted):
            if item.page.pageid not in wanted:
                continue
            if item.page.pageid in index.scattered:
                scattered[item.page.pageid][item.revision.revid] = item.revision
            else:
                yield item.revision
        for revisions in scattered.values():
            yield from revisions.values()

    def all_revisions(
        self, *, namespaces: Sequence[int], since: datetime | None = None
    ) -> Iterator[Revision]:
        """See `Wiki.all_revisions`. The file is read once."""
        wanted = frozenset(namespaces)
        chosen = [i for i, entry in self._read_index().entries.items() if entry.head.namespace in wanted]
        return (r for r in self.revisions(chosen) if since is None or r.timestamp >= since)

    def changes(self, *, namespaces: Sequence[int], since: datetime) -> Iterator[Revision | LoggedEvent]:
        """See `Wiki.changes`. The file is read once; what it holds since then is kept in memory for that."""
        revisions = self.all_revisions(namespaces=namespaces, since=since)
        yield from sorted(revisions, key=lambda revision: (revision.timestamp, revision.revid))

    def page_links(self, pageids: Sequence[int]) -> Iterator[PageLinks]:
        """See `Wiki.page_links`. The file is read once; what templates bring, it does not say."""
        site = self.site()
        for page in self.pages(pageids):
            yield links_of(page, site=site)

    def text_hashes(self, pageids: Sequence[int]) -> dict[int, TextHash]:
        """See `Wiki.text_hashes`. The file is read once; the checksums are those of its texts."""
        return {
            page.pageid: TextHash(
                pageid=page.pageid,
                revid=page.revid,
                sha1=hashlib.sha1(page.wikitext.encode(), usedforsecurity=False).hexdigest(),
            )
            for page in self.pages(pageids)
        }

    def _read_items(self, wanted: Collection[int]) -> Iterator[ExportItem]:
        """Read the file again, unless there is nothing to look for."""
        if not wanted:
            return
        with self._errors():
            for found in read_export(self._open()):
                if isinstance(found, ExportItem):
                    yield found

    def _read_index(self) -> _Index:
        """Read the whole file once: what is in it, and that it is whole."""
        if self._index is None:
            with self._errors():
                self._index = _make_index(read_export(self._open()))
        return self._index

    def _open(self) -> BinaryIO:
        status = self._path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        if self._stamp not in (None, stamp):
            raise DumpError(f"{self._path} has changed while it was read")
        self._stamp = stamp
        with self._path.open("rb") as stream:
            magic = stream.read(3)
        if magic == b"BZh":
            return cast(BinaryIO, bz2.open(self._path, "rb"))
        if magic[:2] == b"\x1f\x8b":
            return cast(BinaryIO, gzip.open(self._path, "rb"))
        return self._path.open("rb")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say what is wrong with the file in one line."""
        try:
            yield
        except NotAnExportError as e:
            raise DumpError(f"{self._path} is no MediaWiki XML export{e}") from e
        except EOFError as e:
            raise DumpError(f"{self._path} is cut short: its compressed data has no end") from e
        except DefusedXmlException as e:
            raise DumpError(f"{self._path} is refused: it defines XML entities, as no export does") from e
        except ParseError as e:
            raise DumpError(f"{self._path} is cut short or damaged (line {e.position[0]})") from e
        except (OSError, zlib.error) as e:
            reason = e.strerror if isinstance(e, OSError) and e.strerror else "its compressed data is damaged"
            raise DumpError(f"{self._path} cannot be read: {reason}") from e
        except (ValueError, LookupError) as e:
            raise DumpError(f"{self._path} is damaged: {e}") from e


def links_of(page: Page, *, site: Site) -> PageLinks:
    """Work out from a page's own wikitext where it leads; what its templates bring is not known.

    Like MediaWiki's, the list of links has no link of a page to itself.
    """
    parsed = parse(page.wikitext, site=site)
    links = {link.target for link in parsed.links}
    if page.redirect_target is not None:
        links.add(page.redirect_target)
    return PageLinks(
        pageid=page.pageid,
        categories=_titles(parsed.categories, "Category", site),
        links=tuple(sorted(links - {page.title})),
        templates=_titles(parsed.templates, "Template", site),
    )


def _titles(names: Sequence[str], namespace: str, site: Site) -> tuple[str, ...]:
    """Put names of a namespace, or full titles of others, as the wiki writes titles."""
    titles = set()
    for name in names:
        prefixed = name
        if ":" not in name or split_title(name, site=site)[0] == 0:
            prefixed = f"{namespace}:{name}"
        titles.add(normalize_title(prefixed, site=site))
    return tuple(sorted(titles))


def _make_index(found: Iterator[Site | ExportItem]) -> _Index:
    site: Site | None = None
    revisions = 0
    entries: dict[int, _Entry] = {}
    scattered: set[int] = set()
    foreign: set[int] = set()
    last = 0
    for item in found:
        if isinstance(item, Site):
            site = item
            continue
        revisions += 1
        pageid = item.page.pageid
        if pageid in entries and pageid != last:
            scattered.add(pageid)
        last = pageid
        entry = _Entry(item.page, item.revision.timestamp, item.text is not None)
        if pageid not in entries or entry.age >= entries[pageid].age:
            entries[pageid] = entry
            (foreign.discard if item.model == WIKITEXT else foreign.add)(pageid)
    if site is None:
        raise NotAnExportError(": it has no siteinfo")
    for pageid in foreign:
        del entries[pageid]
    if not entries:
        raise NotAnExportError(" of any use: it has no pages")
    if not any(entry.readable for entry in entries.values()):
        raise NotAnExportError(" of any use: it has no texts (a “stub”)")
    counted = replace(site, page_count=len(entries), edit_count=revisions)
    return _Index(counted, entries, frozenset(scattered))
