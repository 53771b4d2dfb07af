"""Narrowing a search, what is said of each hit, and who can be asked, as the search page shows them."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from connector.store.schema_people import hit_feedback
from connector.store.wishes import Wish
from tests.members import PutThere, client, ground, make_client, only, readers
from tests.sign_in_ground import soup
from webui.bootstrap import Services
from webui.pages import hit_feedback as verdicts

__all__ = ["client", "ground", "readers"]  # fixtures

NADIA = "Nadia Ould"
ASKED = "/?q=soirée+réparation+outils"


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Iterator[Services]:
    services = ground[0]
    yield services
    with services.store._engine.begin() as connection:
        connection.execute(hit_feedback.delete())


def read(client: FlaskClient, path: str, *, status: int = 200) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return soup(answer)


def titles(page: BeautifulSoup) -> set[str]:
    return {each.text for each in page.select(".hit h3")}


def chips(page: BeautifulSoup) -> dict[str, str]:
    """The filters that are shown, and where taking each away leads to."""
    return {
        " ".join(each.get_text(" ").split()): str(each["href"])
        for each in page.select(".active-filters a.chip")
    }


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ("&status=tested", {"Soirée réparation"}),
        ("&status=tested&status=emerging", {"Soirée réparation", "Ranger les outils"}),
        ("&since=2026-03-20", {"Fiche de suivi", "Registre des objets"}),
        ("&category=accueil", {"Accueillir un nouveau bénévole"}),
        ("&language=fr&status=emerging", {"Ranger les outils"}),
        ("&namespace=0&practices_only=1&status=reference", {"Accueillir un nouveau bénévole"}),
    ],
)
def test_a_search_is_narrowed_by_what_stands_in_the_address(
    client: FlaskClient, filters: str, kept: set[str]
) -> None:
    assert titles(read(client, f"{ASKED}&top_k=50{filters}")) == kept


def test_each_filter_is_a_chip_that_can_be_taken_away(client: FlaskClient) -> None:
    page = read(client, f"{ASKED}&status=tested&language=fr&since=2026-01-15&namespace=0&practices_only=1")
    found = chips(page)
    assert set(found) == {
        "Status: tested × (take away)",
        "Language: French × (take away)",
        "Namespace: main pages × (take away)",
        "Edited since: January 15, 2026 × (take away)",
        "Pages: practices only × (take away)",
    }
    without = parse_qs(urlsplit(found["Status: tested × (take away)"]).query)
    assert without == {
        "q": ["soirée réparation outils"],
        "language": ["fr"],
        "namespace": ["0"],
        "since": ["2026-01-15"],
        "practices_only": ["1"],
    }
    all_away = page.select_one(".active-filters li > a:not(.chip)")
    assert all_away
    assert parse_qs(urlsplit(str(all_away["href"])).query) == {"q": ["soirée réparation outils"]}


def test_the_form_needs_no_script_and_shows_what_is_chosen(client: FlaskClient) -> None:
    page = read(client, f"{ASKED}&status=tested&since=2026-01-15")
    form = page.select_one("form[role=search]")
    assert form
    assert form["method"] == "get"
    ticked = {(str(each["name"]), str(each["value"])) for each in form.select("input[checked]")}
    assert ticked == {("status", "tested")}
    day = form.select_one("input[type=date]")
    assert day
    assert day["value"] == "2026-01-15"
    offered = {str(each["value"]) for each in form.select("input[name=status]")}
    assert offered == {"emerging", "tested", "adopted", "reference"}
    assert {str(each["value"]) for each in form.select("input[name=category]")} == {"Accueil"}
    # As a browser sends the form: a field that was left empty is sent too.
    sent = read(client, f"{ASKED}&status=tested&category=&since=")
    assert titles(sent) == {"Soirée réparation"}
    assert len(chips(sent)) == 1


def test_filters_are_kept_for_more_pages_and_for_practices_only(client: FlaskClient) -> None:
    page = read(client, f"{ASKED}&top_k=1&language=fr&namespace=0")
    more = page.select_one("a.button[href*=top_k]")
    assert more
    asked = parse_qs(urlsplit(str(more["href"])).query)
    assert (asked["language"], asked["namespace"], asked["top_k"]) == (["fr"], ["0"], ["2"])
    narrower = page.select_one(".narrow-to a")
    assert narrower
    asked = parse_qs(urlsplit(str(narrower["href"])).query)
    assert (asked["language"], asked["practices_only"]) == (["fr"], ["1"])


def test_a_narrowed_search_that_finds_nothing_offers_to_search_without_filters(client: FlaskClient) -> None:
    page = read(client, f"{ASKED}&status=retired")
    assert not page.select(".hit")
    link = page.select_one(".nobody .actions a.button")
    assert link
    assert link.text == "Search without filters"
    assert titles(read(client, str(link["href"])))


@pytest.mark.parametrize(
    "wrong", ["since=yesterday", "namespace=x", "namespace=-1", "status=" + "x" * 300, "practices_only=9"]
)
def test_a_wrong_filter_is_refused(client: FlaskClient, wrong: str) -> None:
    read(client, f"{ASKED}&{wrong}", status=400)
    assert client.get(f"/api/v1/search?q=outils&{wrong}").status_code == 400


def test_too_many_values_are_refused(client: FlaskClient) -> None:
    read(client, ASKED + "".join(f"&category=c{number}" for number in range(21)), status=400)


def test_what_may_not_be_read_can_neither_be_found_nor_chosen(client: FlaskClient, readers: PutThere) -> None:
    readers.visitor(readable=only(2, 5))
    page = read(client, f"{ASKED}&top_k=50")
    assert titles(page) <= {"Soirée réparation", "Atelier"}
    assert "Soirée réparation" in titles(page)
    assert {str(each["value"]) for each in page.select("input[name=status]")} == {"tested"}
    assert not page.select("input[name=category][type=checkbox]")
    examples = {each.text for each in read(client, "/").select(".examples a")}
    assert examples <= {"Soirée réparation"}
    hidden, absent = (client.get(f"/related?pageid={number}") for number in (1, 999))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    told = [
        str(soup(answer).select_one("main")).replace("page 1 ", "page 999 ") for answer in (hidden, absent)
    ]
    assert told[0] == told[1]


def test_a_hit_says_which_words_found_it(client: FlaskClient) -> None:
    hit = read(client, "/?q=multimètre+fer").select_one(".hit .meta")
    assert hit
    told = " ".join(hit.get_text(" ").split())
    assert "“Multimètre” , “fer”" in told


def test_a_practice_leads_to_all_about_it_and_another_page_does_not(client: FlaskClient) -> None:
    hits = read(client, f"{ASKED}&top_k=50").select(".hit")
    linked = {each.h3.text for each in hits if each.h3 and each.select("a[href^='/practices/']")}
    assert "Soirée réparation" in linked
    assert "Atelier" not in linked


# What is said of a hit


def press(client: FlaskClient, page: BeautifulSoup, *, verdict: str, script: bool = False) -> int:
    form = page.select_one("form.verdicts")
    assert form
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    headers = {"X-Compagnon-Script": "1"} if script else {}
    answer = client.post(str(form["action"]), data={**fields, "verdict": verdict}, headers=headers)
    if not script:
        assert urlsplit(answer.location).fragment == f"hit-{fields['pageid']}"
    return answer.status_code


def pressed(page: BeautifulSoup) -> list[str]:
    form = page.select_one("form.verdicts")
    assert form
    return [each.text for each in form.select("button[aria-pressed=true]")]


def counts(services: Services) -> list[tuple[str, int, int]]:
    return [(each.question, each.helped, each.not_helped) for each in services.store.hit_feedback.all()]


def test_one_person_counts_once_for_a_question_and_a_page(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person(NADIA)
    asked = "/?q=multimètre&language=fr"
    assert pressed(read(client, asked)) == []
    assert press(client, read(client, asked), verdict="helped") == 303
    assert pressed(read(client, asked)) == ["This helped"]
    assert press(client, read(client, "/?q=MULTIMÈTRE ?"), verdict="helped", script=True) == 204
    assert counts(services) == [("multimètre", 1, 0)]
    assert press(client, read(client, asked), verdict="not_helped") == 303
    assert counts(services) == [("multimètre", 0, 1)]
    assert pressed(read(client, asked)) == ["Not what I asked"]
    assert press(client, read(client, "/?q=fer à souder"), verdict="helped") == 303
    other = make_client(services)
    assert press(other, read(other, asked), verdict="helped") == 303
    assert counts(services) == [("multimètre", 1, 1), ("fer à souder", 1, 0)]


def test_the_way_back_is_the_same_search_and_nowhere_else(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person(NADIA)
    form = read(client, "/?q=multimètre&language=fr&top_k=3").select_one("form.verdicts")
    assert form
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")} | {"verdict": "helped"}
    back = urlsplit(client.post(str(form["action"]), data=fields).location)
    assert back.path == "/"
    assert parse_qs(back.query) == {"q": ["multimètre"], "language": ["fr"], "top_k": ["3"]}
    evil = "/feedback?_scheme=javascript&_external=1&endpoint=x&q=y&top_k=3"
    assert client.post(evil, data=fields).location.startswith("/?q=multim")


def test_visitors_do_not_see_the_buttons_and_are_not_counted(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person(NADIA)
    page = read(client, "/?q=multimètre")
    readers.visitor()
    assert not read(client, "/?q=multimètre").select("form.verdicts")
    form = page.select_one("form.verdicts")
    assert form
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    answer = client.post("/feedback", data={**fields, "verdict": "helped"})
    assert answer.status_code == 401
    assert counts(services) == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"verdict": "perhaps"}, 400),
        ({"question": ""}, 400),
        ({"question": "x" * 1_001}, 400),
        ({"pageid": "x"}, 400),
        ({"pageid": "999"}, 404),
        ({"pageid": "1"}, 404),
        ({"csrf_token": ""}, 400),
    ],
)
def test_a_verdict_on_nothing_is_refused(
    client: FlaskClient, services: Services, readers: PutThere, changes: dict[str, str], status: int
) -> None:
    readers.person(NADIA, readable=only(2))
    form = read(client, "/?q=multimètre").select_one("form.verdicts")
    assert form
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")} | {"verdict": "helped"}
    assert client.post("/feedback", data={**fields, **changes}).status_code == status
    assert counts(services) == []


def test_a_session_remembers_so_many_verdicts_and_counts_no_more(
    client: FlaskClient, services: Services, readers: PutThere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "MOST_VERDICTS", 2)
    readers.person(NADIA)
    for word in ("multimètre", "registre", "mairie"):
        press(client, read(client, f"/?q={word}"), verdict="helped", script=True)
    assert [question for question, _, _ in counts(services)] == ["multimètre", "registre"]
    press(client, read(client, "/?q=registre"), verdict="not_helped", script=True)
    assert ("registre", 0, 1) in counts(services), "a change of mind is no new verdict"


# Who can be asked


def test_people_are_told_how_they_can_be_asked(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    account = readers.person("Marc Le Goff")
    wish = Wish(paused=True, languages=("fr", "br"), availability="Le jeudi, à l’atelier")
    services.store.wishes.put(account.id, wish)
    try:
        people = {
            each.h3.text: " ".join(each.get_text(" ").split())
            for each in read(client, ASKED).select(".expert")
            if each.h3
        }
        told = people.get("Marc Le Goff", str(people))
        assert "please not now" in told
        assert "French and Breton" in told
        assert "Le jeudi, à l’atelier" in told
        assert not any("please not now" in text for name, text in people.items() if name != "Marc Le Goff")
        services.store.wishes.put(account.id, Wish(opted_out=True))
        assert "Marc Le Goff" not in {each.text for each in read(client, ASKED).select(".expert h3")}
    finally:
        services.store.wishes.put(account.id, Wish())


def test_where_all_pages_are_alike_there_is_nothing_to_choose(client: FlaskClient) -> None:
    assert not read(client, ASKED).select("input[name=namespace]")
    assert len(read(client, ASKED).select("input[name=language]")) == 2
    chosen = read(client, f"{ASKED}&namespace=0").select("input[name=namespace][checked]")
    assert [each["value"] for each in chosen] == ["0"], "what was chosen can be left out again"
