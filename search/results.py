"""What a search gives: hits with the passage that answers, the people who know, similar pages."""

from dataclasses import dataclass
from datetime import datetime

from search.answers import Passage
from search.calibration import AnswerSigns
from search.experts import Expert
from search.words import Correction


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePage:
    """A page that says the same as a hit."""

    pageid: int
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page that answers, with the passage that does."""

    pageid: int
    title: str
    url: str
    section: str
    """Heading path joined by " › "; empty before the first heading."""
    anchor: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    """(start, end) of the question's words in `snippet`."""
    score: float
    """0 to 1, falling from hit to hit."""
    revid: int
    language: str
    """Of the passage."""
    last_edited: datetime
    matched: tuple[str, ...]
    """Of "words" and "meaning", what brought the page here."""
    status: str | None
    """The practice's status; None for a page that is no practice."""
    contacts: tuple[str, ...] = ()
    """Whom the practice says to ask."""
    same: tuple[SamePage, ...] = ()
    """Pages whose passage is nearly the same; they are no hits of their own."""
    answered: str | None = None
    """A question to the community that the page answers, where that is what brought it here.

    On a private wiki it is for members only: who shows it to others leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The answer to a question."""

    query: str
    language: str
    hits: tuple[Hit, ...]
    experts: tuple[Expert, ...]
    answerable: bool
    """Whether the hits are answers; False when they are but the nearest pages."""
    confidence: float
    """The chance (0 to 1) that the page that answers is among the hits."""
    corrections: tuple[Correction, ...] = ()
    """Words that the wiki does not have, and what they were read as."""
    passages: tuple[Passage, ...] = ()
    """What an answer may be made from: sections of the first hits' best passages, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertResult:
    """The people who know about a subject."""

    query: str
    language: str
    experts: tuple[Expert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPage:
    """A page that says something near to a text or to another page."""

    pageid: int
    title: str
    score: float
    """0 to 1."""
    status: str | None = None
    """The practice's status; None for a page that is no practice."""
    sentence: str | None = None
    """Of that page, from where it comes nearest; None where none was looked for, or there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The order of pages alone, and what the first shows of how well it answers."""

    pageids: tuple[int, ...]
    signs: AnswerSigns | None
