"""What the coordinator's page says of somebody, for themselves to see: every line that names them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.model import Call, IfTheyLeave
from connector.errors import IndexNotBuiltError, ModelMismatchError
from connector.store import Account
from webui.bootstrap import Services
from webui.rights.readers import Reader

_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPlace:
    """All of it, as far as they may read what it is made of."""

    calls: Sequence[Call]
    """Why they are listed as somebody to call."""
    leaving: IfTheyLeave | None
    """What would be lost with them; None where that is not said."""
    carries: bool
    """Whether they are named among those who together did half of the last twelve months."""
    holds: Sequence[str]
    """Topics for which they are named among the fewest who hold them."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said of them."""
        return not (self.calls or self.leaving or self.carries or self.holds)


def own_place(services: Services, reader: Reader, account: Account, *, now: datetime) -> OwnPlace:
    """Return what is said of who reads.

    Args:
        services: where it is.
        reader: who they are, and what they may read.
        account: theirs.
        now: aware.
    """
    user_id, readable = account.wiki_user_id, reader.readable
    load = services.loads.over(months=_MONTHS, now=now, readable=readable)
    try:
        leaving = services.risks.if_they_leave(now=now, readable=readable)
        topics = services.risks.topics(now=now, readable=readable)
    except (IndexNotBuiltError, ModelMismatchError):
        leaving, topics = [], []
    return OwnPlace(
        calls=services.calls.about(user_id, now=now, readable=readable),
        leaving=next((each for each in leaving if each.person.user_id == user_id), None),
        carries=any(person.user_id == user_id for person in load.carriers),
        holds=[topic.name for topic in topics if any(person.user_id == user_id for person in topic.holders)],
    )


def own_place_shape(place: OwnPlace) -> dict[str, Any]:
    """Return it as JSON for themselves to keep."""
    leaving = place.leaving
    return {
        "calls": [
            {
                "why": call.why,
                "since": call.since.isoformat() if call.since is not None else None,
                "number": call.number,
            }
            for call in place.calls
        ],
        "if_they_leave": None
        if leaving is None
        else {
            "topics": list(leaving.topics),
            "pages": [{"pageid": page.id, "title": page.label} for page in leaving.pages],
        },
        "carries_half_of_the_year": place.carries,
        "holds_topics": list(place.holds),
    }
