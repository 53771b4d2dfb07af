"""Whose name may be shown: people's, whatever their surname; no program's, nobody's who opted out."""

import pytest

from search.people import PeopleFilter

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
