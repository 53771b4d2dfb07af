"""What is known about somebody who has signed in: gathered for them alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from connector.erased import Erased, finder
from connector.errors import IndexNotBuiltError, ModelMismatchError
from connector.model import Page
from connector.store import Account
from connector.store.follow_ups import FollowUpRecord
from connector.store.questions import Question
from connector.store.wishes import Wish
from search.own_pages import OwnPage, own_pages
from search.people import name_key
from webui.bootstrap import Services
from webui.own_community import OwnCommunity, own_community, own_community_shape
from webui.own_names import are_theirs_alone
from webui.own_place import OwnPlace, own_place, own_place_shape
from webui.rights.pages import readable_pages
from webui.rights.readers import Reader
from webui.rights.roles import Role

_MOST_QUESTIONS = 200
_MOST_TOPICS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """All of it."""

    account: Account
    role: str
    """Name of the role, in small letters."""
    wish: Wish
    pages: Sequence[OwnPage]
    """By which they are found as somebody who knows; none for who opted out, or before there is an index."""
    topics: Sequence[str]
    not_mine: Sequence[Page]
    """Pages that they took away from themselves, as far as the mirror has them and they may read them."""
    left_out_by_settings: bool
    """Whether the administrator has left them out, whatever they wish."""
    drafts: Sequence[tuple[int, str, str]]
    """Number, title and language of the drafts that name them."""
    notes: Sequence[tuple[int, str, date | None]]
    """Number, title and day of the meetings whose notes name them."""
    follow_ups: Sequence[FollowUpRecord]
    """That are theirs; for coordinators, who have the notes, all that name them."""
    questions: Sequence[Question]
    """That they asked."""
    edits: int
    """Revisions of the mirror under their account."""
    community: OwnCommunity
    """What they tried, were asked, answered and decided; who shows them around; where they get mail."""
    place: OwnPlace
    """What the coordinator's page says of them."""


def own_data(services: Services, reader: Reader, account: Account) -> OwnData:
    """Return what is known about who reads.

    Args:
        services: where it is.
        reader: who they are, and what they may read.
        account: theirs.
    """
    store = services.store
    wish = store.wishes.get(account.id)
    pages, topics = _found_by(services, reader, account)
    mentions = _mentions_of(services, account)
    sees_notes = reader.role >= Role.COORDINATOR
    # Whoever calls their account by words of a meeting would be told what was said there.
    is_told = sees_notes or are_theirs_alone(services, account, ())
    meetings = {entry.id: entry for entry in store.notes.list()}
    titles = {record.id: record for record in store.drafts.list()}
    named = store.masking
    naming = set(named.follow_ups_naming(mentions)) if is_told else set()
    settings = frozenset(map(name_key, services.config.texts("search.opt_out")))
    return OwnData(
        account=account,
        role=reader.role.name.lower(),
        wish=wish,
        pages=pages,
        topics=topics,
        not_mine=readable_pages(store.pages.get_many(sorted(wish.not_mine)).values()),
        left_out_by_settings=name_key(account.name) in settings,
        drafts=[
            (i, titles[i].title, titles[i].language)
            for i in (named.drafts_naming(mentions) if is_told else ())
            if i in titles
        ],
        notes=[
            (i, meetings[i].title or "", meetings[i].met_on)
            for i in (named.notes_naming(mentions) if is_told else ())
            if i in meetings
        ],
        follow_ups=[
            one
            for one in store.follow_ups.list()
            if one.id in naming and (sees_notes or mentions.is_name(one.owner))
        ],
        questions=store.questions.list(asked_by=account.id, limit=_MOST_QUESTIONS),
        edits=store.revisions.count_of(account.wiki_user_id),
        community=own_community(services, account),
        place=own_place(services, reader, account, now=datetime.now(UTC)),
    )


def own_data_shape(data: OwnData) -> dict[str, Any]:
    """Return it as JSON for themselves to keep."""
    wish = data.wish
    return {
        "account": {
            "name": data.account.name,
            "wiki_user_id": data.account.wiki_user_id,
            "groups": list(data.account.groups),
            "role": data.role,
            "language": data.account.language,
            "told_at": data.account.told_at.isoformat(),
        },
        "wishes": {
            "opted_out": wish.opted_out,
            "paused": wish.paused,
            "paused_until": wish.paused_until.isoformat() if wish.paused_until else None,
            "asks_a_month": wish.asks_a_month,
            "languages": list(wish.languages),
            "availability": wish.availability,
            "not_mine": [{"pageid": page.pageid, "title": page.title} for page in data.not_mine],
        },
        "pages": [
            {
                "pageid": each.evidence.pageid,
                "title": each.evidence.title,
                "url": each.evidence.url,
                "reason": each.evidence.reason,
                "share": round(each.evidence.share, 3),
                "edits": each.evidence.edits,
                "language": each.language,
            }
            for each in data.pages
        ],
        "topics": list(data.topics),
        "drafts": [{"id": i, "title": title, "language": language} for i, title, language in data.drafts],
        "meetings": [
            {"id": i, "title": title, "date": day.isoformat() if day else None}
            for i, title, day in data.notes
        ],
        "follow_ups": [
            {
                "id": one.id,
                "kind": one.kind,
                "state": one.state,
                "text": one.text,
                "owner": one.owner,
                "due": one.due.isoformat() if one.due else None,
                "meeting": one.meeting,
            }
            for one in data.follow_ups
        ],
        "questions": [
            {"id": one.id, "state": one.state, "text": one.text, "asked_at": one.asked_at.isoformat()}
            for one in data.questions
        ],
        "edits": data.edits,
        "community": own_community_shape(data.community),
        "coordinators_read": own_place_shape(data.place),
    }


def _mentions_of(services: Services, account: Account) -> Erased:
    site = services.site()
    spaces = [site.namespaces[n].name for n in (2, 3) if n in site.namespaces] if site is not None else []
    return finder([account.name], user_spaces=spaces)


def _found_by(
    services: Services, reader: Reader, account: Account
) -> tuple[Sequence[OwnPage], Sequence[str]]:
    site = services.site()
    if site is None:
        return (), ()
    index = services.index
    try:
        pages = own_pages(
            services.topics.finder,
            index,
            site=site,
            name=account.name,
            user_id=account.wiki_user_id,
            readable=reader.readable,
        )
        topics = services.topics.topics_of(account.name, top_k=_MOST_TOPICS, readable=reader.readable)
    except (IndexNotBuiltError, ModelMismatchError):
        return (), ()
    return pages, [each.topic.name for each in topics]
