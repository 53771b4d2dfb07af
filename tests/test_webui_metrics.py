"""/metrics: what Prometheus reads, who may read it, and that it names nothing and nobody."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from connector.errors import IndexNotBuiltError, WikiUnavailableError
from connector.wiki import MediaWiki, WikiSettings
from tests.community import AUTHORS, NOTES, PAGES, SITE, hashed_community
from webui.app import create_app
from webui.bootstrap import Services
from webui.config import Config

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def community(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = hashed_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def services(community: Services) -> Iterator[Services]:
    before = community.config
    community.__dict__.pop("readers", None)  # they know the settings of when they were made
    yield community
    community.config = before


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def read(client: FlaskClient) -> Samples:
    reply = client.get("/metrics")
    assert reply.status_code == 200
    assert reply.content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_endpoint_and_status(client: FlaskClient) -> None:
    for path in ("/api/v1/titles?q=acc", "/api/v1/titles?q=out", "/api/v1/titles", "/nowhere"):
        client.get(path)
    client.open("/about", method="BREW")
    found = read(client)
    titles = (("endpoint", "api.titles"), ("method", "GET"))
    assert found["compagnon_requests_total", (*titles, ("status", "200"))] == 2
    assert found["compagnon_requests_total", (*titles, ("status", "400"))] == 1
    assert found["compagnon_requests_total", (("endpoint", ""), ("method", "GET"), ("status", "404"))] == 1
    assert any(name == "compagnon_requests_total" and ("method", "other") in labels for name, labels in found)
    assert found["compagnon_request_seconds_count", (("endpoint", "api.titles"),)] == 3
    assert found["compagnon_request_seconds_bucket", (("endpoint", "api.titles"), ("le", "+Inf"))] == 3


def test_questions_are_counted_where_they_are_asked(client: FlaskClient) -> None:
    for path in ("/", "/?q=atelier", "/api/v1/search?q=atelier", "/api/v1/experts?q=", "/api/v1/experts?q=x"):
        client.get(path)
    found = read(client)
    assert found["compagnon_searches_total", (("asked_in", "pages"),)] == 1
    assert found["compagnon_searches_total", (("asked_in", "api"),)] == 2


def test_the_state_of_mirror_index_and_jobs_is_told(client: FlaskClient, services: Services) -> None:
    found = read(client)
    for name, value in {
        "compagnon_up": 1,
        "compagnon_ready": 1,
        "compagnon_pages": len(PAGES),
        "compagnon_revisions": len(PAGES),
        "compagnon_indexed_pages": len(PAGES) - 1,  # without the redirect
    }.items():
        assert found[name, ()] == value
    assert found["compagnon_passages", ()] == found["compagnon_vectors", ()] > 0
    assert 400 < found["compagnon_sync_age_seconds", ()] < 4_000
    assert found["compagnon_index_age_seconds", ()] >= 0
    assert found["compagnon_index_drift_pages", (("kind", "missing"),)] == 0
    services.store.pages.delete([8])
    client.post("/api/v1/notes", data=NOTES.encode(), content_type="text/markdown")
    try:
        later = read(client)
        assert later["compagnon_index_drift_pages", (("kind", "ghosts"),)] == 1
        assert later["compagnon_jobs", (("state", "waiting"),)] == 1
    finally:
        services.store.pages.put_many([PAGES[7]])


def test_the_wikis_answers_and_silences_are_counted(client: FlaskClient, services: Services) -> None:
    settings = WikiSettings(
        api_url="http://127.0.0.1:9/api.php", told=services.wiki_exchanges.count, max_wait_seconds=0
    )
    with pytest.raises(WikiUnavailableError):
        MediaWiki(settings).now()
    services.wiki_exchanges.count(True)
    found = read(client)
    assert found["compagnon_wiki_requests_total", (("result", "failed"),)] >= 1
    assert found["compagnon_wiki_requests_total", (("result", "answered"),)] == 1


def test_who_asks_too_often_and_who_is_not_let_in_is_counted(services: Services) -> None:
    app = create_app(services)
    client = app.test_client()
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    statuses = [
        client.post("/api/v1/capture", json={}, environ_overrides=elsewhere).status_code for _ in range(12)
    ]
    assert statuses.count(429) >= 1
    counts = app.extensions["compagnon_metrics"]
    for status in (200, 302, 403, 403):
        counts.count(
            endpoint="pages.sign_in_with_password", method="POST", status=status, seconds=0.1, asked=False
        )
    found = read(client)
    assert found["compagnon_rate_limited_total", (("endpoint", "api.capture"),)] == statuses.count(429)
    assert found["compagnon_sign_ins_refused_total", ()] == 2


def test_no_title_no_name_and_no_question_is_told(client: FlaskClient) -> None:
    client.get("/?q=zinzolin")
    client.get("/api/v1/links?title=Ranger les outils")
    client.get("/practices/1")
    told = client.get("/metrics").text
    for secret in ("zinzolin", SITE.name, *(page.title for page in PAGES if " " in page.title)):
        assert secret not in told
    assert not any(name in told for name in AUTHORS.values())


def test_each_application_counts_for_itself(services: Services) -> None:
    first, second = create_app(services).test_client(), create_app(services).test_client()
    first.get("/about")
    about = (("endpoint", "pages.about"), ("method", "GET"), ("status", "200"))
    assert read(first)["compagnon_requests_total", about] == 1
    assert ("compagnon_requests_total", about) not in read(second)
    assert not any(metric.name.startswith("compagnon") for metric in REGISTRY.collect())


def test_it_is_told_to_administrators_and_to_this_machine_alone(services: Services) -> None:
    values = {
        **services.config.values,
        "wiki.api_url": "http://127.0.0.1:9/api.php",
        "web.sign_in": "proxy",
        "web.trusted_proxies": (),
    }
    services.config = Config(services.config.folder, values)
    services.__dict__.pop("readers", None)
    client = create_app(services).test_client()
    assert client.get("/metrics").status_code == 200
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    refused = client.get("/metrics", environ_overrides=elsewhere)
    assert refused.status_code == 401
    assert "compagnon_pages" not in refused.text
    # A proxy of this machine asks for somebody else.
    for header in ("X-Forwarded-For", "Forwarded", "Via"):
        assert client.get("/metrics", headers={header: "192.0.2.7"}).status_code == 401
    with services.index_lock.acquire(exclusive=True, wait_seconds=5, url="http://127.0.0.1:1"):
        owner = services.index_lock.owner()
        assert owner
        bearer = {"Authorization": f"Bearer {owner.token}"}
        assert client.get("/metrics", headers=bearer).status_code == 200


def test_an_empty_data_directory_is_told_of_too(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(services).test_client()
    monkeypatch.setattr(services.index, "check", _not_built)
    found = read(client)
    assert (found["compagnon_ready", ()], found["compagnon_up", ()]) == (0, 1)
    ready = client.get("/api/v1/ready")
    assert (ready.status_code, ready.json) == (503, {"ready": False, "error": "IndexNotBuiltError"})


def _not_built() -> None:
    raise IndexNotBuiltError("there is none")
