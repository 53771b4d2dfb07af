"""People who want to be left out are in nothing that is made from notes (DESIGN.md, rule 10)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.follow_ups import FollowUps
from capture.left_out import LeftOut, owner_without
from capture.notes import read_notes
from capture.review import ReviewDesk
from capture.service import CaptureService
from connector.practice import from_wikitext
from connector.store import Store
from tests.builders import FRENCH_WIKI
from tests.community import empty_community

NOTES = """\
# Atelier du 5 mars 2024

Présents : Nadia Roche, Camille Exemple, Marc Dubois
Excusée : Zoé Blanc
Animation : Camille Exemple
Secrétaire : Nadia Roche

## Ranger les vis

Problème : on les perdait.
Solution : des bocaux vissés sous l'étagère, disent Camille Exemple et Nadia Roche.

## Actions
- Camille : acheter des bocaux en verre
- Marc : réparer la serrure du portail
"""
CAMILLE = LeftOut(["camille_exemple"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite3") as opened:
        opened.site.put(FRENCH_WIKI, source="https://wiki.example.org/w/api.php")
        yield opened


def keep(store: Store, service: CaptureService) -> int:
    notes = read_notes(NOTES)
    desk = ReviewDesk(store=store)
    desk.add(service.capture(notes), notes, actor="Nadia")
    return desk.add_notes(notes)


@pytest.mark.parametrize(
    ("names", "theirs"),
    [
        (["Camille Exemple", "Marc"], {"Camille Exemple"}),
        (["EXEMPLE Camille", "Marc"], {"EXEMPLE Camille"}),
        (["camille_exemple"], {"camille_exemple"}),
        (["Camille Exemple", "Camille"], {"Camille Exemple", "Camille"}),
        (["Camille Exemple", "Camille", "Camille Durand"], {"Camille Exemple"}),
        (["Camille"], set()),
        (["Marc Exemplaire", ""], set()),
    ],
)
def test_which_names_are_theirs(names: list[str], theirs: set[str]) -> None:
    assert CAMILLE.among(names) == theirs
    assert LeftOut().among(names) == frozenset()


def test_an_action_of_several_keeps_the_others() -> None:
    assert owner_without("Camille et Marc", {"Camille"}) == "Marc"
    assert owner_without("Camille, Zoé & Marc", {"Camille"}) == "Zoé, Marc"
    assert owner_without("Camille", {"Camille"}) is None
    assert owner_without("Zoé & Marc", {"Camille"}) == "Zoé & Marc"


def test_nothing_that_is_made_from_notes_names_them(store: Store) -> None:
    everybody = CaptureService(store=store).capture(read_notes(NOTES))
    assert "Camille Exemple" in everybody.drafts[0].people
    assert [one.owner for one in everybody.notes.actions] == ["Camille", "Marc"]
    result = CaptureService(store=store, left_out=CAMILLE).capture(read_notes(NOTES))
    assert "Camille" not in result.notes.model_dump_json()
    assert [one.owner for one in result.notes.actions] == [None, "Marc"]
    assert result.drafts[0].people == ("Nadia Roche",)


def test_who_asks_for_it_later_is_gone_from_what_is_kept(store: Store) -> None:
    notes_id = keep(store, CaptureService(store=store))
    before = FollowUps(store).open(kind="action")
    assert [one.owner for one in before] == ["Camille", "Marc"]
    follow_ups = FollowUps(store, left_out=CAMILLE)
    assert [one.owner for one in follow_ups.open(kind="action")] == [None, "Marc"]
    assert [one.owner for one in follow_ups.of_notes(notes_id) if one.kind == "action"] == [None, "Marc"]
    closed = follow_ups.close(before[0].id, actor="Nadia")
    assert (closed.owner, follow_ups.closed()[0].owner) == (None, None)
    assert follow_ups.reopen(before[0].id, actor="Nadia").owner is None
    desk = ReviewDesk(store=store, left_out=CAMILLE)
    summary = desk.summary(notes_id)
    assert summary is not None
    assert "Camille" not in summary.model_dump_json()
    (reviewed,) = desk.list(notes_id=notes_id)
    assert reviewed == desk.get(reviewed.id)
    assert reviewed.draft.people == ("Nadia Roche",)
    page = from_wikitext("-", reviewed.draft.wikitext, site=FRENCH_WIKI)
    assert page is not None
    assert page.contacts == ("Nadia Roche",)


def test_an_action_of_theirs_can_still_be_proposed_to_be_closed(store: Store) -> None:
    keep(store, CaptureService(store=store))
    later = read_notes("# Atelier du 2 avril 2024\n\nCamille a acheté les bocaux en verre, c'est fait.\n")
    found = FollowUps(store, left_out=CAMILLE).proposals(later, CaptureService().capture(later).notes)
    assert [(one.follow_up.text, one.follow_up.owner) for one in found] == [
        ("acheter des bocaux en verre", None)
    ]


def test_the_settings_say_who(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPAGNON_SEARCH_OPT_OUT", "Camille Exemple")
    services = empty_community(tmp_path / "data")
    try:
        notes = read_notes(NOTES)
        result = services.capture.capture(notes)
        assert "Camille" not in result.notes.model_dump_json()
        services.desk.add(CaptureService().capture(notes), notes, actor="Nadia")
        assert [one.owner for one in services.follow_ups.open(kind="action")] == [None, "Marc"]
        assert [one.draft.people for one in services.desk.list()] == [("Nadia Roche",)]
    finally:
        services.close()
