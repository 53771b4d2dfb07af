"""`compagnon links` beside other processes that have the index."""

from collections.abc import Iterator

import pytest

from tests.command_line import CommandLine, compagnon
from tests.community import hashed_community
from tests.served_pages import served
from webui.bootstrap import Services

__all__ = ["compagnon"]  # a fixture

TITLE = "Accueillir un nouveau bénévole"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = hashed_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


def test_the_running_service_answers_with_the_vectors_that_it_has_open(
    compagnon: CommandLine, services: Services
) -> None:
    compagnon.data = services.config.folder
    with (
        served(services) as url,
        services.index_lock.acquire(exclusive=True, wait_seconds=5, url=url),
    ):
        # The model of this data directory is known to the service alone.
        answer = compagnon("links", TITLE, "--json", "--top-k", "3").json
    assert answer["title"] == TITLE
    assert answer["see_also"]


def test_while_another_process_indexes_links_come_without_pages_to_see_also(
    compagnon: CommandLine, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webui.commands.links._WAIT_SECONDS", 0.0)
    compagnon.data = services.config.folder
    with services.index_lock.acquire(exclusive=True, wait_seconds=5):
        outcome = compagnon("links", "Ranger les outils", "--json")
    assert [link["link_target"] for link in outcome.json["suggestions"]] == ["Soirée réparation"]
    assert outcome.json["see_also"] == []
    assert outcome.err.startswith("Pages to see also are left out: ")
