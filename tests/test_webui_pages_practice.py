"""The page of a practice: its text without markup, its people, and how it came to be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from capture.notes import read_notes
from connector.model import Revision
from connector.store.wishes import Wish
from search.people import PeopleFilter
from tests.community import NOTES, SITE, page
from tests.members import PutThere, client, members_before, only, readers
from tests.sign_in_ground import soup
from webui.bootstrap import Services
from webui.practice_text import plain_text_of, text_parts
from webui.rights.roles import Role

__all__ = ["client", "readers"]  # fixtures

WELCOME, EVENING, FUNDING, REDIRECT, PLAN, HOSTILE = 1, 2, 4, 6, 20, 21
MADE = datetime(2026, 3, 4, 10, tzinfo=UTC)
HOSTILE_TEXT = """{{Practice|statut=testée|contexte=<img src=x onerror=alert(1)>
|contacts=<b>Zoé</b>|langue=fr" onload="x}}
== Solution ==
<script>alert(1)</script>Voir [[Soirée réparation|<i>la soirée</i>]], [[Page secrète]], [[Nulle part]] et
[javascript:alert(2) ici].

=== D'abord ===
# Un ''premier'' pas avec [[atelier]]
# Un second

* en vrac

{| class="x"
| a || [[Atelier|b]]
|}
== Points de vigilance ==
Ne pas <div style="position:fixed">couvrir</div> la page.
"""


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, PutThere]]:
    with members_before(tmp_path_factory.mktemp("community")) as ground:
        services = ground[0]
        notes = read_notes(NOTES)
        services.desk.add(services.capture.capture(notes), notes, actor="Inès Caradec")
        [draft] = services.desk.list()
        published = page(PLAN, draft.draft.title, draft.draft.wikitext)
        services.store.pages.put_many([published, page(HOSTILE, "Page hostile", HOSTILE_TEXT)])
        people = ("Aïcha Benali", "Robot Bot", "Inès Caradec", "Odile Retrait", "Aïcha Benali", None)
        services.store.revisions.put_many(
            Revision(
                revid=5_000 + number,
                pageid=PLAN,
                timestamp=MADE + timedelta(days=number),
                user=name,
                user_id=None if name is None else 1_000 + sum(name.encode()),
                size=100 * number,
            )
            for number, name in enumerate(people)
        )
        services.desk.mark_published(
            draft.id, version=draft.version, pageid=PLAN, revid=published.revid, published_by="Inès Caradec"
        )
        services.update_index()
        yield ground


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Services:
    return ground[0]


def read(client: FlaskClient, number: int, *, status: int = 200) -> BeautifulSoup:
    answer = client.get(f"/practices/{number}")
    assert answer.status_code == status, answer.get_data(as_text=True)
    return soup(answer)


def words(page: BeautifulSoup, selector: str) -> str:
    return " ".join(" ".join(each.get_text(" ").split()) for each in page.select(selector))


def api(client: FlaskClient, number: int) -> dict[str, Any]:
    answer = client.get(f"/api/v1/practices/{number}")
    assert answer.status_code == 200
    shape: dict[str, Any] = answer.get_json()
    return shape


def test_a_practice_says_how_far_it_has_come_and_what_that_means(client: FlaskClient) -> None:
    page = read(client, WELCOME)
    assert words(page, "h1") == "Accueillir un nouveau bénévole"
    assert words(page, ".stage") == "reference the way that the community recommends"
    assert words(page, ".lead") == "Atelier"


def test_its_text_is_in_its_own_language_and_its_links_stay(client: FlaskClient) -> None:
    page = read(client, WELCOME)
    article, heading, html = page.select_one("article"), page.select_one("h1"), page.select_one("html")
    assert article
    assert heading
    assert html
    assert (html["lang"], heading["lang"], article["lang"]) == ("en", "fr", "fr")
    assert [each.text for each in article.select("h2")] == ["Problème", "Solution", "Étapes"]
    link = article.select_one("#solution ~ p a")
    assert link
    assert (link.text, link["href"]) == ("soirée réparation", f"/practices/{EVENING}")
    assert [each.text for each in article.select("li")] == [
        "Préparer un badge à son nom.",
        "Faire le tour de l'atelier en un quart d'heure.",
    ]


def test_it_leads_to_the_wiki_and_to_its_form(client: FlaskClient) -> None:
    links = {each.text: str(each["href"]) for each in read(client, FUNDING).select(".practice-head a")}
    assert links == {
        "Read in the wiki": "http://wiki.invalid/wiki/Funding_a_workshop",
        "Edit in the wiki": "http://wiki.invalid/w/index.php?title=Funding_a_workshop&action=edit",
    }


def test_markup_and_scripts_do_not_reach_the_page(client: FlaskClient) -> None:
    page = read(client, HOSTILE)
    assert not page.select("article script, article img, article div[style], article i, [onload]")
    assert [str(each["href"]) for each in page.select("article a")] == [
        f"/practices/{EVENING}",
        "http://wiki.invalid/wiki/Atelier",
        "http://wiki.invalid/wiki/Atelier",
    ]
    assert "alert(1)" not in words(page, "article")
    assert [each.text for each in page.select("article ol li")] == [
        "Un premier pas avec atelier",
        "Un second",
    ]
    assert [each.text for each in page.select("article ul li")] == ["en vrac"]
    assert words(page, "article h3") == "D'abord"
    assert words(page, "article .cautions p") == "Ne pas couvrir la page."
    contact = page.select_one("#contacts ~ ul h3")
    assert contact
    assert contact.text == "Zoé"


def test_a_link_to_what_may_not_be_read_is_words(client: FlaskClient, readers: PutThere) -> None:
    readers.visitor(readable=only(WELCOME, FUNDING))
    page = read(client, WELCOME)
    assert not page.select("article a")
    assert "soirée réparation" in words(page, "article")
    told = words(page, "main")
    assert "Ranger les outils" not in told
    assert "Registre" not in told


@pytest.mark.parametrize("path", ["/practices/{}", "/api/v1/practices/{}"])
def test_absent_hidden_and_no_practice_are_told_alike(
    client: FlaskClient, readers: PutThere, path: str
) -> None:
    readers.visitor(readable=only(WELCOME, 5))
    told = set()
    for number in (EVENING, 5, 999):
        answer = client.get(path.format(number))
        assert answer.status_code == 404
        page = soup(answer).select_one("main")
        told.add((str(page) if page else answer.get_data(as_text=True)).replace(str(number), "N"))
    assert len(told) == 1


def test_a_redirect_leads_on_to_what_may_be_read(client: FlaskClient, readers: PutThere) -> None:
    assert client.get(f"/practices/{REDIRECT}").location == f"/practices/{WELCOME}"
    readers.visitor(readable=only(REDIRECT))
    read(client, REDIRECT, status=404)


def test_contacts_and_who_else_knows(client: FlaskClient, services: Services, readers: PutThere) -> None:
    account = readers.person("Aïcha Benali")
    wish = Wish(paused=True, languages=("fr",), availability="Le mardi soir")
    services.store.wishes.put(account.id, wish)
    try:
        page = read(client, WELCOME)
        assert words(page, "#contacts ~ ul") == "Aïcha Benali please not now French Le mardi soir"
        assert "Aïcha Benali" not in words(page, "#people ~ ul h3")
        (contact,) = api(client, WELCOME)["contacts"]
        assert contact == {
            "name": "Aïcha Benali",
            "languages": ["fr"],
            "available": False,
            "availability": "Le mardi soir",
        }
        services.store.wishes.put(account.id, Wish(opted_out=True))
        page = read(client, WELCOME)
        assert not page.select("#contacts")
        assert "Aïcha" not in words(page, "main")
        assert "Aïcha" not in str(api(client, WELCOME))
    finally:
        services.store.wishes.put(account.id, Wish())


def test_related_practices_have_their_status(client: FlaskClient) -> None:
    related = read(client, WELCOME).select("#related ~ ul li")
    statuses = {each.a.text: each.span.text for each in related if each.a and each.span}
    assert statuses["Soirée réparation"] == "tested"
    assert "Accueillir un nouveau bénévole" not in statuses


def test_the_history_counts_and_names_people_only(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = PeopleFilter(bots=(), opt_out=("Odile Retrait",), store=services.store)
    monkeypatch.setattr(services.index, "people", people)
    told = words(read(client, PLAN), ".origin > p")
    assert "First written by Aïcha Benali on March 4, 2026 ; edited last on March 9, 2026" in told
    assert "2 people have edited it." in told, "neither the program, nor who left, nor who is hidden"
    history = api(client, PLAN)["history"]
    assert (history["first_by"], history["last_by"], history["editors"]) == ("Aïcha Benali", None, 2)


def test_it_tells_the_meeting_and_the_statements_with_their_lines(
    client: FlaskClient, readers: PutThere
) -> None:
    readers.person("Nadia Ould")
    page = read(client, PLAN)
    assert "Written from meeting notes by a program" in words(page, ".origin > p")
    assert words(page, ".origin summary") == "Atelier : réunion du 3 mars 2026 · March 3, 2026"
    told = words(page, ".origin dl")
    assert "Problem (line 8) les nouveaux ne savent pas où sont les outils." in told.replace("Les", "les")
    assert "Solution (line 10)" in told
    assert not page.select(".origin blockquote"), "the lines themselves are the coordinators'"
    assert not page.select(".origin a[href^='/capture']")
    (origin,) = api(client, PLAN)["made_from"]
    assert (origin["meeting"], origin["met_on"], origin["notes_id"]) == (
        "Atelier : réunion du 3 mars 2026",
        "2026-03-03",
        None,
    )
    assert [each["lines"] for each in origin["statements"]][:1] == [[8]]
    assert not any(each["said"] for each in origin["statements"])


def test_coordinators_read_the_lines(client: FlaskClient, readers: PutThere) -> None:
    readers.person("Inès Caradec", Role.COORDINATOR)
    page = read(client, PLAN)
    assert "Problème : les nouveaux ne savent pas où sont les outils." in words(page, ".origin blockquote")
    assert page.select(".origin a[href^='/capture/']")
    (origin,) = api(client, PLAN)["made_from"]
    assert origin["notes_id"]
    assert all(each["said"] for each in origin["statements"])


def test_what_the_page_does_not_say_any_more_is_told_to_coordinators_only(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    before = services.store.pages.get(PLAN)
    assert before
    changed = before.wikitext.replace("les nouveaux ne savent pas où sont les outils", "on se perd")
    changed = changed.replace("Les nouveaux ne savent pas où sont les outils", "On se perd")
    assert changed != before.wikitext
    services.store.pages.put_many([replace(before, wikitext=changed, revid=before.revid + 1)])
    try:
        readers.person("Nadia Ould")
        assert "nouveaux" not in words(read(client, PLAN), "main")
        assert "nouveaux" not in str(api(client, PLAN))
        readers.person("Inès Caradec", Role.COORDINATOR)
        assert "(the page does not say this any more)" in words(read(client, PLAN), ".origin dt")
    finally:
        services.store.pages.put_many([replace(before, revid=before.revid + 2)])


def test_in_french_it_speaks_french(client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    page = read(client, WELCOME)
    assert words(page, ".stage") == "référence la façon de faire que la communauté recommande"
    assert words(page, "#origin") == "D’où elle vient"


# The text


def test_text_keeps_links_and_lists_and_nothing_else() -> None:
    parts = text_parts(
        "Un [[Atelier|lieu]].\n* a\n** b\n# un\nFin\ue0000\ue001faux\ue002",
        site=SITE,
        href=lambda title: f"/{title}",
    )
    (part,) = parts
    kinds = [
        (block.kind, [[(run.text, run.href) for run in item] for item in block.items])
        for block in part.blocks
    ]
    assert kinds == [
        ("paragraph", [[("Un ", ""), ("lieu", "/Atelier"), (".", "")]]),
        ("list", [[("a", "")], [("b", "")]]),
        ("numbered", [[("un", "")]]),
        ("paragraph", [[("Fin0faux", "")]]),
    ]
    assert plain_text_of(parts) == "Un lieu.\n- a\n- b\n- un\nFin0faux"


@pytest.mark.parametrize("text", ["", "{{x}}", "<!-- [[Atelier]] -->", "[[Catégorie:Accueil]]"])
def test_a_text_without_words_has_no_parts(text: str) -> None:
    assert text_parts(text, site=SITE, href=lambda _: "/") == []


def test_a_link_in_what_is_cut_leaves_its_words() -> None:
    (part,) = text_parts("{| \n| [[Atelier]] || x\n|}\n", site=SITE, href=lambda _: "/a")
    assert "Atelier" in plain_text_of([part])
    assert "\ue000" not in plain_text_of([part])
