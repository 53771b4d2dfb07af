"""Feeds as documents: Atom (RFC 4287) and RSS 2.0 (https://www.rssboard.org/rss-specification)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final, Literal
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

Format = Literal["atom", "rss"]
MEDIA_TYPES: Final[dict[Format, str]] = {"atom": "application/atom+xml", "rss": "application/rss+xml"}

_ATOM: Final = "http://www.w3.org/2005/Atom"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
# What XML 1.0 cannot hold, however it is escaped (https://www.w3.org/TR/xml/#charsets).
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed."""

    id: str
    """An IRI that stays, whatever becomes of the title."""
    title: str
    url: str
    updated: datetime
    language: str
    summary: str = ""
    """Plain text."""
    author: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed, newest entries first."""

    id: str
    title: str
    subtitle: str
    url: str
    """Of the page that people read instead."""
    own_url: str
    """Of the feed itself."""
    language: str
    author: str
    """Who stands for all of it: the wiki."""
    updated: datetime
    entries: Sequence[Entry]


def written(feed: Feed, format: Format) -> bytes:
    """Return the document, in UTF-8; whatever stands in titles and texts, it is escaped by construction."""
    root = _atom(feed) if format == "atom" else _rss(feed)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _atom(feed: Feed) -> Element:
    register_namespace("", _ATOM)
    root = Element(f"{{{_ATOM}}}feed", {_LANG: feed.language})
    _add(root, f"{{{_ATOM}}}id", feed.id)
    _add(root, f"{{{_ATOM}}}title", feed.title)
    _add(root, f"{{{_ATOM}}}subtitle", feed.subtitle)
    _add(root, f"{{{_ATOM}}}updated", _rfc3339(feed.updated))
    SubElement(root, f"{{{_ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": _xml(feed.url)})
    kind = MEDIA_TYPES["atom"]
    SubElement(root, f"{{{_ATOM}}}link", {"rel": "self", "type": kind, "href": _xml(feed.own_url)})
    _add(_add(root, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", feed.author)
    _add(root, f"{{{_ATOM}}}generator", "Compagnon")
    for entry in feed.entries:
        item = SubElement(root, f"{{{_ATOM}}}entry", {_LANG: entry.language})
        _add(item, f"{{{_ATOM}}}id", entry.id)
        _add(item, f"{{{_ATOM}}}title", entry.title)
        _add(item, f"{{{_ATOM}}}updated", _rfc3339(entry.updated))
        link = {"rel": "alternate", "type": "text/html", "href": _xml(entry.url), "hreflang": entry.language}
        SubElement(item, f"{{{_ATOM}}}link", link)
        if entry.author:
            _add(_add(item, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", entry.author)
        for category in entry.categories:
            SubElement(item, f"{{{_ATOM}}}category", {"term": _xml(category)})
        # An entry without content has a summary, or nothing to be shown (4.1.2).
        _add(item, f"{{{_ATOM}}}summary", entry.summary or entry.title)
    return root


def _rss(feed: Feed) -> Element:
    register_namespace("dc", _DC)
    register_namespace("atom", _ATOM)
    root = Element("rss", {"version": "2.0"})
    channel = SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.url)
    _add(channel, "description", feed.subtitle)
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", format_datetime(feed.updated))
    _add(channel, "generator", "Compagnon")
    kind = MEDIA_TYPES["rss"]
    SubElement(channel, f"{{{_ATOM}}}link", {"rel": "self", "type": kind, "href": _xml(feed.own_url)})
    for entry in feed.entries:
        item = SubElement(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", entry.url)
        _add(item, "guid", entry.id).set("isPermaLink", "false")
        _add(item, "pubDate", format_datetime(entry.updated))
        _add(item, "description", entry.summary or entry.title)
        # RSS has one language for all; an author would have to be an address of mail.
        _add(item, f"{{{_DC}}}language", entry.language)
        if entry.author:
            _add(item, f"{{{_DC}}}creator", entry.author)
        for category in entry.categories:
            _add(item, "category", category)
    return root


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    child = SubElement(parent, name)
    child.text = None if text is None else _xml(text)
    return child


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
