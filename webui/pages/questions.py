"""The community's list: what nobody has answered yet, who asks, and closing it with the page that answers."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from community.model import Person
from connector.errors import PageNotFoundError, SearchError
from connector.store.questions import LONGEST_QUESTION
from search.results import Hit
from webui.community_list import (
    ListedQuestion,
    answer_with,
    ask_community,
    check_list,
    credit,
    listed,
    may_close,
    reopen,
    visible_question,
    visible_states,
    withdraw,
)
from webui.current import current_services
from webui.errors import Trouble
from webui.pages.asking import new_page
from webui.pages.parameters import choice, number
from webui.question_people import (
    asked_people,
    giver_of,
    givers,
    may_answer,
    may_credit,
    people_for,
)
from webui.rights.pages import readable_title
from webui.rights.readers import check_role, current_reader, require
from webui.rights.roles import Role

QUESTIONS = 20
PAGE_MAX = 100_000
FOUND = 5
STATE_NAMES = {
    "open": lazy_gettext("open"),
    "answered": lazy_gettext("answered"),
    "withdrawn": lazy_gettext("withdrawn"),
}
_LIST_NAMES = {
    "open": lazy_gettext("Open questions"),
    "answered": lazy_gettext("Answered"),
    "withdrawn": lazy_gettext("Withdrawn"),
}
_NO_SUCH_PAGE = Trouble(
    status=404,
    heading=lazy_gettext("There is no such page"),
    advice=lazy_gettext("Begin to type the title, and choose it among those that are offered."),
)
_ACTIONS = ("answer", "credit", "withdraw", "reopen")


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/questions", "questions", questions)
    blueprint.add_url_rule("/questions", "ask_community", ask, methods=["POST"])
    blueprint.add_url_rule("/questions/ask", "confirm_question", confirm)
    blueprint.add_url_rule("/questions/<int(max=2147483647):question_id>", "question", question)
    blueprint.add_url_rule(
        "/questions/<int(max=2147483647):question_id>", "change_question", change, methods=["POST"]
    )


def questions() -> str | Response:
    """List the questions of one state (`?state=`), the newest first, twenty at a time (`?page=`)."""
    check_list()
    states = visible_states()
    state = choice("state", states)
    page = number("page", default=1, least=1, most=PAGE_MAX)
    store = current_services().store
    counts = store.questions.counts()
    last = max(1, -(-counts[state] // QUESTIONS))
    if page > last:  # the list has become shorter since
        return redirect(url_for("pages.questions", state=state, page=last))
    found = store.questions.list(state=state, limit=QUESTIONS, offset=(page - 1) * QUESTIONS)
    return render_template(
        "questions.html",
        states={each: _LIST_NAMES[each] for each in states},
        state=state,
        counts=counts,
        questions=listed(found),
        first=(page - 1) * QUESTIONS + 1,
        page=page,
        last=last,
        is_coordinator=current_reader().role >= Role.COORDINATOR,
    )


@require(Role.MEMBER)
def confirm() -> str:
    """Show the question of `?q=` before it is put on the list: who had to sign in first comes back here."""
    return render_template("ask.html", text=request.args.get("q", "").strip()[:LONGEST_QUESTION])


@require(Role.MEMBER)
def ask() -> Response:
    """Put a question on the list, and lead to it."""
    try:
        asked, new = ask_community(request.form.get("text", ""))
    except ValueError as e:
        raise BadRequest(str(e)) from e
    if new:
        flash(gettext("Your question is on the community’s list."))
    else:
        flash(gettext("This has been asked already: here it is."))
    return redirect(url_for("pages.question", question_id=asked.id), 303)


def question(question_id: int) -> str:
    """Show a question, and what the search finds for it now."""
    return _question_page(visible_question(question_id))


def change(question_id: int) -> Response | tuple[str, int]:
    """Close a question with the page that answers, take it off the list, open it again, or name the giver."""
    check_role(Role.MEMBER)
    shown = visible_question(question_id)
    action = request.form.get("action", "")
    # Who was asked may answer; the list is tended by who asked and the coordinators.
    allowed = {"answer": may_answer, "credit": may_credit}.get(action, may_close)(shown)
    if not allowed:
        check_role(Role.COORDINATOR)
    if action not in _ACTIONS:
        raise BadRequest(f"there is no action {action[:20]}")
    if action == "answer":
        title = request.form.get("title", "").strip()
        try:
            page = readable_title(title)
        except PageNotFoundError:
            return _question_page(shown, trouble=_NO_SUCH_PAGE, title=title), _NO_SUCH_PAGE.status
        done = answer_with(question_id, page, given_by=_giver(shown))
        told = gettext("Closed with “%(title)s”.", title=page.title)
    elif action == "credit":
        done, told = credit(question_id, _giver(shown)), gettext("Kept.")
    elif action == "withdraw":
        done, told = withdraw(question_id), gettext("The question was taken off the list.")
    else:
        done, told = reopen(question_id), gettext("Open again.")
    # Another person was quicker, or the form was sent twice: what the page shows now says it all.
    flash(told if done else gettext("Somebody has done that already."))
    if action == "withdraw":
        return redirect(url_for("pages.questions"), 303)
    return redirect(url_for("pages.question", question_id=question_id), 303)


def _giver(shown: ListedQuestion) -> Person | None:
    """Return who gave the answer, as the form says: one of those whom it offered, or nobody."""
    name = request.form.get("giver", "").strip()
    if not name:
        return None
    found = next((each for each in givers(shown.question) if each.name == name), None)
    if found is None:
        raise BadRequest("who gave the answer is not among those who were offered")
    return found


def _question_page(shown: ListedQuestion, *, trouble: Trouble | None = None, title: str = "") -> str:
    question, reader = shown.question, current_reader()
    hits, answerable = _found(question.text)
    services = current_services()
    site = services.site()
    return render_template(
        "question.html",
        shown=shown,
        question=question,
        may_close=may_close(shown),
        may_answer=may_answer(shown),
        may_credit=may_credit(shown),
        state_name=STATE_NAMES[question.state],
        hits=hits,
        answerable=answerable,
        trouble=trouble,
        title=title,
        is_member=reader.role >= Role.MEMBER,
        whom=people_for(question),
        asked=asked_people(question),
        givers=givers(question) if may_answer(shown) or may_credit(shown) else [],
        giver=giver_of(question),
        own_name=reader.name,
        new_page=new_page(site, question.text) if site is not None and services.can_publish else None,
    )


def _found(text: str) -> tuple[tuple[Hit, ...], bool]:
    """Return what the search finds for a question now, and whether that answers; nothing without an index."""
    try:
        result = current_services().searcher.search(text, top_k=FOUND, readable=current_reader().readable)
    except SearchError:
        return (), False
    return result.hits, result.answerable
