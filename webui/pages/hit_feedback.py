"""“This helped” and “Not what I asked”, under each hit: counted once for each person, question and page.

Who said it is not kept. That they have said it, their own browser remembers, in the cookie of their session.
"""

import base64
import hashlib
from typing import Final

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from connector.store import HitVerdict
from connector.store.questions import LONGEST_QUESTION, question_digest
from webui.current import current_services
from webui.pages.parameters import pageid_in
from webui.pages.search_filters import narrowing
from webui.rights.pages import readable_page
from webui.rights.readers import require
from webui.rights.roles import Role

MOST_VERDICTS: Final = 200
"""In one session: more find no room in a cookie, and then no more are counted."""
_VERDICTS: Final[dict[str, HitVerdict]] = {"+": "helped", "-": "not_helped"}
_KEPT = "judged"
_WIDTH = 6
_BY_SCRIPT = "X-Compagnon-Script"


def add_to(blueprint: Blueprint) -> None:
    """Register where the buttons lead."""
    blueprint.add_url_rule("/feedback", "judge_hit", judge, methods=["POST"])


@require(Role.MEMBER)
def judge() -> Response:
    """Count what somebody says of a hit, and lead back to it; a script is answered without a page."""
    question, verdict = request.form.get("question", ""), _verdict(request.form.get("verdict", ""))
    if not question.strip() or len(question) > LONGEST_QUESTION:
        raise BadRequest(f"a question has 1 to {LONGEST_QUESTION:,} characters")
    page = readable_page(pageid_in(request.form.get("pageid", "")))
    said = said_of(question)
    before = said.get(page.pageid)
    if before != verdict and (before is not None or _count() < MOST_VERDICTS):
        current_services().store.hit_feedback.judge(page.pageid, question, verdict, before=before)
        _remember(page.pageid, question, verdict)
    if request.headers.get(_BY_SCRIPT):
        return Response(status=204)
    flash(gettext("Thank you: this helps the search to become better."))
    back = narrowing().address() | {"q": question, "top_k": request.args.get("top_k")}
    return redirect(url_for("pages.search", _anchor=f"hit-{page.pageid}", **back), 303)


class Said:
    """What this browser has said of the hits of one question."""

    def __init__(self, question: str, kept: str) -> None:
        self._question = question
        self._kept = {kept[i : i + _WIDTH]: kept[i + _WIDTH] for i in range(0, len(kept), _WIDTH + 1)}

    def get(self, pageid: int) -> HitVerdict | None:
        """Return the verdict on a page, or None."""
        return _VERDICTS.get(self._kept.get(_mark(pageid, self._question), ""))


def said_of(question: str) -> Said:
    """Return what this browser has said of the hits of a question."""
    return Said(question, _judged())


def _judged() -> str:
    """Return marks of `_WIDTH` characters, each with a verdict behind it."""
    kept = session.get(_KEPT, "")
    return kept if isinstance(kept, str) and len(kept) % (_WIDTH + 1) == 0 else ""


def _count() -> int:
    return len(_judged()) // (_WIDTH + 1)


def _remember(pageid: int, question: str, verdict: HitVerdict) -> None:
    kept, mark = _judged(), _mark(pageid, question)
    others = [
        kept[i : i + _WIDTH + 1] for i in range(0, len(kept), _WIDTH + 1) if kept[i : i + _WIDTH] != mark
    ]
    sign = next(sign for sign, each in _VERDICTS.items() if each == verdict)
    session[_KEPT] = "".join([*others, mark + sign])


def _mark(pageid: int, question: str) -> str:
    digest = hashlib.sha256(f"{pageid} {question_digest(question)}".encode()).digest()
    return base64.urlsafe_b64encode(digest)[:_WIDTH].decode()


def _verdict(text: str) -> HitVerdict:
    found = next((each for each in _VERDICTS.values() if each == text), None)
    if found is None:
        raise BadRequest("verdict is helped or not_helped")
    return found
