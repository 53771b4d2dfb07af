"""Finding a wiki's API from any address of it, and nothing else's."""

from collections.abc import Iterator

import pytest

from connector.discovery import find_api
from connector.errors import WikiUnavailableError
from tests.mediawiki import LocalWiki
from tests.small_server import Quiet, small_server

PAGES: dict[str, str] = {}


class Handler(Quiet):
    def do_GET(self) -> None:  # noqa: N802 - as http.server calls it
        body = PAGES.get(self.path.partition("?")[0])
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write((body or "").encode())


@pytest.fixture
def site() -> Iterator[str]:
    """A web server with the pages of a test."""
    PAGES.clear()
    with small_server(Handler) as address:
        yield address


def test_any_page_of_a_wiki_leads_to_its_api(wiki: LocalWiki) -> None:
    host = wiki.server_url.removeprefix("http://")
    addresses = [
        wiki.server_url,
        f"{wiki.server_url}/",
        wiki.index_url,
        f"{wiki.index_url}/Accueil?action=edit#haut",
        f"{wiki.server_url}/not/there/at/all",
        f" {wiki.api_url}?action=query ",
        host,
    ]
    assert {find_api(address).url for address in addresses} == {wiki.api_url}


API = '{"query": {"general": {"sitename": "x"}}}'


def test_a_page_says_where_the_api_is(site: str) -> None:
    PAGES["/deep/page"] = '<link rel="EditURI" type="application/rsd+xml" href="/odd/api.php?action=rsd">'
    PAGES["/odd/api.php"] = API
    assert find_api(f"{site}/deep/page").url == f"{site}/odd/api.php"


def test_the_usual_places_are_tried_where_no_page_says_it(site: str) -> None:
    PAGES["/"] = "<p>a portal</p>"
    PAGES["/mediawiki/api.php"] = '{"error": {"code": "readapidenied", "info": "no"}}'
    assert find_api(site).url == f"{site}/mediawiki/api.php"
    PAGES["/a/b/api.php"] = API
    assert find_api(f"{site}/a/b/c/Page").url == f"{site}/a/b/api.php"


def test_passwords_are_never_led_to_another_machine(site: str) -> None:
    PAGES["/"] = '<link rel="EditURI" href="//evil.invalid/w/api.php?action=rsd">'
    with pytest.raises(WikiUnavailableError, match=r"another machine.*evil\.invalid"):
        find_api(site)


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"query": {}}', '{"error": {"code": "other"}}', '"x"'])
def test_what_answers_otherwise_is_no_wiki(site: str, answer: str) -> None:
    PAGES["/api.php"] = answer
    with pytest.raises(WikiUnavailableError, match="no MediaWiki"):
        find_api(site)


@pytest.mark.parametrize(
    "address", ["", "foo", "ftp://x.example/", "http://u:p@127.0.0.1/", "http://[", "http://127.0.0.1:9/"]
)
def test_what_is_no_address_is_one_clear_line(address: str) -> None:
    with pytest.raises(WikiUnavailableError) as caught:
        find_api(address)
    assert "\n" not in str(caught.value)
    assert "u:p" not in str(caught.value)
