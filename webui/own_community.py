"""What a community knows about somebody: what they tried, were asked, answered and decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.errors import NotKeptError
from connector.store import Account
from connector.store.asks import Ask
from connector.store.experiences import KeptExperience
from connector.store.own_traces import OwnTraces
from connector.store.questions import Question
from connector.store.subscriptions import Subscription
from connector.store.welcomes import Welcome
from webui.bootstrap import Services
from webui.rights.pages import readable_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCommunity:
    """All of it."""

    experiences: Sequence[KeptExperience]
    """That they told here; what stands on pages of the wiki is the wiki's."""
    asks: Sequence[Ask]
    """What they were asked, the last first."""
    traces: OwnTraces
    """What they decided, planned and answered."""
    contact: str
    """Who shows them around; empty for nobody, and for who may not be named."""
    shows_around: Sequence[str]
    """Newcomers whom they show around."""
    subscription: Subscription | None
    titles: Mapping[int, str]
    """Of the pages that are meant, as far as they may read them."""
    questions: Mapping[int, Question]
    """That are meant."""

    @property
    def is_empty(self) -> bool:
        """Whether the community knows nothing of them."""
        traces = self.traces
        return not (
            self.experiences
            or self.asks
            or self.contact
            or self.shows_around
            or self.subscription
            or traces.steps
            or traces.judgements
            or traces.meetings
            or traces.asks_made
            or traces.answers
        )


def own_community(services: Services, account: Account) -> OwnCommunity:
    """Return what the community knows about who reads.

    Args:
        services: where it is.
        account: theirs.
    """
    store, people = services.store, services.index.people
    user_id = account.wiki_user_id
    experiences = store.experiences.of_account(account.id)
    asks = store.asks.of_person(account.name, user_id)
    traces = store.own_traces.of(account.id, wiki_user_id=user_id)
    welcome = store.welcomes.get(user_id)
    pageids = {one.pageid for one in experiences} | {pageid for pageid, *_ in traces.steps}
    numbers = {one.question_id for one in asks} | {number for number, *_ in traces.asks_made}
    return OwnCommunity(
        experiences=experiences,
        asks=asks,
        traces=traces,
        contact=_contact(services, welcome),
        shows_around=[
            one.name
            for one in store.welcomes.of_contact(account.name, user_id)
            if one.ended_at is None and people.is_person(one.name, one.wiki_user_id)
        ],
        subscription=store.subscriptions.get(account.id),
        titles={
            page.pageid: page.title for page in readable_pages(store.pages.get_many(sorted(pageids)).values())
        },
        questions=_questions(services, numbers | set(traces.answers)),
    )


def own_community_shape(known: OwnCommunity) -> dict[str, Any]:
    """Return it as JSON for themselves to keep."""
    mail = known.subscription
    return {
        "experiences": [
            {
                "page": _page(known, one.pageid),
                "outcome": one.outcome,
                "context": one.context,
                "note": one.note,
                "tried_on": _day(one.tried_on),
                "told_at": _moment(one.created_at),
                "published": one.revid is not None,
            }
            for one in known.experiences
        ],
        "asked": [
            {
                "question": _question(known, one.question_id),
                "asked_at": _moment(one.asked_at),
                "state": one.state,
                "ended_at": _moment(one.ended_at),
            }
            for one in known.asks
        ],
        "asked_others": [
            {"question": _question(known, number), "asked_at": _moment(when), "state": state}
            for number, when, state in known.traces.asks_made
        ],
        "answers": [_question(known, number) for number in known.traces.answers],
        "decisions": [
            {
                "page": _page(known, pageid),
                "from": before,
                "to": after,
                "decision": decision,
                "decided_at": _moment(when),
                "note": note,
            }
            for pageid, before, after, decision, when, note in known.traces.steps
        ],
        "judgements": [
            {"kind": kind, "subject": subject, "verdict": verdict, "judged_at": _moment(when), "note": note}
            for kind, subject, verdict, when, note in known.traces.judgements
        ],
        "meetings_planned": [
            {"id": number, "title": title, "date": _day(day)} for number, title, day in known.traces.meetings
        ],
        "contact": known.contact or None,
        "shows_around": list(known.shows_around),
        "digest": None
        if mail is None
        else {
            "address": mail.address,
            "language": mail.language,
            "asked_at": _moment(mail.asked_at),
            "confirmed_at": _moment(mail.confirmed_at),
            "sent_at": _moment(mail.sent_at),
        },
    }


def _contact(services: Services, welcome: Welcome | None) -> str:
    if welcome is None or welcome.ended_at is not None or not welcome.contact_name:
        return ""
    is_shown = services.index.people.is_person(welcome.contact_name, welcome.contact_user_id)
    return welcome.contact_name if is_shown else ""


def _questions(services: Services, numbers: set[int]) -> dict[int, Question]:
    found = {}
    for number in sorted(numbers):
        try:
            found[number] = services.store.questions.get(number)
        except NotKeptError:
            continue  # it was taken away a moment ago
    return found


def _page(known: OwnCommunity, pageid: int) -> dict[str, Any]:
    return {"pageid": pageid, "title": known.titles.get(pageid)}


def _question(known: OwnCommunity, number: int) -> dict[str, Any]:
    question = known.questions.get(number)
    return {"id": number, "text": question.text if question is not None else None}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
