"""What a mail or a page of the wiki says, before it is written as text, HTML or wikitext."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that is listed."""

    text: str
    """A title or some words of people: data, never markup."""
    language: str = ""
    """Code of the language of `text`; empty where it is not known."""
    url: str = ""
    """Where it leads; empty for nowhere."""
    title: str = ""
    """Of the page of the wiki that it is about, for a link there; empty for none."""
    note: str = ""
    """What is said of it, in the letter's own language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines under a heading."""

    heading: str
    lines: Sequence[Line] = ()
    closing: str = ""
    """A sentence below; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All of it."""

    language: str
    subject: str
    """It is the heading, too."""
    paragraphs: Sequence[str] = ()
    sections: Sequence[Section] = ()
    action: Line | None = None
    """What the reader is to click, if anything."""
    footer: Sequence[Line] = ()
    """Why they get it, and how they end it."""
