"""Meetings as a coordinator sees and changes them: the same behind the pages and the API."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from flask_babel import force_locale, gettext

from community.agenda import Agenda
from community.handover import Rhythm, rhythm
from community.model import AgendaItem
from community.settled import SettledItem, notes_of_meeting
from connector.errors import CaptureError, IndexNotBuiltError, NotKeptError
from connector.store.meetings import Meeting, PlannedMeeting
from webui.community_list import answered_at_meeting
from webui.current import current_services
from webui.pages.display import day
from webui.rights.readers import current_reader

ItemAction = Literal["up", "down", "remove", "settle", "reopen"]
ITEM_ACTIONS: Final[tuple[ItemAction, ...]] = ("up", "down", "remove", "settle", "reopen")
"""What can be done with an item of an agenda."""
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMeetings:
    """The meetings that there are."""

    coming: Sequence[Meeting]
    past: Sequence[Meeting]
    """The earliest first."""
    rhythm: Rhythm


def known_meetings(*, past: int) -> KnownMeetings:
    """Return the meetings to come, and at most `past` of those that were; those that were cancelled, too."""
    store, today = current_services().store, datetime.now(UTC).date()
    before = store.meetings.list(last_day=today - timedelta(days=1), limit=past, cancelled=True)
    days = {each.met_on for each in store.notes.list() if each.met_on is not None}
    days |= {each.planned_on for each in before if not each.cancelled}
    return KnownMeetings(
        coming=store.meetings.list(first_day=today, cancelled=True),
        past=before,
        rhythm=rhythm(days, today=today),
    )


def planned_meeting(
    *, planned_on: date, minutes: int, language: str, title: str = "", starts_at: str = "", place: str = ""
) -> PlannedMeeting:
    """Return what is said of a meeting; without a title it is named after its day, in its own language.

    Raises:
        ValueError: the day is none that anybody meets on.
    """
    if not FIRST_DAY <= planned_on <= LAST_DAY:
        raise ValueError(f"a meeting is from {FIRST_DAY} to {LAST_DAY}")
    with force_locale(language):
        usual_title = gettext("Meeting of %(date)s", date=day(planned_on))
    return PlannedMeeting(
        planned_on=planned_on,
        starts_at=starts_at.strip(),
        title=title.strip() or usual_title,
        place=place,
        minutes=minutes,
        language=language,
    )


def plan(planned: PlannedMeeting) -> Meeting:
    """Keep a meeting that who asks plans.

    Raises:
        ValueError: as `MeetingStore.plan`.
    """
    account = current_reader().account
    created_by = account.id if account is not None else None
    return current_services().store.meetings.plan(planned, created_by=created_by)


def choose_notes(meeting_id: int, notes_id: int | None) -> Meeting:
    """Say which notes are of a meeting, or that none are.

    Raises:
        NotKeptError: there are no such notes (any more), or no such meeting.
    """
    services = current_services()
    if notes_id is not None:
        services.desk.entry(notes_id)
    return services.store.meetings.set_notes(meeting_id, notes_id)


def readable_agenda(kept: Meeting) -> Agenda:
    """Return the agenda of a meeting as who asks may read it."""
    return current_services().agendas.of(kept, held=is_held(kept), readable=current_reader().readable)


def is_held(kept: Meeting) -> bool:
    """Whether a meeting is over: its day has gone, or its notes are there."""
    return kept.planned_on < datetime.now(UTC).date() or kept.notes_id is not None


def offered(kept: Meeting) -> list[AgendaItem]:
    """Return what a meeting to come could talk about; nothing for one that was, or without an index."""
    if is_held(kept) or kept.cancelled:
        return []
    try:
        return current_services().overviews.items(now=datetime.now(UTC), readable=current_reader().readable)
    except IndexNotBuiltError:
        return []


def add_offered(kept: Meeting, keys: Collection[str]) -> list[str]:
    """Put items that are offered on an agenda, and return their keys; what is there stays where it is.

    Raises:
        ValueError: there would be too many.
    """
    items = [item for item in offered(kept) if item.key in keys]
    current_services().agendas.add(kept.id, items)
    return [item.key for item in items]


def change_item(kept: Meeting, key: str, action: ItemAction) -> bool:
    """Do something with an item of an agenda; say whether who asks sees such an item there."""
    agendas = current_services().agendas
    seen = [line.item.key for line in readable_agenda(kept).lines]
    if key not in seen:
        return False
    if action in ("up", "down"):
        agendas.move(kept.id, key, places=-1 if action == "up" else 1, among=seen)
    elif action == "remove":
        agendas.remove(kept.id, key)
    else:
        agendas.settle(kept.id, [key], settled=action == "settle")
    return True


def settled_by_notes(kept: Meeting) -> list[SettledItem]:
    """Return the items that the notes of a meeting settle, as it seems; none without notes."""
    services = current_services()
    notes_id = notes_of_meeting(services.store, kept)
    summary = services.desk.summary(notes_id) if notes_id is not None else None
    if notes_id is None or summary is None:
        return []
    notes = services.desk.notes(notes_id)
    found = services.settling.proposals(readable_agenda(kept), notes, summary.notes, notes_id=notes_id)
    return [one for one in found if not services.index.people.names_left_out(one.why)]


def close_item(kept: Meeting, key: str, *, actor: str) -> bool:
    """Close what the notes settle: the action or the question itself, and the item of this agenda.

    Args:
        kept: the meeting.
        key: of the item.
        actor: who does it.

    Returns:
        Whether it could still be closed: nobody was quicker, and the notes are still there.

    Raises:
        NotKeptError: the action has gone.
    """
    services = current_services()
    settled = next((one for one in settled_by_notes(kept) if one.line.item.key == key), None)
    notes_id = notes_of_meeting(services.store, kept)
    if settled is None or notes_id is None:
        return False
    source, number = key.split()[:2]
    if source in ("action", "follow_up"):
        try:
            services.follow_ups.close(int(number), actor=actor, closed_in=notes_id)
        except NotKeptError:
            raise
        except CaptureError:
            return False
    elif source == "question":
        answered_at_meeting(int(number))
    services.agendas.settle(kept.id, [key])
    if kept.notes_id is None:
        services.store.meetings.set_notes(kept.id, notes_id)
    return True
