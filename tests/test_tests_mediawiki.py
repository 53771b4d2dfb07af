"""The wiki of the tests is a real one, each copy stands alone, and nothing stays behind."""

import pytest
import requests

from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki
from tests.mediawiki_api import ApiSession, LocalWikiError


def test_the_shared_wiki_speaks_french(wiki: LocalWiki) -> None:
    general = wiki.session().ask("query", meta="siteinfo")["query"]["general"]
    assert general["lang"] == "fr"
    assert general["sitename"] == "Savoirs communs"
    assert general["server"] == wiki.server_url
    assert "Modifier" in requests.get(f"{wiki.index_url}/Hivernage_des_ruches", timeout=60).text


def test_the_english_wiki_speaks_english(english_wiki: LocalWiki) -> None:
    assert english_wiki.session().ask("query", meta="siteinfo")["query"]["general"]["lang"] == "en"
    assert english_wiki.text("Main Page")
