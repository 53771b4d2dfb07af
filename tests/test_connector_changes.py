"""The feed of changes on a real MediaWiki: what its log says, what it hides, how the two lists meet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.clock import WikiClock
from connector.model import LoggedEvent, Revision
from connector.wiki import MediaWiki, WikiSettings
from tests.faultproxy import FaultProxy, action_is
from tests.faults import TruncatedJson
from tests.mediawiki import LocalWiki

EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
RIGHTS = ("deleterevision", "deletelogentry", "suppressrevision", "suppressionlog", "mergehistory")
IMPORTED = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="fr">
<page><title>{title}</title><ns>0</ns><id>7</id><revision><id>8</id><timestamp>{timestamp}</timestamp>
<contributor><username>Zoé Lantier</username><id>9</id></contributor><model>wikitext</model>
<format>text/x-wiki</format><text xml:space="preserve">{text}</text></revision></page></mediawiki>"""


@pytest.fixture(scope="module")
def ground(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    wiki = wiki_template_fr.copy(tmp_path_factory.mktemp("changes") / "wiki")
    wiki.configure("".join(f"$wgGroupPermissions['sysop']['{right}'] = true;\n" for right in RIGHTS))
    yield wiki
    wiki.discard()


def reader(url: str, *, user: str | None = None, password: str | None = None) -> MediaWiki:
    settings = WikiSettings(api_url=url, user=user, password=password, timeout_seconds=20)
    return MediaWiki(settings, sleep=lambda seconds: None)


def administrator(wiki: LocalWiki) -> MediaWiki:
    admin = wiki.account()
    return reader(wiki.api_url, user=admin.name, password=admin.password)


def events(subject: MediaWiki, *, title: str | None = None) -> list[LoggedEvent]:
    """The events of the log but for creations, of one title when it is given."""
    found = [c for c in subject.changes(namespaces=[], since=EPOCH) if isinstance(c, LoggedEvent)]
    return [e for e in found if e.type != "create" and title in (None, e.title)]


def known(changes: list[Revision | LoggedEvent]) -> list[str]:
    return sorted(f"r{c.revid}" if isinstance(c, Revision) else f"l{c.logid}" for c in changes)


def told(event: LoggedEvent) -> tuple[Any, ...]:
    return event.type, event.action, event.pageid, event.title, event.target_title


def test_a_deleted_and_restored_page_is_the_same_page(ground: LocalWiki) -> None:
    made = ground.edit("Sciage", "Dans le fil.")
    ground.delete("Sciage")
    ground.session().write("undelete", title="Sciage")
    assert [told(e) for e in events(reader(ground.api_url), title="Sciage")] == [
        ("delete", "delete", made.pageid, "Sciage", None),
        ("delete", "restore", made.pageid, "Sciage", None),
    ]
    assert reader(ground.api_url).current("Sciage").pageid == made.pageid


def test_a_page_restored_onto_a_new_one_is_the_new_one(ground: LocalWiki) -> None:
    old = ground.edit("Fraisage", "Ancien.")
    ground.delete("Fraisage")
    new = ground.edit("Fraisage", "Nouveau.")
    ground.session().write("undelete", title="Fraisage")
    assert new.pageid != old.pageid
    [deleted, restored] = events(reader(ground.api_url), title="Fraisage")
    assert (deleted.pageid, restored.pageid) == (old.pageid, new.pageid)
    assert reader(ground.api_url).existing([old.pageid, new.pageid]).keys() == {new.pageid}


def test_a_move_tells_the_page_that_moved_and_not_its_redirect(ground: LocalWiki) -> None:
    made = ground.edit("Perçage", "Au foret.")
    ground.move("Perçage", "Percer")
    ground.move("Percer", "Forer", redirect=False)
    subject = reader(ground.api_url)
    assert told(events(subject, title="Perçage")[0]) == ("move", "move", made.pageid, "Perçage", "Percer")
    assert told(events(subject, title="Percer")[0]) == ("move", "move", made.pageid, "Percer", "Forer")
    assert subject.current("Forer").pageid == made.pageid
    assert subject.current("Perçage").redirect_target == "Percer"


def test_an_import_with_old_timestamps_is_in_the_log_alone(ground: LocalWiki) -> None:
    fields = {"action": "import", "format": "json", "interwikiprefix": "w", "assignknownusers": "1"}
    session = ground.session()
    token = session.ask("query", meta="tokens")["query"]["tokens"]["csrftoken"]
    document = IMPORTED.format(title="Moulurage", timestamp="2019-05-01T10:00:00Z", text="À la toupie.")
    # A file is not among what the tests' small client sends.
    reply = session._session.post(
        ground.api_url,
        data={**fields, "token": token},
        files={"xml": ("export.xml", document.encode())},
        timeout=60,
    )
    assert "error" not in reply.json()
    subject = reader(ground.api_url)
    page = subject.current("Moulurage")
    [event] = events(subject, title="Moulurage")
    assert told(event) == ("import", "upload", page.pageid, "Moulurage", None)
    recent = subject.changes(namespaces=[0], since=datetime.now(UTC) - timedelta(days=1))
    revisions = [c for c in recent if isinstance(c, Revision) and c.pageid == page.pageid]
    # The import itself is a revision of today, without a change; what was imported is of 2019.
    assert [revision.revid for revision in revisions] == [page.revid]


def test_merged_histories_say_where_to(ground: LocalWiki) -> None:
    source = ground.edit("Rabotage", "Dans le fil.")
    target = ground.edit("Raboter", "Dans le fil, toujours.")
    ground.edit("Raboter", "Dans le fil, toujours. Sauf au bout.")
    ground.session().write("mergehistory", **{"from": "Rabotage", "to": "Raboter"})
    [event] = [e for e in events(reader(ground.api_url)) if e.type == "merge"]
    assert (event.action, event.title, event.target_title) == ("merge", "Rabotage", "Raboter")
    assert event.pageid in {source.pageid, target.pageid}


@pytest.mark.parametrize("suppress", [False, True], ids=["hidden", "suppressed"])
def test_what_the_log_hides_is_absent_even_for_those_who_see_it(ground: LocalWiki, suppress: bool) -> None:
    title = f"Adresse de Basile {suppress}"
    made = ground.edit(title, "12, rue des Scieurs")
    ground.delete(title)
    [event] = events(reader(ground.api_url), title=title)
    hiding: dict[str, Any] = {"type": "logging", "ids": event.logid, "hide": "content|user|comment"}
    ground.session().write("revisiondelete", **hiding, suppress="yes" if suppress else "no")
    for subject in (reader(ground.api_url), administrator(ground)):
        [hidden] = [e for e in events(subject) if e.logid == event.logid]
        assert told(hidden) == ("delete", "delete", None, None, None)
        assert not any(title in str(told(e)) for e in events(subject))
        assert made.pageid not in {e.pageid for e in events(subject) if e.logid == event.logid}


def test_the_log_of_suppressions_names_pages_by_their_number_only(ground: LocalWiki) -> None:
    title = "Numéro de téléphone"
    first = ground.edit(title, "06 00 00 00 00")
    ground.edit(title, "Demander à l’atelier.")
    hiding = {"type": "revision", "ids": first.revid, "target": title, "hide": "content|user|comment"}
    ground.session().write("revisiondelete", **hiding, suppress="yes")
    assert [e for e in events(reader(ground.api_url)) if e.type == "suppress"] == []
    seen = [e for e in events(administrator(ground)) if e.pageid == first.pageid]
    assert [told(e) for e in seen] == [("suppress", "revision", first.pageid, None, None)]
    for subject in (reader(ground.api_url), administrator(ground)):
        [revision] = [r for r in subject.revisions([first.pageid]) if r.revid == first.revid]
        assert (revision.user, revision.user_id, revision.comment, revision.sha1) == (None, None, "", "")
        changes = subject.changes(namespaces=[0], since=EPOCH)
        [again] = [c for c in changes if isinstance(c, Revision) and c.revid == first.revid]
        assert again == revision


def test_the_lists_go_on_side_by_side_and_nothing_is_lost_or_twice(ground: LocalWiki) -> None:
    for number in range(8):
        ground.edit(f"Essence {number}", "Un bois.")
        if number % 3 == 0:
            ground.delete(f"Essence {number}")
    namespaces = sorted(reader(ground.api_url).site().namespaces)
    whole = list(reader(ground.api_url).changes(namespaces=namespaces, since=EPOCH))
    with FaultProxy(ground.server_url) as proxy:
        subject = reader(proxy.url)
        subject.site()
        # Broken replies make the portions smaller: a few entries each, so that both lists go on.
        proxy.inject(action_is("query"), TruncatedJson(), times=7)
        pieces = list(subject.changes(namespaces=namespaces, since=EPOCH))
        limits = {r.parameters["arvlimit"] for r in proxy.requests if "lecontinue" in r.parameters}
    assert limits
    assert all(int(limit) < 50 for limit in limits)
    assert [c.timestamp for c in pieces] == sorted(c.timestamp for c in pieces)
    assert known(pieces) == known(whole)


def test_more_namespaces_than_one_request_names_are_one_feed(ground: LocalWiki) -> None:
    expected = list(reader(ground.api_url).changes(namespaces=[0, 2], since=EPOCH))
    ids = "".join(f"$wgExtraNamespaces[{3000 + 2 * n}] = 'Essai{n}';\n" for n in range(60))
    ground.configure(ids)
    try:
        with FaultProxy(ground.server_url) as proxy:
            namespaces = [*(3000 + 2 * n for n in range(60)), 0, 2]
            found = list(reader(proxy.url).changes(namespaces=namespaces, since=EPOCH))
            assert known(found) == known(expected)
            assert [c.timestamp for c in found] == [c.timestamp for c in expected]
            feeds = [r.parameters["list"] for r in proxy.requests if "list" in r.parameters]
            assert feeds == ["allrevisions|logevents", "allrevisions"]
            revisions = list(reader(proxy.url).all_revisions(namespaces=namespaces))
            assert known([*revisions]) == known([c for c in expected if isinstance(c, Revision)])
    finally:
        ground.configure("$wgExtraNamespaces = [];")


# The cost of a look at a wiki that did not change


@pytest.mark.parametrize("kind", ["nobody", "bot password", "private"])
def test_a_look_at_a_wiki_that_did_not_change_takes_few_requests(fresh_wiki: LocalWiki, kind: str) -> None:
    login, password = fresh_wiki.create_bot_password("Admin", "compagnon", grants=("basic", "highvolume"))
    if kind == "private":
        fresh_wiki.make_private()
    with FaultProxy(fresh_wiki.server_url) as proxy:
        known = {} if kind == "nobody" else {"user": login, "password": password}
        subject = reader(proxy.url, **known)
        site, now = subject.site(), subject.now()
        future = now + timedelta(days=1)
        assert list(subject.changes(namespaces=sorted(site.namespaces), since=future)) == []
        assert site.page_count == 1
        most = {"nobody": 2, "bot password": 4, "private": 5}
        assert len(proxy.requests) == most[kind]
        # A watch looks again and again.
        proxy.clear_log()
        assert subject.site() == site
        assert list(subject.changes(namespaces=sorted(site.namespaces), since=future)) == []
        assert subject.now() >= now
        assert len(proxy.requests) == 1


# The clock


class Seconds:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_wikis_time_is_that_of_its_newest_reply_for_some_seconds() -> None:
    seconds = Seconds()
    clock = WikiClock(monotonic=seconds)
    assert clock.now() is None
    clock.set("2026-03-01T09:00:00Z")
    seconds.now += 4
    assert clock.now() == datetime(2026, 3, 1, 9, tzinfo=UTC)
    seconds.now += 2
    assert clock.now() is None
    clock.set("2026-03-01T09:00:07Z")
    clock.set(None)
    assert clock.now() == datetime(2026, 3, 1, 9, 0, 7, tzinfo=UTC)


def test_the_wikis_time_is_its_own_and_never_late(fresh_wiki: LocalWiki) -> None:
    fresh_wiki.configure(
        "Wikimedia\\Timestamp\\ConvertibleTimestamp::setFakeTime( '20240229120000' );  # stands still"
    )
    subject = reader(fresh_wiki.api_url)
    assert subject.now() == datetime(2024, 2, 29, 12, tzinfo=UTC)
    made = fresh_wiki.edit("Horloge", "À l’heure de la mairie.")
    changes = [*subject.changes(namespaces=[0], since=subject.now())]
    same_moment = [c for c in changes if isinstance(c, Revision) and c.timestamp == subject.now()]
    assert [revision.revid for revision in same_moment] == [made.revid]
