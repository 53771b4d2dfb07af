"""After a lost reply, nothing that goes wrong in finding out is told as “nothing was saved”."""

import json

import pytest

from connector.errors import WikiUnavailableError
from connector.wiki import MediaWiki
from tests.faultproxy import Exchange, FaultProxy, Reply, action_is
from tests.faults import ApiError, CommitThenDrop, SessionLost
from tests.mediawiki import LocalWiki
from tests.test_connector_saving import bot_password, edit, member, proxy, title, titles, waits, workshop

__all__ = ["bot_password", "member", "proxy", "title", "titles", "waits", "workshop"]  # fixtures


class NothingYet:
    """A copy of the wiki's database that does not have the newest page yet."""

    def play(self, exchange: Exchange) -> None:
        body = {"batchcomplete": True, "query": {"pages": [{"ns": 0, "title": "-", "missing": True}]}}
        headers = (("Content-Type", "application/json; charset=utf-8"),)
        exchange.send(Reply(200, headers, b"").with_body(json.dumps(body).encode()))


@pytest.mark.parametrize("then", ["lookup", "session", "login"])
def test_it_is_said_that_the_page_may_be_saved(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str, then: str
) -> None:
    proxy.inject(action_is("edit"), CommitThenDrop())
    looked_up = action_is("query", prop="revisions")
    broken = ApiError("readapidenied", "You need read permission to use this module.")
    proxy.inject(looked_up, broken if then == "lookup" else SessionLost(), times=None)
    if then == "login":
        proxy.inject(action_is("login"), broken, times=None)
    with pytest.raises(WikiUnavailableError, match="may have been saved") as caught:
        member.save(edit(title, "Frapper sec."))
    assert caught.value.maybe_saved
    assert len(workshop.revisions(title)) == 1


def test_the_second_try_may_meet_a_session_that_is_lost(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    proxy.inject(action_is("edit"), CommitThenDrop())
    proxy.inject(action_is("query", prop="revisions"), NothingYet(), times=None)
    proxy.inject(action_is("edit"), SessionLost(), times=None)
    with pytest.raises(WikiUnavailableError) as caught:
        member.save(edit(title, "Frapper sec."))
    assert caught.value.maybe_saved
    assert len(workshop.revisions(title)) == 1


def test_what_was_saved_is_found_though_the_page_is_protected_since(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    proxy.inject(action_is("edit"), CommitThenDrop())
    proxy.inject(action_is("edit"), ApiError("protectedpage", "This page has been protected."))
    proxy.inject(action_is("query", prop="revisions"), NothingYet())
    saved = member.save(edit(title, "Frapper sec."))
    assert [revision["revid"] for revision in workshop.revisions(title)] == [saved.revid]
