"""How often one visitor may ask: so that one of them, or one program, does not keep the others waiting.

Whoever has signed in is counted by account, others by address; this machine's own programs are not counted,
but for signing in, where guessing passwords must not go faster from here. Requests are counted in memory, or
in Redis when several processes serve (`web.rate_limits_url`).
"""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from limits.errors import ConfigurationError

from connector.errors import ConfigError
from webui.current import current_services, services_of
from webui.rights.readers import current_reader
from webui.visitors import is_of_this_machine, visitor_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often pages of one kind may be asked for, together, by one visitor."""

    rate: str
    """As https://limits.readthedocs.io/en/stable/quickstart.html#rate-limit-string-notation has it."""
    endpoints: tuple[str, ...]
    method: str = "GET"
    even_from_here: bool = False
    """Whether this machine's own programs are counted as well."""


LIMITS = {
    # Each goes through all that was kept of meetings.
    "own": Limit(
        rate="30 per minute",
        endpoints=("pages.me", "pages.my_data", "pages.erase_me", "pages.digest", "api.digest"),
    ),
    # A person tries one question after another; a program that reads all of a wiki has the wiki for it.
    "search": Limit(
        rate="60 per minute; 1200 per hour",
        endpoints=(
            "pages.search",
            "pages.answer",
            "pages.related",
            "pages.practice",
            "pages.question",
            "pages.confirm_question",
            "pages.links",
            "pages.gardening",
            "api.search",
            "api.facets",
            "api.experts",
            "api.practice",
            "api.related",
            "api.topics",
            "api.links",
            "api.links_of_page",
            "api.gardening",
            "feeds.feed",
        ),
    ),
    # Each is counted over all that the reader may read, and drawn anew for who may not read everything.
    "community": Limit(
        rate="120 per minute; 2400 per hour",
        endpoints=(
            "pages.topic_map",
            "pages.map_topic",
            "pages.welcome",
            "pages.community",
            "pages.community_changes",
            "pages.community_practices",
            "pages.community_meetings",
            "pages.community_meeting",
            "pages.meeting_agenda",
            "pages.community_newcomers",
            "pages.community_thanks",
            "pages.contradictions",
            "pages.twins",
            "pages.twin",
            "pages.hand_over",
            "pages.hand_over_file",
            "api.map",
            "api.welcome",
            "api.community",
            "api.practice_steps",
            "api.practice_life",
            "api.question_people",
            "api.meetings",
            "api.meeting",
            "api.settled",
            "api.newcomers",
            "api.thanks",
            "api.contradictions",
            "api.twins",
            "api.twin",
            "api.hand_over",
        ),
    ),
    # What is typed is completed at each letter.
    "titles": Limit(rate="300 per minute", endpoints=("api.titles",)),
    # Each costs seconds of the processor, or a language model's minutes.
    "capture": Limit(
        rate="10 per minute; 100 per hour",
        endpoints=("pages.capture", "api.capture", "api.notes"),
        method="POST",
    ),
    "text": Limit(rate="30 per minute", endpoints=("api.links_of_text",), method="POST"),
    # What the others see, or what is kept.
    "saying": Limit(
        rate="30 per minute; 200 per hour",
        endpoints=(
            "pages.ask_community",
            "pages.change_question",
            "pages.judge_hit",
            "pages.make_token",
            "pages.change_me",
            "pages.opt_out",
            "pages.change_my_pages",
            "pages.confirm_erase_me",
            "pages.end_digest",
            "pages.publish_digest",
            "pages.keep_ask",
            "pages.change_ask",
            "pages.add_experience",
            "pages.change_experience",
            "feeds.make_address",
            "api.ask_community",
            "api.answer_question",
            "api.change_question",
            "api.name_giver",
            "api.end_digest",
            "api.keep_ask",
            "api.change_ask",
            "api.try_practice",
            "api.change_experience",
        ),
        method="POST",
    ),
    # Coordinators go through lists, one click an item.
    "tending": Limit(
        rate="120 per minute; 1200 per hour",
        endpoints=(
            "pages.decide_status",
            "pages.look_after",
            "pages.assign_contact",
            "pages.judge_thanks",
            "pages.judge_contradiction",
            "pages.judge_twins",
            "pages.plan_meeting",
            "pages.change_meeting",
            "pages.publish_questions",
            "api.decide_status",
            "api.plan_meeting",
            "api.change_meeting",
            "api.cancel_meeting",
            "api.notes_of_meeting",
            "api.add_item",
            "api.change_item",
            "api.settle",
            "api.assign_contact",
            "api.called",
            "api.thank",
            "api.judge_contradiction",
            "api.judge_twins",
        ),
        method="POST",
    ),
    # Each is a mail to an address of which nobody knows yet whose it is.
    "mail": Limit(
        rate="5 per hour; 10 per day", endpoints=("pages.want_digest", "api.want_digest"), method="POST"
    ),
    # Guessing what ends somebody's mails, or confirms an address, is hopeless, and stays so.
    "mail-links": Limit(
        rate="30 per minute", endpoints=("pages.digest_confirmed", "pages.digest_stopped"), method="POST"
    ),
    # The wiki counts wrong passwords too, each account's.
    "password": Limit(
        rate="20 per minute; 100 per hour",
        endpoints=("pages.sign_in_with_password",),
        method="POST",
        even_from_here=True,
    ),
    "sign-in": Limit(
        rate="30 per minute; 300 per hour",
        endpoints=("pages.oauth_begin", "pages.oauth_return"),
        even_from_here=True,
    ),
}


def _visitor() -> str:
    account = current_reader().account
    return _address() if account is None else f"account {account.id}"


def _address() -> str:
    return visitor_address(current_services().config)


def _is_our_own() -> bool:
    return current_reader().account is None and is_of_this_machine(_address())


def init_app(app: Flask) -> None:
    """Limit what is answered; to be called when all functions are registered.

    Raises:
        ConfigError: requests cannot be counted where the settings say.
    """
    try:
        limiter = Limiter(
            _visitor,
            app=app,
            storage_uri=services_of(app).config.text("web.rate_limits_url"),
            strategy="moving-window",
            headers_enabled=True,
            in_memory_fallback_enabled=True,  # a Redis that is away must not close the pages
        )
    except ConfigurationError as e:
        raise ConfigError(f"web.rate_limits_url cannot be used: {e}") from e
    for name, limit in LIMITS.items():
        shared = limiter.shared_limit(
            limit.rate,
            scope=name,
            key_func=_address if limit.even_from_here else _visitor,
            # Who asks for the headers alone costs as much.
            methods=["GET", "HEAD"] if limit.method == "GET" else [limit.method],
            error_message=f"one visitor may ask for this {limit.rate.replace(';', ',')}: try again later",
            exempt_when=None if limit.even_from_here else _is_our_own,
        )
        for endpoint in limit.endpoints:
            guarded: Any = shared(app.view_functions[endpoint])  # its types know asynchronous functions too
            app.view_functions[endpoint] = guarded
