"""The shape of the coordinator's five answers in JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # as in `webui.api.shapes`
    from community.model import AgendaItem, Call, Evidence, IfTheyLeave, Load, Person, Since
    from community.overview import Overview
    from community.risk import StalePage, TopicRisk


def community_shape(overview: "Overview") -> dict[str, Any]:
    """Return `{"now", "next_meeting", "calls", "topics", "if_they_leave", "stale", "since", ...}`."""
    return {
        "now": overview.now.isoformat(),
        "next_meeting": [item_shape(item) for item in overview.items],
        "calls": [_call(call) for call in overview.calls],
        "topics": [_topic(topic) for topic in overview.topics],
        "if_they_leave": [_leaving(each) for each in overview.leaving],
        "stale": [_stale(each) for each in overview.stale],
        "since": _since(overview.since),
        "load": _load(overview.load, overview.own_share),
        "pending": list(overview.pending),
    }


def item_shape(item: "AgendaItem") -> dict[str, Any]:
    """Return the shape of an item of an agenda."""
    return {
        "kind": item.kind,
        "key": item.key,
        "title": item.title,
        "language": item.language,
        "minutes": item.minutes,
        "weight": item.weight,
        "number": item.number,
        "status": item.status,
        "missing": list(item.missing),
        "person": _person(item.person),
        "evidence": _proofs(item.evidence),
    }


def _call(call: "Call") -> dict[str, Any]:
    return {
        "person": _person(call.person),
        "why": call.why,
        "since": call.since.isoformat() if call.since is not None else None,
        "number": call.number,
        "evidence": _proofs(call.evidence),
    }


def _topic(topic: "TopicRisk") -> dict[str, Any]:
    return {
        "name": topic.name,
        "url": topic.url,
        "pages": topic.pages,
        "people": topic.people,
        "still_here": topic.still_here,
        "absence_factor": topic.absence_factor,
        "absence_factor_now": topic.absence_factor_now,
        "holders": [_person(person) for person in topic.holders],
    }


def _leaving(leaving: "IfTheyLeave") -> dict[str, Any]:
    return {
        "person": _person(leaving.person),
        "topics": list(leaving.topics),
        "pages": _proofs(leaving.pages),
    }


def _stale(stale: "StalePage") -> dict[str, Any]:
    return {
        "page": _proof(stale.page),
        "why": stale.why,
        "links": stale.links,
        "reviewed_on": stale.reviewed_on.isoformat() if stale.reviewed_on is not None else None,
        "months": stale.months,
    }


def _since(since: "Since") -> dict[str, Any]:
    return {
        "moment": since.moment.isoformat(),
        "meeting": _proof(since.meeting) if since.meeting is not None else None,
        "new_pages": _proofs(since.new_pages),
        "changed_pages": _proofs(since.changed_pages),
        "steps": _proofs(since.steps),
        "experiences": _proofs(since.experiences),
        "asked": _proofs(since.asked),
        "answered": _proofs(since.answered),
        "done": _proofs(since.done),
        "newcomers": _proofs(since.newcomers),
    }


def _load(load: "Load", own_share: float | None) -> dict[str, Any]:
    return {
        "months": load.months,
        "contributions": load.contributions,
        "people": load.people,
        "absence_factor": load.absence_factor,
        "gini": round(load.gini, 4),
        "carriers": [_person(person) for person in load.carriers],
        "carriers_share": round(load.carriers_share, 4),
        "own_share": round(own_share, 4) if own_share is not None else None,
        "by_month": [
            {"month": month.isoformat(), "contributions": contributions, "people": people}
            for month, contributions, people in load.by_month
        ],
    }


def _proofs(proofs: "Sequence[Evidence]") -> list[dict[str, Any]]:
    return [_proof(proof) for proof in proofs]


def _proof(proof: "Evidence") -> dict[str, Any]:
    return {
        "kind": proof.kind,
        "id": proof.id,
        "label": proof.label,
        "language": proof.language,
        "when": proof.when.isoformat() if proof.when is not None else None,
    }


def _person(person: "Person | None") -> dict[str, Any] | None:
    return {"name": person.name, "user_id": person.user_id} if person is not None else None
