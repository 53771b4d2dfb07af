"""Asking about many pages at once, of a real MediaWiki that cannot stand it, or that hides one of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector.errors import WikiUnavailableError
from connector.manners import Portion
from connector.wiki import MediaWiki, WikiSettings
from tests.conftest import MakeWiki
from tests.faultproxy import Fault, FaultProxy, Request, action_is
from tests.faults import EmptyBody, HtmlPage, HttpError, StuckContinue, TruncatedJson
from tests.mediawiki import LocalWiki

BROKEN = [TruncatedJson(), HtmlPage("<h1>502</h1>"), EmptyBody(), HttpError(500), HttpError(504)]
COUNT = 30


@pytest.fixture(scope="module")
def shelf(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    """A wiki of thirty pages, "Fiche 0" to "Fiche 29"."""
    wiki = wiki_template_fr.copy(tmp_path_factory.mktemp("shelf") / "wiki")
    for number in range(COUNT):
        wiki.edit(f"Fiche {number}", f"Le texte {number} mène à [[Fiche {number + 1}]].")
    yield wiki
    wiki.discard()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def proxy(shelf: LocalWiki) -> Iterator[FaultProxy]:
    with FaultProxy(shelf.server_url) as proxy:
        yield proxy


@pytest.fixture
def subject(proxy: FaultProxy, waits: list[float]) -> MediaWiki:
    settings = WikiSettings(api_url=proxy.url, timeout_seconds=20, max_wait_seconds=60)
    return MediaWiki(settings, sleep=waits.append)


@pytest.fixture
def asked(subject: MediaWiki) -> list[int]:
    return [head.pageid for head in subject.heads(namespaces=[0]) if head.title.startswith("Fiche")]


def names_more_than(most: int) -> Callable[[Request], bool]:
    """Requests about more pages than a wiki with little memory can stand."""
    return lambda request: len(request.parameters.get("pageids", "").split("|")) > most


def names(pageid: int) -> Callable[[Request], bool]:
    """Requests about this page, alone or with others."""
    return lambda request: str(pageid) in request.parameters.get("pageids", "").split("|")


ABOUT_PAGES: dict[str, Callable[[MediaWiki, list[int]], set[int]]] = {
    "pages": lambda wiki, asked: {page.pageid for page in wiki.pages(asked)},
    "existing": lambda wiki, asked: set(wiki.existing(asked)),
    "page_links": lambda wiki, asked: {links.pageid for links in wiki.page_links(asked) if links.links},
    "text_hashes": lambda wiki, asked: set(wiki.text_hashes(asked)),
}


@pytest.mark.parametrize("fault", BROKEN, ids=repr)
@pytest.mark.parametrize("method", ABOUT_PAGES)
def test_a_wiki_that_breaks_under_a_batch_is_asked_for_less(
    subject: MediaWiki, proxy: FaultProxy, asked: list[int], waits: list[float], method: str, fault: Fault
) -> None:
    breaking = proxy.inject(names_more_than(4), fault, times=None)
    assert ABOUT_PAGES[method](subject, asked) == set(asked)
    assert len(waits) == breaking.used < COUNT
    assert sum(waits) < COUNT
    # What is too much is not tried again and again: the following batches are smaller, too.
    assert breaking.used <= 4


@pytest.mark.parametrize("method", ABOUT_PAGES)
def test_a_page_that_breaks_every_batch_alone_is_an_error_and_no_gap(
    subject: MediaWiki, proxy: FaultProxy, asked: list[int], waits: list[float], method: str
) -> None:
    proxy.inject(names(asked[11]), TruncatedJson(), times=None)
    with pytest.raises(WikiUnavailableError, match="does not answer as a MediaWiki API"):
        ABOUT_PAGES[method](subject, asked)
    assert proxy.requests[-1].parameters["pageids"] == str(asked[11])
    assert sum(waits) <= 60 + 5  # what is around it comes: that much patience is new


def test_what_only_asks_to_wait_is_not_asked_in_parts(
    subject: MediaWiki, proxy: FaultProxy, asked: list[int]
) -> None:
    for fault in (HttpError(503), HttpError(429)):
        proxy.inject(action_is("query", rvslots="main"), fault)
        proxy.clear_log()
        assert len(list(subject.pages(asked))) == COUNT
        assert {request.parameters["pageids"].count("|") for request in proxy.requests} == {COUNT - 1}


LISTS: dict[str, tuple[str, Callable[[MediaWiki], set[Any]]]] = {
    "heads": ("gaplimit", lambda wiki: {head.pageid for head in wiki.heads(namespaces=[0])}),
    "all_revisions": ("arvlimit", lambda wiki: {r.revid for r in wiki.all_revisions(namespaces=[0])}),
    "revisions": ("rvlimit", lambda wiki: {r.revid for r in wiki.revisions(range(1, 4))}),
}


@pytest.mark.parametrize("fault", BROKEN[:2], ids=repr)
@pytest.mark.parametrize("method", LISTS)
def test_a_wiki_that_breaks_under_a_list_is_asked_for_less(
    subject: MediaWiki, proxy: FaultProxy, waits: list[float], method: str, fault: Fault
) -> None:
    limit, read = LISTS[method]
    whole = read(subject)
    proxy.clear_log()

    def too_long(request: Request) -> bool:
        asked = request.parameters.get(limit, "0")
        return asked == "max" or int(asked) > 8

    breaking = proxy.inject(too_long, fault, times=None)
    assert read(subject) == whole
    assert len(waits) == breaking.used >= 6
    assert all(r.parameters[limit] != "max" for r in proxy.requests if "continue" in r.parameters)


@pytest.mark.parametrize("method", LISTS)
def test_a_list_that_breaks_at_one_entry_is_an_error(
    subject: MediaWiki, proxy: FaultProxy, waits: list[float], method: str
) -> None:
    limit, read = LISTS[method]
    subject.site()
    proxy.inject(lambda request: limit in request.parameters, TruncatedJson(), times=None)
    with pytest.raises(WikiUnavailableError, match="does not answer as a MediaWiki API"):
        read(subject)
    assert proxy.requests[-1].parameters[limit] == "1"
    assert sum(waits) <= 60


def test_a_list_that_never_ends_is_an_error(
    shelf: LocalWiki, make_wiki: MakeWiki, waits: list[float]
) -> None:
    narrow = make_wiki(source=shelf)
    narrow.configure("$wgAPIMaxResultSize = 1500;")
    with FaultProxy(narrow.server_url) as proxy:
        subject = MediaWiki(WikiSettings(api_url=proxy.url, timeout_seconds=20), sleep=waits.append)
        proxy.inject(action_is("query"), StuckContinue(), times=None)
        for read in (
            lambda: list(subject.heads(namespaces=[0])),
            lambda: list(subject.all_revisions(namespaces=[0])),
            lambda: list(subject.page_links(range(1, 40))),
        ):
            proxy.clear_log()
            with pytest.raises(WikiUnavailableError, match="the same again"):
                read()
            assert len(proxy.requests) < 10
    assert waits == []


# Pages that the reader may not see


def test_a_page_that_may_not_be_read_is_left_out_alone(shelf: LocalWiki, make_wiki: MakeWiki) -> None:
    wiki = make_wiki(source=shelf)
    wiki.configure(
        "$wgHooks['getUserPermissionsErrors'][] = function ( $title, $user, $action, &$result ) {\n"
        "  if ( $action === 'read' && $title->getText() === 'Fiche 17' ) { $result = [ 'badaccess-group0' ];"
        " return false; }\n};"
    )
    subject = MediaWiki(WikiSettings(api_url=wiki.api_url, timeout_seconds=20), sleep=lambda seconds: None)
    heads = {head.title: head.pageid for head in subject.heads(namespaces=[0])}
    locked = heads["Fiche 17"]
    readable = set(heads.values()) - {locked}
    asked = list(heads.values())
    assert {page.pageid for page in subject.pages(asked)} == readable
    assert {links.pageid for links in subject.page_links(asked)} == readable
    assert set(subject.text_hashes(asked)) == readable
    assert subject.rendering(locked) is None
    assert subject.rendering(heads["Fiche 16"]) is not None


def test_a_portion_is_halved_and_comes_back() -> None:
    portion = Portion(500)
    assert portion.whole
    portion.halve(400)
    assert (portion.size, portion.whole) == (200, False)
    portion.halve(1_000)
    assert portion.size == 100
    for _ in range(8):
        portion.praise()
    assert portion.size == 200
    for _ in range(7):
        portion.praise()
    portion.halve()
    portion.praise()
    assert portion.size == 100
    for _ in range(40):
        portion.praise()
    assert portion.whole
    for _ in range(20):
        portion.halve()
    assert portion.size == 1
