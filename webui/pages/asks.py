"""Asking somebody a question: that it was done, no thanks, and the list of open questions for the wiki."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response as AnyResponse

from capture.publishing import CHANGE_TAG
from community.questions_page import MOST_QUESTIONS, placed, questions_summary, questions_wikitext
from connector.errors import (
    CompagnonError,
    ConfigError,
    NotKeptError,
    PageNotFoundError,
)
from connector.saving import PageEdit
from connector.store import Question
from search.language import base_language
from webui.community_list import visible_question
from webui.current import current_services
from webui.pages.own_publishing import CREDENTIALS_WANTED, CredentialsWantedError, own_wiki
from webui.question_people import keep_ask, visible_ask
from webui.rights.readers import require
from webui.rights.roles import Role

logger = logging.getLogger(__name__)

_ACTIONS = ("decline", "again", "drop")
_Answer = str | AnyResponse | tuple[str, int]


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    number = "/questions/<int(max=2147483647):question_id>/asks"
    blueprint.add_url_rule(number, "keep_ask", keep, methods=["POST"])
    blueprint.add_url_rule(f"{number}/<int(max=2147483647):ask_id>", "change_ask", change, methods=["POST"])
    blueprint.add_url_rule("/questions/wiki-page", "questions_page", wiki_page)
    blueprint.add_url_rule("/questions/wiki-page", "publish_questions", publish, methods=["POST"])


@require(Role.MEMBER)
def keep(question_id: int) -> AnyResponse:
    """Keep that who sends this has asked somebody (`person`), and whom with them (`together`)."""
    shown = visible_question(question_id)
    try:
        _, new = keep_ask(
            shown.question, request.form.get("person", ""), with_pair="together" in request.form
        )
    except NotKeptError:
        flash(gettext("This person is not to be asked now: they were asked enough, or said so meanwhile."))
    else:
        if new:
            flash(gettext("Kept. They find the question on their page, and nobody asks them twice."))
        else:
            flash(gettext("Somebody has done that already."))
    return _back(question_id)


@require(Role.MEMBER)
def change(question_id: int, ask_id: int) -> AnyResponse:
    """Say no to a question, take that back, or take back that somebody was asked."""
    shown = visible_ask(visible_question(question_id).question, ask_id)
    action = request.form.get("action", "")
    if action not in _ACTIONS:
        raise BadRequest(f"there is no action {action[:20]}")
    if not (shown.may_take_back if action == "drop" else shown.is_you or shown.may_take_back):
        raise Forbidden("this is for who was asked")
    asks, now = current_services().store.asks, datetime.now(UTC)
    if action == "again":
        done, told = asks.take_back(ask_id), gettext("The question waits for you again.")
    elif action == "drop":
        done, told = asks.end(ask_id, state="dropped", now=now), gettext("Taken back: it does not count.")
    else:
        done, told = asks.end(ask_id, state="declined", now=now), gettext("Kept: somebody else is asked.")
    flash(told if done else gettext("Somebody has done that already."))
    return _back(question_id)


@require(Role.COORDINATOR)
def wiki_page() -> str:
    """Show the list of open questions as wikitext, to copy or to publish."""
    return _wiki_page()


@require(Role.COORDINATOR)
def publish() -> _Answer:
    """Write the list onto its page of the wiki, under the own account of who sends this."""
    services = current_services()
    title = services.config.optional_text("community.questions_page")
    if not title or not services.can_publish:
        raise BadRequest("the settings name no page for the open questions")
    questions, language, part = _list()
    try:
        with own_wiki() as wiki:
            try:
                page = wiki.current(title)
            except PageNotFoundError:
                page = None
            edit = PageEdit(
                title=title if page is None else page.title,
                wikitext=placed("" if page is None else page.wikitext, part),
                summary=questions_summary(len(questions), person=wiki.user, language=language),
                base_revid=None if page is None else page.revid,
                tags=(CHANGE_TAG,),
                namespace=_namespace(title) if page is None else page.namespace,
            )
            saved = wiki.save(edit)
    except CredentialsWantedError:
        return _wiki_page(trouble=True), CREDENTIALS_WANTED.status
    try:
        services.refresh()
    except CompagnonError as e:
        logger.warning("the page of open questions is published, but not read yet: %s", e)
    flash(gettext("Published on “%(title)s”.", title=saved.title))
    return redirect(url_for("pages.questions_page"), 303)


def _wiki_page(*, trouble: bool = False) -> str:
    services = current_services()
    _, _, part = _list()
    title = services.config.optional_text("community.questions_page") or ""
    return render_template(
        "questions_page.html",
        title=title,
        wikitext=part,
        can_publish=services.can_publish and bool(title),
        trouble=CREDENTIALS_WANTED if trouble else None,
        account=request.form.get("account", ""),
    )


def _list() -> tuple[list[Question], str, str]:
    """Return the open questions, the wiki's language, and the list in wikitext."""
    services = current_services()
    site = services.site()
    language = base_language(site.language if site is not None else "en")
    questions = list(services.store.questions.list(state="open", limit=MOST_QUESTIONS))
    part = questions_wikitext(questions, language=language, url_of=_address, now=datetime.now(UTC))
    return questions, language, part


def _address(question: Question) -> str | None:
    """Return where a question is answered, where people reach it."""
    root = current_services().config.optional_text("web.public_url")
    path = url_for("pages.question", question_id=question.id)
    return f"{root.rstrip('/')}{path}" if root else None


def _namespace(title: str) -> int:
    site = current_services().site()
    if site is None:
        raise ConfigError("no wiki was read yet: run `compagnon sync`")
    name, colon, _ = title.partition(":")
    folded = name.strip().casefold()
    if not colon:
        return 0
    return next(
        (
            space.id
            for space in site.namespaces.values()
            if folded in {space.name.casefold(), (space.canonical or "").casefold()}
        ),
        0,
    )


def _back(question_id: int) -> AnyResponse:
    if request.form.get("from") == "me":
        return redirect(url_for("pages.me", _anchor="asked-heading"), 303)
    return redirect(url_for("pages.question", question_id=question_id, _anchor="people"), 303)
