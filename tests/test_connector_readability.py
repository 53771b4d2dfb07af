"""Which pages may be read, as a real wiki says: to nobody, and to an account."""

import pytest

from connector.errors import WikiLoginError, WikiUnavailableError
from connector.wiki import MediaWiki, WikiSettings
from tests.faultproxy import Fault, FaultProxy, action_is
from tests.faults import EmptyBody, HtmlPage, HttpError, TruncatedJson, maxlag, readonly
from tests.mediawiki import LocalWiki

# As extensions that hide pages do: only who has an account may read it.
HIDDEN = """
$wgHooks['getUserPermissionsErrors'][] = static function ( $title, $user, $action, &$result ) {
    if ( $action === 'read' && $title->getText() === 'Salaires' && !$user->isRegistered() ) {
        $result = [ 'badaccess-group0' ];
        return false;
    }
};
"""


def nobody(url: str) -> MediaWiki:
    return MediaWiki(WikiSettings(api_url=url, timeout_seconds=4, max_wait_seconds=0))


@pytest.mark.wiki
def test_pages_are_told_that_may_be_read_now_with_the_titles_that_they_have_now(
    fresh_wiki: LocalWiki,
) -> None:
    ids = {
        title: fresh_wiki.edit(title, "Un texte.").pageid for title in ("Compost", "Semis", "Salaires", "Bac")
    }
    many = [fresh_wiki.edit(f"Fiche {number}", "Une fiche.").pageid for number in range(5)]
    wiki = nobody(fresh_wiki.api_url)
    everything = [*ids.values(), *many]
    assert set(wiki.readable_titles(everything)) == set(everything)
    assert wiki.readable_titles([]) == {}

    fresh_wiki.configure(HIDDEN)
    fresh_wiki.delete("Semis")
    fresh_wiki.move("Bac", "Bac à compost")
    found = wiki.readable_titles([*ids.values(), 99_999, ids["Compost"]])
    assert found == {ids["Compost"]: "Compost", ids["Bac"]: "Bac à compost"}

    login, password = fresh_wiki.create_bot_password("Camille Roux", "reader")
    account = MediaWiki(WikiSettings(api_url=fresh_wiki.api_url, user=login, password=password))
    assert account.readable_titles([ids["Salaires"]]) == {ids["Salaires"]: "Salaires"}

    # More than the wiki tests for one reply (50).
    assert set(wiki.readable_titles([*many, *range(50_000, 50_100), ids["Compost"]])) == {
        *many,
        ids["Compost"],
    }

    fresh_wiki.make_private()
    with pytest.raises(WikiUnavailableError):
        wiki.readable_titles([ids["Compost"]])
    with pytest.raises(WikiLoginError):
        nobody(fresh_wiki.api_url).readable_titles([ids["Compost"]])


@pytest.mark.wiki
@pytest.mark.parametrize(
    "fault",
    [HttpError(503), TruncatedJson(), HtmlPage(), EmptyBody(), maxlag(), readonly()],
    ids=lambda fault: type(fault).__name__,
)
def test_a_reader_who_waits_gets_an_error_at_once_and_never_less(wiki: LocalWiki, fault: Fault) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        hurried = nobody(f"{proxy.server_url}/api.php")
        ids = [page["pageid"] for page in wiki.session().ask("query", list="allpages")["query"]["allpages"]]
        assert set(hurried.readable_titles(ids)) == set(ids)
        asked = len(proxy.requests)
        proxy.inject(action_is("query"), fault, times=None)
        with pytest.raises(WikiUnavailableError):
            hurried.readable_titles(ids)
        assert len(proxy.requests) <= asked + len(ids), "it may ask for less, and not again and again"
