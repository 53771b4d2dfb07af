"""The store: what is kept is what comes back, through restarts, two writers and a newer schema."""

import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from connector.errors import DraftNotFoundError, DraftStateError, PageNotFoundError, StoreError
from connector.model import Namespace, Page, PageHead, Revision, Site
from connector.store import Store
from connector.store.schema import metadata
from connector.store.store import SCHEMA_REVISION
from tests.builders import make_page

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
SITE = Site(
    name="Le Réparoscope",
    language="fr",
    server_url="https://reparoscope.example",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        1: Namespace(id=1, name="Discussion", canonical="Talk"),
        12: Namespace(id=12, name="Aide", canonical="Help", aliases=("Secours",)),
    },
)


def page(pageid: int, title: str, **changes: object) -> Page:
    plain = Page(pageid=pageid, namespace=0, title=title, revid=pageid * 10, timestamp=NOW, wikitext="texte")
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it changes


def revision(revid: int, pageid: int, **changes: object) -> Revision:
    plain = Revision(
        revid=revid, pageid=pageid, timestamp=NOW + timedelta(seconds=revid), user="Zoé", user_id=7
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it changes


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path / "compagnon.sqlite3")
    store.site.put(SITE, source="https://reparoscope.example/w/api.php")
    return store


def test_what_is_kept_survives_a_restart(store: Store, tmp_path: Path) -> None:
    kept = page(1, "Grille-pain", wikitext="== Étapes ==\n* débrancher")
    history = [revision(8, 1, tags=("visualeditor",), comment="début"), revision(10, 1, parent_revid=8)]
    store.pages.put_many([kept])
    store.revisions.put_many(history)
    store.site.set_last_sync(NOW)
    store.close()
    with Store.open(tmp_path / "compagnon.sqlite3") as again:
        assert again.pages.get(1) == kept
        assert again.revisions.of_page(1) == history
        assert again.site.get() == SITE
        assert again.site.last_sync() == NOW
        assert again.site.source() == "https://reparoscope.example/w/api.php"


def test_putting_the_same_again_changes_nothing_and_a_newer_text_replaces(store: Store) -> None:
    store.pages.put_many([page(1, "A"), page(2, "B")])
    store.pages.put_many([page(1, "A"), page(2, "B", wikitext="neuf", revid=21)])
    assert store.pages.count() == 2
    found = store.pages.get(2)
    assert found is not None
    assert (found.wikitext, found.revid) == ("neuf", 21)


def test_forgetting_a_page_forgets_its_history(store: Store) -> None:
    store.pages.put_many([page(1, "A"), page(2, "B")])
    store.revisions.put_many([revision(1, 1), revision(2, 2)])
    store.pages.delete([1])
    assert store.pages.get(1) is None
    assert [r.revid for r in store.revisions.iterate()] == [2]


def test_what_is_erased_leaves_no_trace_in_the_file(store: Store, tmp_path: Path) -> None:
    store.pages.put_many([page(1, "A", wikitext="MOTSECRET " * 500), page(2, "B")])
    store.pages.delete([1])
    store.close()  # the last connection folds the write-ahead log into the file
    traces = [p.name for p in tmp_path.iterdir() if b"MOTSECRET" in p.read_bytes()]
    assert traces == []


def test_revisions_of_unknown_pages_are_left_out(store: Store) -> None:
    store.pages.put_many([page(1, "A")])
    store.revisions.put_many([revision(1, 1), revision(2, 99)])
    assert [r.revid for r in store.revisions.iterate()] == [1]


def test_a_replaced_history_forgets_what_the_wiki_no_longer_shows(store: Store) -> None:
    store.pages.put_many([page(1, "A")])
    store.revisions.put_many([revision(1, 1), revision(2, 1)])
    store.revisions.replace_history(1, [revision(2, 1), revision(3, 1)])
    assert [r.revid for r in store.revisions.of_page(1)] == [2, 3]


@pytest.mark.parametrize("written", ["grille-pain", "Grille-pain", "  grille-pain_", ":Grille-pain"])
def test_a_title_is_found_however_it_is_written(store: Store, written: str) -> None:
    store.pages.put_many([page(1, "Grille-pain")])
    found = store.pages.by_title(written)
    assert found is not None
    assert found.pageid == 1


@pytest.mark.parametrize("written", ["Aide:Premiers pas", "help:premiers pas", "secours:Premiers_pas"])
def test_a_namespace_has_several_names(store: Store, written: str) -> None:
    store.pages.put_many([page(1, "Aide:Premiers pas", namespace=12)])
    found = store.pages.by_title(written)
    assert found is not None
    assert found.pageid == 1


@pytest.mark.parametrize("impossible", ["", "  ", "A|B", "[[A]]", "x" * 256, "A\nB\x00", "../A", "Aide:"])
def test_an_impossible_title_is_simply_not_found(store: Store, impossible: str) -> None:
    store.pages.put_many([page(1, "A")])
    assert store.pages.by_title(impossible) is None
    with pytest.raises(PageNotFoundError):
        store.pages.require(impossible)


def test_heads_are_found_by_title_and_of_two_the_newer_one(store: Store) -> None:
    store.pages.put_many(
        [
            make_page(1, "Semis", revid=10),
            make_page(2, "Semis", revid=30),
            make_page(3, "Semis", revid=20),
            make_page(4, "Discussion:Semis", namespace=1),
        ]
    )
    heads = store.pages.heads_by_title({"Semis", "Discussion:Semis", "semis", "x"})
    assert {title: (head.pageid, head.namespace) for title, head in heads.items()} == {
        "Semis": (2, 0),
        "Discussion:Semis": (4, 1),
    }
    assert store.pages.heads_by_title([]) == {}


def test_require_follows_a_redirect(store: Store) -> None:
    store.pages.put_many([page(1, "Grille-pain"), page(2, "Toaster", redirect_target="Grille-pain")])
    assert store.pages.require("toaster").pageid == 1


def test_iterate_goes_through_everything_once_without_redirects(store: Store) -> None:
    store.pages.put_many([page(i, f"P{i}") for i in range(1, 1203)])
    store.pages.put_many([page(2000, "R", redirect_target="P1"), page(2001, "Discussion:P1", namespace=1)])
    assert [p.pageid for p in store.pages.iterate(namespaces=[0])] == list(range(1, 1203))
    assert store.pages.redirects() == {"R": "P1"}
    assert len(list(store.pages.iterate(redirects=True))) == 1204


def test_a_move_keeps_the_text(store: Store) -> None:
    store.pages.put_many([page(1, "Avant", wikitext="x")])
    store.pages.rename_many([PageHead(pageid=1, namespace=12, title="Aide:Après", revid=10)])
    found = store.pages.by_title("Aide:Après")
    assert found is not None
    assert (found.pageid, found.namespace, found.wikitext) == (1, 12, "x")
    assert store.pages.by_title("Avant") is None


def test_anonymous_and_hidden_authors_come_back_as_they_are(store: Store) -> None:
    store.pages.put_many([page(1, "A")])
    anonymous = revision(2, 1, user="192.0.2.7", user_id=0)
    hidden = revision(3, 1, user=None, user_id=None)
    store.revisions.put_many([revision(1, 1), anonymous, hidden])
    assert store.revisions.of_page(1) == [revision(1, 1), anonymous, hidden]
    assert [r.anonymous for r in store.revisions.of_page(1)] == [False, True, False]


def test_the_same_notes_are_kept_once(store: Store) -> None:
    first = store.notes.add(sha256="ab", filename="n.md", media_type="text/markdown", original=b"\xff\x00")
    again = store.notes.add(sha256="ab", filename="m.md", media_type="text/markdown", original=b"\xff\x00")
    assert first == again
    kept = store.notes.get(first)
    assert kept is not None
    assert kept.original == b"\xff\x00"


def test_two_people_cannot_change_a_draft_over_each_other(store: Store) -> None:
    notes = store.notes.add(sha256="ab", filename="", media_type="text/plain", original=b"x")
    draft = store.drafts.add(notes_id=notes, title="T", language="fr", content="{}", actor="Zoé")
    store.drafts.update(draft, version=1, actor="Zoé", action="edited", title="de Zoé")
    with pytest.raises(DraftStateError, match="someone else"):
        store.drafts.update(draft, version=1, actor="Anne", action="edited", title="d'Anne")
    assert store.drafts.get(draft).title == "de Zoé"
    assert [(e.actor, e.action) for e in store.drafts.events(draft)] == [
        ("Zoé", "captured"),
        ("Zoé", "edited"),
    ]


def test_of_many_writers_at_once_exactly_one_wins(store: Store) -> None:
    notes = store.notes.add(sha256="ab", filename="", media_type="text/plain", original=b"x")
    draft = store.drafts.add(notes_id=notes, title="T", language="fr", content="{}", actor="Zoé")
    outcomes: list[str] = []

    def change(name: str) -> None:
        try:
            store.drafts.update(draft, version=1, actor=name, action="edited", title=name)
        except DraftStateError:
            outcomes.append("refused")
        else:
            outcomes.append("kept")

    threads = [threading.Thread(target=change, args=(f"P{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", *["refused"] * 7]


def test_a_published_draft_is_closed(store: Store) -> None:
    notes = store.notes.add(sha256="ab", filename="", media_type="text/plain", original=b"x")
    draft = store.drafts.add(notes_id=notes, title="T", language="fr", content="{}", actor="Zoé")
    store.drafts.update(
        draft, version=1, actor="Zoé", action="published", state="published", pageid=3, revid=4
    )
    with pytest.raises(DraftStateError, match="already published"):
        store.drafts.update(draft, version=2, actor="Zoé", action="edited", title="trop tard")
    with pytest.raises(DraftNotFoundError):
        store.drafts.get(draft + 1)
    assert store.drafts.counts() == {"published": 1}


def test_a_naive_datetime_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="naive"):
        store.pages.put_many([page(1, "A", timestamp=datetime(2026, 1, 1))])


@pytest.mark.sqlite("of a new file; PostgreSQL's are in test_connector_store_postgresql.py")
def test_a_file_that_is_no_database_gives_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "compagnon.sqlite3"
    path.write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(path)
    with pytest.raises(StoreError):
        Store.open(tmp_path / "no such folder" / "x.sqlite3")


@pytest.mark.sqlite("of a new file; PostgreSQL's are in test_connector_store_postgresql.py")
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_first_opening_that_is_stopped_half_way_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise stop

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", stopped)
        with pytest.raises(stop):
            Store.open(tmp_path / "half.sqlite3")
    with Store.open(tmp_path / "half.sqlite3") as store:
        assert list(store.pages.iterate()) == []


@pytest.mark.sqlite("of a new file; PostgreSQL's are in test_connector_store_postgresql.py")
def test_a_schema_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.sqlite3") as other:
        other.execute("CREATE TABLE page (x)")
    with pytest.raises(StoreError, match="table page already exists") as caught:
        Store.open(tmp_path / "other.sqlite3")
    assert "\n" not in str(caught.value)


@pytest.mark.sqlite("of a new file; PostgreSQL's are in test_connector_store_postgresql.py")
def test_a_database_of_a_newer_compagnon_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "compagnon.sqlite3"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="update Compagnon"):
        Store.open(path)


@pytest.mark.sqlite("of a new file; PostgreSQL's are in test_connector_store_postgresql.py")
def test_the_migrations_lead_to_the_schema_of_the_code(store: Store, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'compagnon.sqlite3'}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []
    folder = Path(__file__).parent.parent / "connector" / "store" / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == SCHEMA_REVISION
