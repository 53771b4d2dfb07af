"""Health, and what the pages say of themselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from connector.errors import ModelMismatchError
from tests.community import PAGES, empty_community, small_community
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}


def read(services: Services, path: str) -> BeautifulSoup:
    answer = create_app(services).test_client().get(path, headers=FRENCH)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def facts(page: BeautifulSoup) -> list[tuple[str, str]]:
    found = []
    for fact in page.select(".facts > div"):
        term, value = fact.select_one("dt"), fact.select_one("dd")
        assert term
        assert value
        found.append((term.text.strip(), " ".join(value.text.split())))
    return found


def test_health_counts_what_is_there(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    page = read(services, "/health")
    shown = facts(page)
    assert ("Pages", str(len(PAGES))) in shown
    assert ("Révisions", str(len(PAGES))) in shown
    assert ("Lu depuis", "http://wiki.invalid/w/api.php") in shown
    assert dict(shown)["Dernière lecture"].startswith("il y a 7 minutes")
    assert int(dict(shown)["Passages"]) == services.index.stats().chunks > 0
    assert not page.select("[role=alert]")
    services.close()


def test_health_before_the_first_sync_says_that_nothing_is_there(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    page = read(services, "/health")
    alert = page.select_one("[role=alert]")
    assert alert
    assert "Il n’y a encore rien où chercher" in alert.text
    assert dict(facts(page))["Dernière lecture"] == "jamais"
    services.close()


def test_health_tells_an_index_of_another_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = small_community(tmp_path)

    def check() -> None:
        raise ModelMismatchError("the index was built with a", built_with="a", configured="b")

    monkeypatch.setattr(services.index, "check", check)
    alert = read(services, "/health").select_one("[role=alert]")
    assert alert
    assert "L’index a été construit avec un autre modèle" in alert.text
    services.close()


def test_health_shows_that_the_wiki_was_not_read_for_days(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    services.store.site.set_last_sync(datetime.now(UTC) - timedelta(days=3))
    assert dict(facts(read(services, "/health")))["Dernière lecture"].startswith("il y a 3 jours")
    services.close()


def test_about_promises_what_the_design_promises(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    assert "un brouillon n’est jamais publié tout seul" in read(services, "/about").text
    services.close()
