"""All addresses that a year's community can be looked at by: a new route is among them, or fails for want of
a number that it is asked with."""

import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.community_life import Life
from tests.community_year_texts import FAILING, SHARED, TRIED

# What people wrote as it was given: notes and the drafts that quote them. What is one's own, or no page.
SKIPPED: Final = frozenset(
    {
        "api.job",
        "api.openapi",
        "metrics",
        "pages.confirm_digest",
        "pages.draft",
        "pages.notes",
        "pages.oauth_begin",
        "pages.oauth_return",
        "pages.progress",
        "pages.stop_digest",
        "pages.try_api",
        "static",
    }
)
# Asked of what somebody who is named nowhere wrote most about.
_ABOUT: Final = quote("Comment récupérer la pluie pour l’arrosage ?")
_ASKED: Final = (
    f"/?q={_ABOUT}",
    f"/api/v1/search?q={_ABOUT}&answer=1&top_k=50",
    f"/api/v1/experts?q={_ABOUT}&top_k=50",
    f"/api/v1/experts?q={quote('trier les graines')}&top_k=50",
    "/api/v1/topics?top_k=100",
    "/api/v1/titles?q=O&top_k=50",
    "/api/v1/community?months=24",
    "/community?months=24",
    "/community/changes?since=2025-01-01",
    "/questions?state=answered",
    f"/links?title={quote(FAILING)}",
    f"/api/v1/links?title={quote(SHARED)}",
)


def addresses(life: Life) -> Iterator[str]:
    """Yield them, each once."""
    routes = life.client.application.url_map
    for rule in routes.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in SKIPPED:
            for values in _choices(rule, life):
                yield routes.bind("localhost").build(rule.endpoint, values)
    yield from _ASKED


def _choices(rule: Rule, life: Life) -> list[dict[str, object]]:
    """Return what a route is asked with: a few of each, those that most happened to."""
    questions = [question.id for question in life.questions.values()]
    meetings = life.services.store.meetings.list(limit=20)
    pages = [life.year.pageid(title) for title in (FAILING, SHARED, TRIED)]
    known: dict[str, list[object]] = {
        "question_id": [*questions[:2], *questions[5:7], questions[-1]],
        "pageid": [*pages],
        "french": [pages[0]],
        "english": [pages[1]],
        "meeting_id": [meeting.id for meeting in meetings if meeting.planned_on.month in (4, 6, 12)],
        "name": ["questions", "practices", "suggestions"],
        "format": ["atom"],
    }
    missing = rule.arguments - known.keys()
    assert not missing, f"what is {rule.rule} asked with?"
    choices: list[dict[str, object]] = [{}]
    for name in sorted(rule.arguments):
        choices = [{**choice, name: value} for choice in choices for value in known[name]]
    return choices


def texts_of(life: Life, client: FlaskClient) -> dict[str, str]:
    """What is there to be read, by address."""
    texts = {}
    for address in addresses(life):
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code == 200:
            texts[address] = plain(answer.get_data(as_text=True))
    return texts


def holds(name: str, text: str) -> bool:
    """Whether one of somebody's names stands in a page or an answer, however it is written there."""
    there = plain(text)
    return any(word in there for word in name.split())


def plain(text: str) -> str:
    """A page, or JSON, as somebody reads it."""
    return html.unescape(re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text))
