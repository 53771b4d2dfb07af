"""The shape of topics in JSON, the same from the API and from the command line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connector.errors import PageNotFoundError

if TYPE_CHECKING:  # as in `webui.api.shapes`
    from search.experts import Evidence
    from search.readable import Readable
    from search.topics import Topic, Topics


def topics_shape(
    topics: "Topics",
    *,
    language: str,
    topic: str | None,
    person: str | None,
    top_k: int,
    readable: "Readable | None" = None,
    for_members: bool = True,
) -> dict[str, Any]:
    """Return `{"topic", "person", "topics"}`: all topics, those of a person, or one with its experts.

    Args:
        topics: the community's.
        language: of the reasons ("fr", else English).
        topic: the one that is asked for.
        person: whose topics are asked for.
        top_k: how many topics, or experts of the one topic.
        readable: what who asks may read; None: everything.
        for_members: whether it is told who answered which question.

    Raises:
        IndexNotBuiltError: there is no index yet.
        PageNotFoundError: there is no such topic.
    """
    if person is not None:
        parts = topics.topics_of(person, top_k=top_k, readable=readable)
        found = [
            {
                **_topic(part.topic),
                "share": round(part.share, 4),
                "evidence": [_evidence(each, language) for each in proofs],
            }
            for part in parts
            if (proofs := _told(part.evidence, for_members=for_members))
        ]
    elif topic is not None:
        known = topics.people_of(topic, top_k=top_k, readable=readable)
        if known is None:
            raise PageNotFoundError(f"no topic is called “{topic}”", title=topic)
        experts = [
            {
                "name": expert.name,
                "score": round(expert.score, 4),
                "evidence": [_evidence(each, language) for each in proofs],
            }
            for expert in known[1]
            if (proofs := _told(expert.evidence, for_members=for_members))
        ]
        found = [{**_topic(known[0]), "experts": experts}]
    else:
        found = [_topic(each) for each in topics.all(readable=readable)[:top_k]]
    return {"topic": topic, "person": person, "topics": found}


def _topic(topic: "Topic") -> dict[str, Any]:
    return {
        "name": topic.name,
        "url": topic.url,
        "kind": topic.kind,
        "pages": topic.pages,
        "people": topic.people,
        "absence_factor": topic.absence_factor,
        "holders": list(topic.holders),
    }


def _told(evidence: Sequence["Evidence"], *, for_members: bool) -> list["Evidence"]:
    return [each for each in evidence if for_members or each.reason != "answered_question"]


def _evidence(evidence: "Evidence", language: str) -> dict[str, Any]:
    return {"pageid": evidence.pageid, "title": evidence.title, "why": evidence.why(language)}
