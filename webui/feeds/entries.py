"""What stands in the feeds, as who asks may read it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from flask import url_for
from flask_babel import gettext

from connector.practice import from_wikitext
from connector.wikitext.plain import on_one_line, strip_markup
from search.language import base_language
from search.readable import first_readable, head_of
from webui.community_list import check_list, listed
from webui.current import current_services
from webui.feeds.documents import Entry
from webui.rights.readers import current_reader

if TYPE_CHECKING:
    from connector.model import Page, Site

MOST_ENTRIES: Final = 30
_LONGEST_SUMMARY: Final = 400
_SAID_FIRST: Final = ("problem", "solution", "context")


def questions(site: "Site") -> list[Entry]:
    """Return the questions that the community has not answered yet, newest first.

    Raises:
        SignInWantedError: the list is for those who have signed in.
    """
    check_list()
    asked = current_services().store.questions.list(state="open", limit=MOST_ENTRIES)
    return [
        Entry(
            id=f"{_root(site)}#question-{each.question.id}",
            title=each.question.text,
            url=url_for("pages.question", question_id=each.question.id, _external=True),
            updated=each.question.asked_at,
            language=each.question.language,
            author=each.asker,
        )
        for each in listed(asked)
    ]


def practices(site: "Site") -> list[Entry]:
    """Return the practices that are new or were changed last, newest first.

    Raises:
        IndexNotBuiltError: nobody has looked yet which pages are practices.
    """
    services = current_services()
    indexed = [page for page in services.index.keywords.manifest().values() if page.status is not None]
    indexed.sort(key=lambda page: (page.last_edited, page.revid), reverse=True)
    readable = first_readable(
        [head_of(page) for page in indexed], current_reader().readable, enough=MOST_ENTRIES
    )
    shown = [page for page in indexed if page.pageid in readable][:MOST_ENTRIES]
    texts = services.store.pages.get_many([page.pageid for page in shown])
    return [
        Entry(
            id=_page_id(site, page.pageid),
            title=page.title,
            url=url_for("pages.practice", pageid=page.pageid, _external=True),
            updated=page.last_edited,
            language=page.language,
            summary=_summary(texts[page.pageid], site),
            categories=(page.status or "",),
        )
        for page in shown
        if page.pageid in texts
    ]


def suggestions(site: "Site") -> list[Entry]:
    """Return the pages where most links could be made, those changed last first; for editors.

    Raises:
        IndexNotBuiltError: there is no mirror yet.
    """
    services = current_services()
    queue = services.gardening.queue("suggestions", limit=MOST_ENTRIES, readable=current_reader().readable)
    texts = services.store.pages.get_many([page.pageid for page in queue.pages])
    entries = [
        Entry(
            id=f"{_page_id(site, page.pageid)}#links",
            title=page.title,
            url=url_for("pages.links", title=page.title, _external=True),
            updated=texts[page.pageid].timestamp,
            language=_language(texts[page.pageid], site),
            summary=gettext(
                "Could lead to: %(pages)s", pages=", ".join(f"“{other.title}”" for other in page.leads_to)
            ),
        )
        for page in queue.pages
        if page.pageid in texts
    ]
    return sorted(entries, key=lambda entry: entry.updated, reverse=True)


def newest(entries: Sequence[Entry]) -> datetime:
    """Return when the newest of them was made or changed; long ago when there is none."""
    return max((entry.updated for entry in entries), default=datetime(2000, 1, 1, tzinfo=UTC))


def _root(site: "Site") -> str:
    return f"{site.server_url if '://' in site.server_url else f'https:{site.server_url}'}/"


def _page_id(site: "Site", pageid: int) -> str:
    # The address that MediaWiki itself keeps for a page, whatever it is called.
    return f"{_root(site)}?curid={pageid}"


def _language(page: "Page", site: "Site") -> str:
    return current_services().index.detector.guess(page.wikitext[:2_000]) or base_language(site.language)


def _summary(page: "Page", site: "Site") -> str:
    practice = from_wikitext(page.title, page.wikitext, site=site)
    if practice is None:
        return ""
    for name in _SAID_FIRST:
        text = on_one_line(strip_markup(practice.section(name)))
        if text:
            short = text[:_LONGEST_SUMMARY]
            return short if short == text else f"{short.rpartition(' ')[0] or short}…"
    return practice.summary_context
