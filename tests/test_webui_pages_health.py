"""The health page and its JSON: numbers and moments, the same from both, and no page named."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from connector.errors import ModelMismatchError, SearchError
from connector.store import Erasure
from tests.command_line import ROOT, assert_shape
from tests.community import PAGES, SITE, empty_community, mirrored_community, page, small_community
from webui.app import create_app
from webui.bootstrap import Services, build_services
from webui.config import Config, load_config

NOW = datetime.now(UTC).replace(microsecond=0)
FOUND_NOTHING = {"pages": 8, "ghosts": 0, "missing": 0, "stale": 0, "left_out": 1, "texts": 8}


def read(services: Services, path: str, *, language: str = "fr") -> BeautifulSoup:
    answer = create_app(services).test_client().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def health(services: Services) -> dict[str, Any]:
    answer = create_app(services).test_client().get("/api/v1/health")
    assert answer.status_code == 200
    shape: dict[str, Any] = answer.get_json()
    assert_shape(shape, "health")
    return shape


def facts(page: BeautifulSoup) -> list[tuple[str, str]]:
    found = []
    for fact in page.select(".facts > div"):
        term, value = fact.select_one("dt"), fact.select_one("dd")
        assert term
        assert value
        found.append((term.text.strip(), " ".join(value.text.split())))
    return found


def verified(services: Services, at: datetime, **numbers: int) -> None:
    kept = {**FOUND_NOTHING, **numbers, "checked_at": at.isoformat()}
    services.store.sync_state.put(last_verification=kept)


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


def test_before_anything_was_compared_nobody_knows(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    shape = health(services)
    assert shape["in_step"] is None
    assert shape["last_verification"] is shape["background"] is None
    assert shape["mirror"]["pages"] == len(PAGES)
    assert shape["index"]["ghosts"] == shape["index"]["missing"] == shape["index"]["stale"] == 0
    notice = read(services, "/health").select_one(".notice")
    assert notice
    assert "n’a pas encore été comparée" in notice.text
    services.close()


def test_nothing_synced_and_nothing_indexed_is_an_answer_too(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    shape = health(services)
    assert shape["in_step"] is None
    assert shape["index"] is None
    assert shape["mirror"] == dict.fromkeys(("last_sync", "last_sweep", "oldest_proof")) | {
        "pages": 0,
        "revisions": 0,
    }
    services.close()


def test_a_mirror_without_an_index_is_not_said_to_be_in_step(tmp_path: Path) -> None:
    services = mirrored_community(tmp_path)
    services.store.sync_state.put(last_sweep=NOW)
    assert health(services)["in_step"] is None
    verified(services, NOW, ghosts=1)
    assert health(services)["in_step"] is False
    services.close()


@pytest.mark.parametrize(
    ("sweep", "verification", "ghosts", "in_step"),
    [
        (0, None, 0, True),
        (0, 1, 0, True),
        (0, 1, 2, False),
        (2, 1, 2, True),  # the sweep mended what the verification had found
        (None, 1, 0, True),
        (None, 1, 1, False),
    ],
)
def test_in_step_is_what_the_last_look_at_everything_says(
    tmp_path: Path, sweep: int | None, verification: int | None, ghosts: int, in_step: bool
) -> None:
    services = small_community(tmp_path)
    if sweep is not None:
        services.store.sync_state.put(last_sweep=NOW + timedelta(hours=sweep))
    if verification is not None:
        verified(services, NOW + timedelta(hours=verification), ghosts=ghosts)
    assert health(services)["in_step"] is in_step
    notice = read(services, "/health", language="en").select_one("main .notice")
    assert notice
    assert ("in step with the wiki." in notice.text) == in_step
    assert ("--sweep" in notice.text) == (not in_step)
    services.close()


def test_an_index_that_lags_is_not_in_step(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    services.store.sync_state.put(last_sweep=NOW)
    services.store.pages.put_many([page(20, "Une page secrète", "Texte.")])
    services.store.pages.delete([3])
    shape = health(services)
    assert shape["in_step"] is False
    assert {kind: shape["index"][kind] for kind in ("ghosts", "missing", "stale")} == {
        "ghosts": 1,
        "missing": 1,
        "stale": 0,
    }
    shown = read(services, "/health")
    assert dict(facts(shown))["Pages à ajouter"] == "1"
    alert = shown.select_one("[role=alert]")
    assert alert
    assert "compagnon index" in alert.text
    assert "secrète" not in shown.text
    services.close()


def test_the_last_verification_is_shown_in_both_languages(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    verified(services, NOW - timedelta(hours=2), stale=3)
    shape = health(services)["last_verification"]
    assert shape == {
        **FOUND_NOTHING,
        "stale": 3,
        "in_step": False,
        "checked_at": (NOW - timedelta(hours=2)).isoformat(),
    }
    french = dict(facts(read(services, "/health")))
    assert french["Résultat"] == "différences trouvées"
    assert french["Faite"].startswith("il y a 2 heures")
    english = dict(facts(read(services, "/health", language="en")))
    assert english["Result"] == "not in step"
    assert english["Texts compared"] == "8"
    services.close()


def test_what_was_forgotten_is_told_by_how_long_it_took(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    gone = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    services.store.erasures.add_many(
        [
            Erasure(pageid=77, gone_at=gone, exact=True, erased_at=gone + timedelta(seconds=12)),
            Erasure(pageid=78, gone_at=gone, exact=False, erased_at=gone + timedelta(hours=3)),
        ]
    )
    shape = health(services)["erasures"]
    assert [(one["exact"], one["seconds"]) for one in shape] == [(False, 10_800), (True, 12)]
    assert all("pageid" not in one for one in shape)
    values = [value for _, value in facts(read(services, "/health"))]
    assert "au plus 3 heures" in values
    assert "12 secondes" in values
    services.close()


def test_an_index_that_cannot_be_read_is_still_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = small_community(tmp_path)

    def stats() -> None:
        raise SearchError("the keyword index cannot be used")

    monkeypatch.setattr(services.index, "stats", stats)
    assert health(services)["index"] is None
    assert "cannot be used" in read(services, "/health").text
    services.close()


def test_health_loads_no_model_and_names_no_page(tmp_path: Path) -> None:
    small_community(tmp_path / "data").close()
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from webui.app import create_app\n"
        "from webui.bootstrap import build_services\n"
        "from webui.config import load_config\n"
        "services = build_services(load_config(Path(sys.argv[1])))\n"
        "client = create_app(services).test_client()\n"
        "texts = [client.get(path).text for path in ('/api/v1/health', '/health')]\n"
        "services.close()\n"
        "heavy = {'torch', 'sentence_transformers', 'chromadb'} & set(sys.modules)\n"
        "print(json.dumps({'heavy': sorted(heavy), 'texts': texts}))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["heavy"] == []
    for one in PAGES:
        assert one.title == "Atelier" or not any(one.title in text for text in told["texts"])


@pytest.fixture
def open_to_the_network(tmp_path: Path) -> Callable[[Path], Services]:
    def opened(folder: Path) -> Services:
        config = load_config(folder)
        return build_services(Config(config.folder, {**config.values, "web.host": "0.0.0.0"}))  # noqa: S104 - a setting

    return opened


@pytest.mark.parametrize("path", ["/", "/health", "/about", "/api/v1/health", "/api/v1/links?title=Atelier"])
def test_a_wiki_that_turns_out_to_be_private_is_shown_to_nobody_on_the_network(
    tmp_path: Path, path: str, open_to_the_network: Callable[[Path], Services]
) -> None:
    """The background sync may find that out long after the server has begun."""
    mirrored_community(tmp_path).close()
    services = open_to_the_network(tmp_path)
    client = create_app(services).test_client()
    assert client.get(path).status_code == 200
    services.store.site.put(replace(SITE, private=True), source="http://wiki.invalid/w/api.php")
    refused = client.get(path)
    assert refused.status_code in (500, 503)
    assert "private wiki" in refused.text
    assert SITE.name not in refused.text
    assert "wiki.invalid" not in refused.text
    services.close()


def test_on_a_private_wiki_the_page_does_not_say_where_it_is(tmp_path: Path) -> None:
    services = small_community(tmp_path)
    services.store.site.put(replace(SITE, private=True), source="http://wiki.invalid/w/api.php")
    assert "Lu depuis" not in dict(facts(read(services, "/health")))
    assert "api.php" not in json.dumps(health(services))
    services.close()
