"""The weekly digest in JSON: the week as who asks may read it, and whether they get it by mail."""

from datetime import UTC, datetime
from typing import Final

from flask import Response, jsonify
from werkzeug.exceptions import BadRequest, Conflict

from community.digest import Digest
from connector.store.subscriptions import LONGEST_ADDRESS
from webui.api.json_bodies import own_json_object, text_in, word_in
from webui.api.shapes import Shape, iso
from webui.current import current_services
from webui.digests.joining import ask_for, can_be_sent
from webui.digests.letter import Letter, Line
from webui.language import LANGUAGES, current_language
from webui.pages.me import account_of_reader
from webui.rights.readers import current_reader

ACTIONS: Final = ("end",)


def digest() -> Response:
    """`GET /api/v1/digest`: the last week."""
    week, letter = current_services().digest_post.of_reader(
        datetime.now(UTC), readable=current_reader().readable, language=current_language()
    )
    return jsonify(_digest_shape(week, letter))


def wish() -> Response:
    """`GET /api/v1/me/digest`: the address that who asks gets it at."""
    return jsonify(_wish_shape(account_of_reader().id))


def want() -> tuple[Response, int]:
    """`POST /api/v1/me/digest`: send a link to an address; 202, or 200 where it is confirmed."""
    body = own_json_object()
    address = text_in(body, "address", longest=LONGEST_ADDRESS)
    if not address:
        raise BadRequest('give an address: {"address": "name@example.org"}')
    language = word_in(body, "language", LANGUAGES) if "language" in body else current_language()
    account, services = account_of_reader(), current_services()
    if not can_be_sent(services):
        raise Conflict("no mail is sent here: mail.server or web.public_url is not set")
    try:
        asked = ask_for(services, account, address=address, language=language, now=datetime.now(UTC))
    except ValueError as e:
        raise BadRequest("this is no address of mail") from e
    return jsonify(_wish_shape(account.id)), 202 if asked == "asked" else 200


def end() -> Response:
    """`POST /api/v1/me/digest/status`: end the mails of who asks, and forget their address."""
    word_in(own_json_object(), "action", ACTIONS)
    account = account_of_reader()
    current_services().store.subscriptions.end(account.id)
    return jsonify(_wish_shape(account.id))


def _wish_shape(account_id: int) -> Shape:
    services = current_services()
    known = services.store.subscriptions.get(account_id)
    return {
        "address": known.address if known is not None else None,
        "language": known.language if known is not None else None,
        "confirmed_at": iso(known.confirmed_at) if known is not None else None,
        "can_be_sent": can_be_sent(services),
    }


def _digest_shape(week: Digest, letter: Letter) -> Shape:
    return {
        "since": iso(week.since),
        "until": iso(week.until),
        "empty": week.is_empty,
        "language": letter.language,
        "subject": letter.subject,
        "sections": [
            {
                "heading": section.heading,
                "lines": [_line_shape(line) for line in section.lines],
                "closing": section.closing,
            }
            for section in letter.sections
        ],
    }


def _line_shape(line: Line) -> Shape:
    return {"text": line.text, "language": line.language, "url": line.url or None, "note": line.note}
