"""Whose name may be shown: people's, whatever their surname; no program's, nobody's who opted out."""

from pathlib import Path

import pytest

from connector.erasing import begin_erasing
from connector.store import Store
from connector.store.wishes import Wish
from search.people import PeopleFilter
from tests.builders import MONDAY, make_store

PEOPLE = PeopleFilter(bots=("Facteur",), opt_out=("Nadia_F.",))


@pytest.mark.parametrize(
    "name",
    ["Marie Talbot", "Jean CHABOT", "Élise Abbot", "Anne-Lise Barbot", "Botan", "Jean de La Tour", "~tilde"],
)  # fmt: skip
def test_people_are_people(name: str) -> None:
    assert PEOPLE.is_person(name)


@pytest.mark.parametrize(
    "name",
    ["CiteBot", "Web bot", "Web-Bot", "web_BOT", "webbot", "Bot", "ÉtéBot", "Bot2Bot", "Facteur", "facteur"],
)
def test_programs_are_none(name: str) -> None:
    assert not PEOPLE.is_person(name)


@pytest.mark.parametrize("name", ["~2026-123", "~2026-12345-67", "MediaWiki default"])
def test_who_has_no_name_is_not_named(name: str) -> None:
    assert not PEOPLE.is_person(name)


def test_who_opted_out_is_left_out_however_the_name_is_written() -> None:
    assert not PEOPLE.is_person("nadia  F.")
    assert PEOPLE.named(["NADIA F.", "Hugo"]) == ("Hugo",)


def test_a_text_that_names_who_was_erased_is_told_from_others(tmp_path: Path) -> None:
    with Store.open(tmp_path / "mirror.sqlite3", secret=lambda: "a secret") as store:
        people = PeopleFilter(bots=(), opt_out=(), store=store)
        assert not people.names_left_out("téléphone d’Odile Ferrand")
        begin_erasing(store, ["Odile Ferrand"])
        assert people.names_left_out("téléphone d’Odile Ferrand")
        assert not people.names_left_out("téléphone d’Odile Ferrandin")


def test_a_snapshot_stays_what_it_was_and_asks_the_database_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with make_store(tmp_path, []) as store:
        account = store.accounts.put(wiki_user_id=7, name="Hugo", groups=(), told_at=MONDAY)
        people = PeopleFilter(bots=(), opt_out=("Nadia",), store=store)
        before = people.snapshot()
        store.wishes.put(account.id, Wish(opted_out=True))
        assert [before.is_person("Hugo", 7), before.is_person("Nadia")] == [True, False]
        assert not people.is_person("Hugo", 7)
        after = people.snapshot()
        monkeypatch.delattr(type(store.changes), "mark")
        assert not after.is_person("Hugo", 7)
