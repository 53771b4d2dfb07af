"""A practice in JSON: what it says, who can be asked, and how it came to be."""

from flask import Response, jsonify

from search.people import Availability
from webui.api.shapes import Shape, experts_list, iso, related_list
from webui.current import current_services
from webui.practice_text import plain_text_of
from webui.practices import Contact, Origin, PageHistory, PracticeView, practice_view


def practice(pageid: int) -> Response:
    """`GET /api/v1/practices/<pageid>`: a practice of the mirror, as who asks may see it."""
    return jsonify(practice_shape(practice_view(pageid)))


def practice_shape(view: PracticeView) -> Shape:
    """Return the page's fields as plain text, its people, related pages, origins and history."""
    site = current_services().store.site.get()
    return {
        "pageid": view.page.pageid,
        "title": view.page.title,
        "url": view.url,
        "edit_url": view.edit_url or None,
        "revid": view.page.revid,
        "language": view.language,
        "status": view.practice.status.value,
        "context": view.practice.summary_context,
        "categories": list(view.practice.categories),
        "sections": [
            {"field": section.field, "heading": section.heading, "text": plain_text_of(section.parts)}
            for section in view.sections
        ],
        "contacts": [_contact(each) for each in view.contacts],
        "experts": experts_list(view.experts, view.language),
        "related": [] if site is None else related_list(view.related, site),
        "generated": view.practice.generated,
        "reviewed_by": view.reviewed_by or None,
        "made_from": [_origin(each) for each in view.origins],
        "history": _history(view.history) if view.history is not None else None,
    }


def _contact(contact: Contact) -> Shape:
    asking: Availability = contact.asking
    return {
        "name": contact.name,
        "languages": list(asking.languages),
        "available": asking.available,
        "availability": asking.words,
    }


def _origin(origin: Origin) -> Shape:
    return {
        "meeting": origin.meeting,
        "met_on": origin.met_on.isoformat() if origin.met_on else None,
        "notes_id": origin.notes_id,
        "statements": [
            {
                "field": source.field,
                "text": source.text,
                "lines": list(source.lines),
                "said": list(source.said),
                "stands": source.stands,
            }
            for source in origin.sources
        ],
    }


def _history(history: PageHistory) -> Shape:
    return {
        "first_by": history.first_by or None,
        "first_at": iso(history.first_at),
        "last_by": history.last_by or None,
        "last_at": iso(history.last_at),
        "editors": history.editors,
    }
