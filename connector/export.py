"""The XML of a MediaWiki export, read as a stream: one revision after another, none of them kept.

The format: https://www.mediawiki.org/wiki/Help:Export, schemas export-0.10.xsd and export-0.11.xsd. It comes
from outside: a document that defines entities is refused, and so is one that never ends.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from connector.model import Namespace, PageHead, Revision, Site

log = logging.getLogger(__name__)

_ROOT = re.compile(r"\{http://www\.mediawiki\.org/xml/export-0\.\d+/\}mediawiki")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
WIKITEXT = "wikitext"
# A revision is 2 MiB at most ($wgMaxArticleSize); far more without an end is no export, or a trap.
_LONGEST_STRETCH_BYTES = 256 << 20

# The names that every wiki understands (NamespaceInfo::CANONICAL_NAMES); an export has only the local ones.
_CANONICAL_NAMES = {
    1: "Talk",
    2: "User",
    3: "User talk",
    4: "Project",
    5: "Project talk",
    6: "File",
    7: "File talk",
    8: "MediaWiki",
    9: "MediaWiki talk",
    10: "Template",
    11: "Template talk",
    12: "Help",
    13: "Help talk",
    14: "Category",
    15: "Category talk",
}
# The names that files had before MediaWiki 1.14, which every wiki still understands.
_ALIASES = {6: ("Image",), 7: ("Image talk",)}


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One revision in the file, and the page around it."""

    page: PageHead
    redirect_target: str | None
    revision: Revision
    model: str
    text: str | None
    """None where the text is deleted, or left out of the export."""


class NotAnExportError(Exception):
    """The file is something else; the text says what is missing, if that helps."""


class _Metered:
    """A stream that is not read without end between two marks."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._since_mark = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._since_mark += len(data)
        if self._since_mark > _LONGEST_STRETCH_BYTES:
            raise NotAnExportError(": it goes on for ever without a revision")
        return data

    def mark(self) -> None:
        self._since_mark = 0


def read_export(stream: IO[bytes]) -> Iterator[Site | ExportItem]:
    """Yield the site, then every revision with its page, and forget each at once."""
    with stream:
        metered = _Metered(stream)
        root: Element | None = None
        page: Element | None = None
        prefix = ""
        without_id = 0
        try:
            for event, element in iterparse(metered, events=("start", "end"), forbid_dtd=True):
                if root is None:
                    root = element
                    if not _ROOT.fullmatch(root.tag):
                        raise NotAnExportError
                    prefix = root.tag.removesuffix("mediawiki")
                kind = element.tag.removeprefix(prefix)
                if event == "start":
                    page = element if kind == "page" else page
                elif kind == "siteinfo":
                    yield _read_site(element, prefix, language=root.get(_LANGUAGE, "en"))
                elif kind in {"revision", "upload"} and page is not None:
                    item = _read_revision(page, element, prefix) if kind == "revision" else None
                    without_id += kind == "revision" and item is None
                    if item is not None:
                        yield item
                    page.remove(element)
                    metered.mark()
                elif kind == "page":
                    root.clear()
                    page = None
                    metered.mark()
        except ParseError as e:
            if root is None:
                raise NotAnExportError from e
            raise
        if without_id:
            log.warning("%d revisions are left out: they, or their pages, have no id", without_id)


def _read_site(info: Element, prefix: str, *, language: str) -> Site:
    namespaces = {}
    for element in info.iterfind(f"{prefix}namespaces/{prefix}namespace"):
        number = int(element.get("key", ""))
        if number >= 0:  # Special and Media have no pages
            namespaces[number] = Namespace(
                id=number,
                name=element.text or "",
                canonical=_CANONICAL_NAMES.get(number, ""),
                aliases=_ALIASES.get(number, ()),
                content=number == 0,
                case=element.get("case", "first-letter"),
            )
    base = info.findtext(f"{prefix}base") or ""
    server_url, article_path, script_path = _read_base(base)
    return Site(
        name=info.findtext(f"{prefix}sitename") or "",
        language=language,
        server_url=server_url,
        article_path=article_path,
        script_path=script_path,
        namespaces=namespaces,
        main_page=_read_main_page(base, article_path),
    )


def _read_main_page(base: str, article_path: str) -> str:
    """Return the main page's title: its address is all that an export says of it."""
    url = urlsplit(base)
    before, _, _ = article_path.partition("$1")
    named = parse_qs(url.query).get("title") or [unquote(url.path.removeprefix(before))]
    return named[0].replace("_", " ")


def _read_base(base: str) -> tuple[str, str, str]:
    """Find the wiki's addresses in that of its main page: all that an export says of them."""
    url = urlsplit(base)
    # Pages link to it: an address that runs a script (`javascript://...`) is none.
    server_url = f"{url.scheme}://{url.netloc}" if url.netloc and url.scheme in {"http", "https"} else ""
    script, found, _ = url.path.partition("/index.php")
    if found:
        return server_url, f"{script}/index.php{'?title=' if 'title=' in url.query else '/'}$1", script
    before, found, _ = url.path.partition("/wiki/")
    if found:
        return server_url, f"{before}/wiki/$1", f"{before}/w"
    folder = url.path.rpartition("/")[0]
    return server_url, f"{folder}/$1", "/w"


def _read_revision(page: Element, element: Element, prefix: str) -> ExportItem | None:
    """Read a revision; None when it, or its page, cannot be told from others."""
    pageid, revid = page.findtext(f"{prefix}id"), element.findtext(f"{prefix}id")
    title, timestamp = page.findtext(f"{prefix}title"), element.findtext(f"{prefix}timestamp")
    if not (pageid and revid and title and timestamp):
        return None
    redirect = page.find(f"{prefix}redirect")
    head = PageHead(
        pageid=int(pageid),
        namespace=int(page.findtext(f"{prefix}ns") or "0"),
        title=title.replace("_", " "),
        revid=int(revid),
    )
    text, size = _read_text(element.find(f"{prefix}text"))
    parent = int(element.findtext(f"{prefix}parentid") or "0")
    user, user_id = _read_contributor(element.find(f"{prefix}contributor"), prefix)
    revision = Revision(
        revid=head.revid,
        pageid=head.pageid,
        timestamp=datetime.fromisoformat(timestamp),
        parent_revid=parent or None,
        user=user,
        user_id=user_id,
        # A deleted comment is an empty element.
        comment=element.findtext(f"{prefix}comment") or "",
        size=size,
        sha1=_read_sha1(element.findtext(f"{prefix}sha1") or "", hidden=text is None),
        minor=element.find(f"{prefix}minor") is not None,
    )
    return ExportItem(
        page=head,
        redirect_target=None if redirect is None else redirect.get("title"),
        revision=revision,
        model=element.findtext(f"{prefix}model") or WIKITEXT,
        text=text,
    )


def _read_text(element: Element | None) -> tuple[str | None, int]:
    """Return a revision's text, None where the export has none, and its length in bytes."""
    if element is None:
        return None, 0
    announced = int(element.get("bytes") or "0")
    if element.get("deleted"):
        return None, announced
    text = element.text or ""
    if not text and (announced or element.get("location") or element.get("id")):
        return None, announced
    return text, announced or len(text.encode())


def _read_contributor(element: Element | None, prefix: str) -> tuple[str | None, int | None]:
    if element is None or element.get("deleted"):
        return None, None
    name = element.findtext(f"{prefix}username") or element.findtext(f"{prefix}ip")
    return name or None, int(element.findtext(f"{prefix}id") or "0") or None


def _read_sha1(base36: str, *, hidden: bool) -> str:
    """Return the hash as the API writes it, in base 16: exports have it in base 36."""
    return "" if hidden or not base36 else f"{int(base36, 36):040x}"
