"""The fake wiki does to its pages what a real one does, besides what the contract plays on both."""

from datetime import UTC, datetime

import pytest

from connector.errors import WikiUnavailableError
from connector.model import LoggedEvent, PageHead, Revision
from tests.fakes import FakeWiki

EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def fake() -> FakeWiki:
    return FakeWiki()


def told(fake: FakeWiki) -> list[tuple[str, str, int | None, str | None, str | None]]:
    changes = fake.changes(namespaces=[], since=EPOCH)
    events = [change for change in changes if isinstance(change, LoggedEvent)]
    return [(e.type, e.action, e.pageid, e.title, e.target_title) for e in events]


def head(fake: FakeWiki, pageid: int) -> PageHead:
    return fake.existing([pageid])[pageid]


def test_a_restored_page_is_the_same_page(fake: FakeWiki) -> None:
    made = fake.edit("Rabot", "Dans le fil.")
    before = head(fake, made.pageid)
    fake.delete("Rabot")
    assert fake.existing([made.pageid]) == {}
    fake.edit("Varlope", "Longue.")
    fake.restore("Rabot")
    after = head(fake, made.pageid)
    assert (after.pageid, after.revid, after.title) == (before.pageid, before.revid, "Rabot")
    assert [page.wikitext for page in fake.pages([made.pageid])] == ["Dans le fil."]
    assert told(fake) == [
        ("delete", "delete", made.pageid, "Rabot", None),
        ("delete", "restore", made.pageid, "Rabot", None),
    ]


@pytest.mark.parametrize("redirect", [True, False])
@pytest.mark.parametrize("revision", [True, False])
def test_a_moved_page_keeps_its_id(fake: FakeWiki, redirect: bool, revision: bool) -> None:
    made = fake.edit("Rabot", "Dans le fil.")
    fake.move("Rabot", "Aide:Raboter", redirect=redirect, revision=revision)
    moved = head(fake, made.pageid)
    assert (moved.title, moved.namespace) == ("Aide:Raboter", 12)
    assert (moved.revid != made.revid) == revision
    assert told(fake) == [("move", "move", made.pageid, "Rabot", "Aide:Raboter")]
    left = [found for found in fake.heads(namespaces=[0]) if found.title == "Rabot"]
    assert len(left) == redirect
    assert all(found.pageid != made.pageid for found in left)


def test_what_is_suppressed_is_not_in_the_log(fake: FakeWiki) -> None:
    made = fake.edit("Rabot", "06 00 00 00 00")
    fake.edit("Rabot", "Dans le fil.")
    fake.edit("Varlope", "06 00 00 00 00")
    fake.hide("Rabot", made.revid, logged=False)
    fake.delete("Varlope", logged=False)
    assert told(fake) == []
    [first, _] = fake.revisions([made.pageid])
    assert (first.user, first.sha1) == (None, "")
    assert [found.title for found in fake.heads(namespaces=[0])] == ["Rabot"]


def test_what_is_imported_with_an_old_timestamp_does_not_become_the_newest(fake: FakeWiki) -> None:
    newest = fake.edit("Rabot", "Dans le fil.")
    now = fake.now()
    old = fake.edit("Rabot", "Jadis.", timestamp=datetime(2019, 5, 1, tzinfo=UTC))
    alone = fake.edit("Varlope", "Jadis aussi.", timestamp=datetime(2019, 5, 2, tzinfo=UTC))
    assert old.revid > newest.revid
    assert head(fake, newest.pageid).revid == newest.revid
    assert head(fake, alone.pageid).revid == alone.revid
    assert list(fake.changes(namespaces=[0], since=now)) == [*fake.revisions([newest.pageid])][1:]
    since = [r.revid for r in fake.all_revisions(namespaces=[0], since=datetime(2019, 5, 2, tzinfo=UTC))]
    assert since == [alone.revid, newest.revid]


def test_a_template_touches_the_pages_that_it_is_in(fake: FakeWiki) -> None:
    fake.edit("Modèle:Fiche", "Relue. [[Rabot]] [[Catégorie:Fiches]]")
    user = fake.edit("Varlope", "{{Fiche}}\n== Usage ==\nLongue & lourde.")
    other = fake.edit("Riflard", "Court.")
    before = {pageid: head(fake, pageid) for pageid in (user.pageid, other.pageid)}
    [links] = fake.page_links([user.pageid])
    assert (links.links, links.categories, links.templates) == (
        ("Rabot",),
        ("Catégorie:Fiches",),
        ("Modèle:Fiche",),
    )
    fake.edit("Modèle:Fiche", "Relue deux fois.")
    after = {pageid: head(fake, pageid) for pageid in (user.pageid, other.pageid)}
    assert after[user.pageid].touched == fake.now() != before[user.pageid].touched
    assert after[user.pageid].revid == before[user.pageid].revid
    assert after[other.pageid] == before[other.pageid]
    rendering = fake.rendering(user.pageid)
    assert rendering is not None
    assert rendering.html == '<p>Relue deux fois.</p>\n<h2 id="Usage">Usage</h2>\n<p>Longue &amp; lourde.</p>'
    fake.delete("Modèle:Fiche")
    assert head(fake, user.pageid).touched == fake.now()


def test_a_locked_page_is_there_and_cannot_be_read(fake: FakeWiki) -> None:
    made = fake.edit("Rabot", "Dans le fil. [[Varlope]]")
    fake.lock("Rabot")
    asked = [made.pageid]
    assert fake.existing(asked).keys() == {made.pageid}
    assert (list(fake.pages(asked)), list(fake.page_links(asked)), fake.text_hashes(asked)) == ([], [], {})
    assert fake.rendering(made.pageid) is None
    fake.lock("Rabot", readable=True)
    assert len(list(fake.pages(asked))) == 1


@pytest.mark.parametrize("method", ["changes", "page_links", "text_hashes", "rendering", "now", "site"])
def test_every_method_can_be_made_to_fail(fake: FakeWiki, method: str) -> None:
    made = fake.edit("Rabot", "Dans le fil.")
    uses = {
        "changes": lambda: list(fake.changes(namespaces=[0], since=EPOCH)),
        "page_links": lambda: list(fake.page_links([made.pageid])),
        "text_hashes": lambda: fake.text_hashes([made.pageid]),
        "rendering": lambda: fake.rendering(made.pageid),
        "now": fake.now,
        "site": fake.site,
    }
    fake.fail(method, error=WikiUnavailableError("le réseau est coupé"))
    with pytest.raises(WikiUnavailableError, match="coupé"):
        uses[method]()
    fake.repair()
    assert uses[method]()
    assert fake.calls[method] == 2


def test_changes_may_break_half_way(fake: FakeWiki) -> None:
    for number in range(3):
        fake.edit(f"Fiche {number}", "Texte")
    fake.fail("changes", error=WikiUnavailableError("le réseau est coupé"), after=2)
    changes = fake.changes(namespaces=[0], since=EPOCH)
    assert isinstance(next(changes), Revision)
    assert isinstance(next(changes), Revision)
    with pytest.raises(WikiUnavailableError):
        next(changes)
