"""What the wiki's extension and its gadget send, checked."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, cast, get_args

from werkzeug.exceptions import BadRequest

from connector.model import Page, Site
from connector.store import Store
from connector.store.link_feedback import Reason, Verdict
from connector.titles import normalize_title
from webui.api.json_bodies import json_object
from webui.api.text_edits import without_surrogates

LONGEST_TITLE: Final = 255
LONGEST_WORDS: Final = 1_000
LARGEST_PAGEID: Final = 1 << 31
LARGEST_REVID: Final = 1 << 53


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenText:
    """A text that somebody is writing."""

    pageid: int
    """0 for a new page."""
    revid: int
    """The revision that the editor began with; 0 for a new page."""
    title: str
    """As the wiki writes it; empty when no page can be called so."""
    wikitext: str

    def page_in(self, store: Store) -> Page | None:
        """Return the mirror's page that this is to be, if it has it."""
        found = store.pages.get(self.pageid) if self.pageid else None
        if found is None and self.title:
            found = store.pages.by_title(self.title)
        return found

    def as_page(self, saved: Page | None) -> Page:
        """Return the page as it would be with this text; `revid` 0, which no saved text has."""
        if saved is not None:
            return replace(saved, wikitext=self.wikitext, revid=0, redirect_target=None)
        now = datetime.now(UTC)
        return Page(
            pageid=self.pageid, namespace=0, title=self.title, revid=0, timestamp=now, wikitext=self.wikitext
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody says of a suggested link."""

    pageid: int
    revid: int
    target_pageid: int
    link_text: str
    verdict: Verdict
    reason: Reason | None


def written_text(site: Site) -> WrittenText:
    """Return the text in the body: `{"pageid", "revid", "title", "wikitext"}`.

    Raises:
        BadRequest: it is not such a body.
    """
    body = json_object("the body is a JSON object")
    title = _text(body, "title", longest=LONGEST_TITLE)
    try:
        title = normalize_title(title, site=site)
    except ValueError:
        title = ""
    return WrittenText(
        pageid=_number(body, "pageid", below=LARGEST_PAGEID),
        revid=_number(body, "revid", below=LARGEST_REVID),
        title=title,
        wikitext=_text(body, "wikitext"),
    )


def judgement() -> Judgement:
    """Return the verdict in the body.

    Raises:
        BadRequest: it is not such a body.
    """
    body = json_object("the body is a JSON object")
    verdict = _one_of(body, "verdict", get_args(Verdict))
    reason = None if body.get("reason") is None else _one_of(body, "reason", get_args(Reason))
    return Judgement(
        pageid=_number(body, "pageid", below=LARGEST_PAGEID),
        revid=_number(body, "revid", below=LARGEST_REVID),
        target_pageid=_number(body, "target_pageid", below=LARGEST_PAGEID),
        link_text=_words(body),
        verdict=cast("Verdict", verdict),
        reason=cast("Reason | None", reason),
    )


def _number(body: dict[str, Any], name: str, *, below: int) -> int:
    value = body.get(name)
    if type(value) is not int or not 0 <= value < below:
        raise BadRequest(f"{name} is a whole number, 0 or more")
    return value


def _text(body: dict[str, Any], name: str, *, longest: int | None = None) -> str:
    value = body.get(name)
    if not isinstance(value, str) or (longest is not None and len(value) > longest):
        limit = "" if longest is None else f" of {longest} characters at the most"
        raise BadRequest(f"{name} is a text{limit}")
    return without_surrogates(value)


def _words(body: dict[str, Any]) -> str:
    words = _text(body, "link_text", longest=LONGEST_WORDS)
    if not words:
        raise BadRequest("link_text is the words of the link")
    return words


def _one_of(body: dict[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or value not in known:
        raise BadRequest(f"{name} is one of {', '.join(known)}")
    return value
