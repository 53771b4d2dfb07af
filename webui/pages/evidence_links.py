"""Where a figure of the community leads to: the page, question, meeting or edit that it was made from."""

from urllib.parse import urlencode

from flask import url_for

from community.model import AgendaItem, Evidence, Person
from connector.model import Site

_USER_TALK = 3


def evidence_url(evidence: Evidence, site: Site | None) -> str | None:
    """Return the address of a proof; None where there is no page for it."""
    number = evidence.id
    match evidence.kind:
        case "page":
            return site.page_url(evidence.label) if site is not None else None
        case "question":
            return url_for("pages.question", question_id=number)
        case "follow_up":
            return f"{url_for('pages.follow_ups')}#F{number}"
        case "notes":
            return url_for("pages.notes", notes_id=number)
        case "meeting":
            return url_for("pages.community_meeting", meeting_id=number)
        case "search":
            return url_for("pages.search", q=evidence.label)
        case "revision":
            return diff_url(number, site) if number is not None else None
        case "person":
            return person_url(Person(name=evidence.label, user_id=number), site)


def person_url(person: Person | None, site: Site | None) -> str | None:
    """Return where somebody is written to: their talk page in the wiki; None for who has no account there."""
    if person is None or person.user_id is None or site is None:
        return None
    talk = site.namespaces.get(_USER_TALK)
    return site.page_url(f"{talk.name if talk is not None else 'User talk'}:{person.name}")


def diff_url(revid: int, site: Site | None) -> str | None:
    """Return where the wiki shows what an edit changed."""
    if site is None:
        return None
    return f"{site.server_url}{site.script_path}/index.php?{urlencode({'diff': revid})}"


def history_url(title: str, site: Site | None) -> str | None:
    """Return where the wiki lists the edits of a page."""
    if site is None:
        return None
    query = urlencode({"title": title.replace(" ", "_"), "action": "history"})
    return f"{site.server_url}{site.script_path}/index.php?{query}"


def item_url(item: AgendaItem, site: Site | None) -> str | None:
    """Return where an item of an agenda is dealt with; None where it has no proof."""
    match item.kind:
        case "contradiction":
            return url_for("pages.contradictions")
        case "promotion" | "step_back":
            return url_for("pages.community_practices")
        case _:
            return evidence_url(item.evidence[0], site) if item.evidence else None
