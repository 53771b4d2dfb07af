"""What coordinators do with what the community's pages show: the same behind their forms and the API."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from community.calls import Newcomer
from community.model import Person
from community.thanks import Verdict
from connector.store.judgements import LONGEST_NOTE
from connector.wikitext.escape import one_line
from search import contradictions, twins
from webui.current import current_services
from webui.rights.readers import current_reader

CallReason = Literal["newcomer", "quiet"]
CALL_REASONS: Final[tuple[CallReason, ...]] = ("newcomer", "quiet")
"""What somebody is listed for who can be said to have been called."""
TAKE_BACK: Final = "take_back"
"""What is judged of a contradiction to open it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Who has just come, and who could show them around."""

    newcomers: Sequence[Newcomer]
    contacts: Sequence[Person]
    shows_around: Mapping[int, int]
    """How many newcomers each contact shows around, by the number of their account in the wiki."""


def judge_contradiction(key: str, verdict: str, *, note: str = "") -> bool:
    """Keep what who asks decides of a contradiction, or take back what was decided.

    Args:
        key: of the contradiction.
        verdict: one of `search.contradictions.VERDICTS`, or `TAKE_BACK`.
        note: why; what does not fit is left out.

    Returns:
        Whether its sentences are still in the wiki, on pages that who asks may read.
    """
    services = current_services()
    if services.contradictions.find(key, readable=current_reader().readable) is None:
        return False
    kept = services.store.judgements
    if verdict == TAKE_BACK:
        kept.forget(contradictions.JUDGED, [key])
    else:
        said = one_line(note)[:LONGEST_NOTE]  # composed, it may be longer
        kept.put(contradictions.JUDGED, key, verdict, judged_by=_judge(), note=said)
    return True


def judge_twins(french: int, english: int, verdict: str) -> bool:
    """Keep what who asks decides of two pages: `search.twins.VERDICTS`.

    Returns:
        Whether they are still a pair that who asks may read.
    """
    services, key = current_services(), twins.twin_key(french, english)
    if all(each.key != key for each in services.twins.all(readable=current_reader().readable)):
        return False
    services.store.judgements.put(twins.JUDGED, key, verdict, judged_by=_judge())
    return True


def judge_thanks(revid: int, verdict: Verdict) -> bool:
    """Keep that somebody was thanked for an edit, or is not to be; say whether the edit is still there."""
    readable = current_reader().readable
    return current_services().thanks.judge(revid, verdict, judged_by=_judge(), readable=readable)


def called(why: CallReason, user_id: int) -> bool:
    """Keep that somebody who was to be called has been; say whether they are still listed for that."""
    services, readable = current_services(), current_reader().readable
    now = datetime.now(UTC)
    if why == "newcomer":  # their own page lists them all, the coordinator's only those without a contact
        listed = [each.person for each in services.calls.newcomers(now=now, readable=readable)]
    else:
        found = services.calls.all(now=now, readable=readable)
        listed = [each.person for each in found if each.why == why]
    if all(person.user_id != user_id for person in listed):
        return False
    services.calls.look_after(why, user_id, verdict="called", judged_by=_judge())
    return True


def arrivals() -> Arrivals:
    """Return who has just come, and who could show them around."""
    services, readable = current_services(), current_reader().readable
    now = datetime.now(UTC)
    held = [each.contact_user_id for each in services.store.welcomes.all().values()]
    return Arrivals(
        newcomers=services.calls.newcomers(now=now, readable=readable),
        contacts=services.newcomer_paths.contacts(now=now, readable=readable),
        shows_around=Counter(number for number in held if number is not None),
    )


def assign_contact(newcomer_id: int, contact_id: int) -> tuple[Newcomer, Person]:
    """Say who shows a newcomer around, and return both.

    Raises:
        NotKeptError: the one is no newcomer (any more), or the other nobody who could show them around.
        ValueError: somebody is to show themselves around.
    """
    return current_services().newcomer_paths.assign(
        newcomer_id, contact_id, now=datetime.now(UTC), readable=current_reader().readable
    )


def end_welcome(newcomer_id: int) -> bool:
    """Say that a newcomer needs nobody any more; say whether somebody showed them around."""
    return current_services().store.welcomes.end(newcomer_id, now=datetime.now(UTC))


def _judge() -> int | None:
    account = current_reader().account
    return account.id if account is not None else None
