"""The setting `wiki.text = "rendered"`, on a real wiki: what templates bring is found, and lost with them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import HashingEmbedder
from tests.kept_in_step import titles_found
from tests.mediawiki import LocalWiki
from webui.bootstrap import Services, build_services
from webui.config import load_config


def open_services(folder: Path, wiki: LocalWiki, text: str) -> Services:
    (folder / "compagnon.toml").write_text(
        f'[web]\nsign_in = "off"\n[wiki]\napi_url = "{wiki.api_url}"\ntext = "{text}"\n', encoding="utf-8"
    )
    services = build_services(load_config(folder))
    services.__dict__["embedder"] = HashingEmbedder()
    return services


@pytest.fixture
def services(fresh_wiki: LocalWiki, data_dir: Path) -> Iterator[Services]:
    fresh_wiki.edit("Modèle:Saison", "À faire au moment des {{{1}}} : protéger du gel.")
    fresh_wiki.edit("Paillage", "{{Saison|semailles}}\n== Matière ==\nDe la paille ou des feuilles.")
    fresh_wiki.edit("Compost", "Le compost se retourne.")
    services = open_services(data_dir, fresh_wiki, "rendered")
    yield services
    services.close()


def test_what_a_template_brings_is_found_and_follows_the_template(
    services: Services, fresh_wiki: LocalWiki
) -> None:
    wiki = services.wiki()
    assert services.sync(wiki).rendered >= 2
    services.update_index()
    assert titles_found(services, "gel") == ["Paillage"]
    assert titles_found(services, "paille") == ["Paillage"]

    # MediaWiki notes in whole seconds when a page was touched: when a template changes in the second in which
    # a page that uses it was saved, everybody sees the old rendering, for ever.
    threading.Event().wait(1.1)
    fresh_wiki.edit("Modèle:Saison", "À faire au moment des {{{1}}} : arroser chaque semaine.")
    fresh_wiki.run_maintenance("runJobs.php")
    report = services.sync(wiki, sweep=True)
    assert (report.updated, report.rendered > 0) == (0, True)
    assert services.update_index().pages_indexed == 1
    assert titles_found(services, "gel") == []
    assert titles_found(services, "arroser") == ["Paillage"]
    comparison = services.index_comparison()
    assert comparison is not None
    assert comparison.in_step


def test_the_setting_can_be_changed_back_and_forth(
    services: Services, fresh_wiki: LocalWiki, data_dir: Path
) -> None:
    services.sync(services.wiki())
    services.update_index()
    services.close()
    plain = open_services(data_dir, fresh_wiki, "wikitext")
    plain.sync(plain.wiki())
    plain.update_index()
    assert titles_found(plain, "gel") == []
    assert titles_found(plain, "paille") == ["Paillage"]
    plain.close()
