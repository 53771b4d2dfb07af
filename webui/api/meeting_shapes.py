"""The shapes of meetings, the hand-over, a newcomer's path and what to thank for, in JSON."""

from typing import TYPE_CHECKING, Any

from community.agenda_text import as_markdown, as_wikitext
from webui.api.community_shapes import item_shape

if TYPE_CHECKING:  # as in `webui.api.shapes`
    from collections.abc import Callable, Sequence

    from community.agenda import Agenda
    from community.handover import HandOver, Rhythm
    from community.model import Evidence, Person
    from community.newcomers import Path
    from community.settled import SettledItem
    from community.thanks import ThankPrompt
    from connector.store.meetings import Meeting
    from webui.community_acts import Arrivals


def meeting_shape(meeting: "Meeting") -> dict[str, Any]:
    """Return the shape of a meeting, without its agenda."""
    return {
        "id": meeting.id,
        "title": meeting.title,
        "planned_on": meeting.planned_on.isoformat(),
        "starts_at": meeting.starts_at,
        "minutes": meeting.minutes,
        "place": meeting.place,
        "language": meeting.language,
        "cancelled": meeting.cancelled,
        "notes_id": meeting.notes_id,
    }


def agenda_shape(agenda: "Agenda") -> dict[str, Any]:
    """Return the shape of a meeting with its agenda, and both of its texts."""
    return {
        **meeting_shape(agenda.meeting),
        "opening": agenda.opening,
        "agenda": [
            {
                "item": item_shape(line.item),
                "minutes": line.minutes,
                "offset": line.offset,
                "settled": line.settled,
            }
            for line in agenda.lines
        ],
        "rest": agenda.rest,
        "closing": agenda.closing,
        "wikitext": as_wikitext(agenda),
        "markdown": as_markdown(agenda),
    }


def settled_shape(notes_id: int | None, found: "Sequence[SettledItem]") -> dict[str, Any]:
    """Return the shape of what the notes of a meeting settle.

    Args:
        notes_id: the number of the notes; None where there are none.
        found: in the order of the agenda.
    """
    return {
        "notes_id": notes_id,
        "settled": [
            {
                "key": each.line.item.key,
                "kind": each.line.item.kind,
                "title": each.line.item.title,
                "lines": list(each.lines),
                "why": each.why,
            }
            for each in found
        ],
    }


def rhythm_shape(rhythm: "Rhythm") -> dict[str, Any]:
    """Return the shape of how often a community meets."""
    return {
        "meetings": rhythm.meetings,
        "last": rhythm.last.isoformat() if rhythm.last is not None else None,
        "every_days": rhythm.every_days,
        "weekday": rhythm.weekday,
        "next_expected": rhythm.next_expected.isoformat() if rhythm.next_expected is not None else None,
    }


def hand_over_shape(told: "HandOver") -> dict[str, Any]:
    """Return the shape of the hand-over."""
    return {
        "made_at": told.made_at.isoformat(),
        "wiki": told.wiki,
        "rhythm": rhythm_shape(told.rhythm),
        "coming": [meeting_shape(each) for each in told.coming],
        "held": [
            {"notes_id": each.notes_id, "title": each.title, "met_on": each.met_on.isoformat()}
            for each in told.held
        ],
        "carriers": [_person(each) for each in told.carriers],
        "newcomers": [
            {
                "person": _person(each.person),
                "since": each.since.isoformat(),
                "contact": _person(each.contact) if each.contact is not None else None,
            }
            for each in told.newcomers
        ],
        "actions": [
            {
                "id": each.id,
                "text": each.text,
                "owner": each.owner,
                "due": each.due.isoformat() if each.due is not None else None,
            }
            for each in told.actions
        ],
        "left_questions": [{"id": each.id, "text": each.text} for each in told.left_questions],
        "questions": [
            {"id": each.id, "text": each.text, "language": each.language} for each in told.questions
        ],
        "decide": [_page(each) for each in told.decide],
        "drafts": [
            {"id": number, "title": title, "language": language} for number, title, language in told.drafts
        ],
        "topics": [
            {"name": each.name, "url": each.url, "holders": [_person(who) for who in each.holders]}
            for each in told.topics
        ],
        "if_they_leave": [
            {
                "person": _person(each.person),
                "topics": list(each.topics),
                "pages": [_page(page) for page in each.pages],
            }
            for each in told.leaving
        ],
        "stale": [_page(each.page) for each in told.stale],
    }


def path_shape(path: "Path", url_of: "Callable[[str], str]") -> dict[str, Any]:
    """Return the shape of a newcomer's path.

    Args:
        path: of who asks.
        url_of: gives the address of a page in the wiki.
    """
    first = path.first_thing
    return {
        "pages": [
            {
                "pageid": each.pageid,
                "title": each.title,
                "url": url_of(each.title),
                "language": each.language,
                "status": each.status,
                "linked_from": each.linked_from,
            }
            for each in path.pages
        ],
        "contact": _person(path.contact) if path.contact is not None else None,
        "first_thing": None
        if first is None
        else {
            "kind": first.kind,
            "label": first.label,
            "question_id": first.question_id,
            "pageid": first.pageid,
            "target": first.target,
            "language": first.language,
        },
    }


def newcomers_shape(known: "Arrivals") -> dict[str, Any]:
    """Return the shape of who has just come, and of who could show them around."""
    return {
        "newcomers": [
            {
                "person": _person(each.person),
                "since": each.since.isoformat(),
                "edits": each.edits,
                "contact": _person(each.contact) if each.contact is not None else None,
                "paused": each.paused,
            }
            for each in known.newcomers
        ],
        "contacts": [
            {"person": _person(each), "shows_around": known.shows_around.get(each.user_id or 0, 0)}
            for each in known.contacts
        ],
    }


def thanks_shape(prompt: "ThankPrompt") -> dict[str, Any]:
    """Return the shape of something to thank for."""
    return {
        "person": _person(prompt.person),
        "revid": prompt.revid,
        "pageid": prompt.page.pageid,
        "title": prompt.page.title,
        "saved_at": prompt.saved_at.isoformat(),
        "url": prompt.url,
        "by_extension": prompt.by_extension,
        "diff_url": prompt.diff_url,
    }


def _person(person: "Person") -> dict[str, Any]:
    return {"name": person.name, "user_id": person.user_id}


def _page(page: "Evidence") -> dict[str, Any]:
    return {"pageid": page.id, "title": page.label}
