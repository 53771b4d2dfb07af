"""A person's own page: what is known about them, what they wish, and that it works at once."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from capture.notes import read_notes
from connector.model import Page, Revision
from connector.store import Account
from connector.store.wishes import Wish
from search.experts import Expert
from tests.mediawiki import LocalWiki
from tests.sign_in_ground import MEMBER, make_app, make_client, post, sign_in, sign_in_services, soup
from webui.bootstrap import Services
from webui.own_data import OwnData, own_data

NOTES = f"""# Réunion du 3 mars 2026
Présents : {MEMBER}, Malo Rivière
Action : {MEMBER} achète une fourche avant le 10 mars 2026.
"""
PRACTICE = """{{{{Practice|statut=testée|contacts={contacts}|langue=fr}}}}
== Problème ==
Le {subject} pourrit au fond du bac et sent mauvais tout l’été.
== Solution ==
Le retourner au printemps avec une fourche, puis le couvrir de paille.
"""


@pytest.fixture(scope="module")
def wiki(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "copy")
    local.create_user(MEMBER)
    local.create_user("Malo Rivière")
    both = f"{MEMBER}, Malo Rivière"
    local.edit("Compost", PRACTICE.format(contacts=both, subject="compost"), user=MEMBER)
    local.edit("Paillage", PRACTICE.format(contacts=MEMBER, subject="paillage"), user=MEMBER)
    yield local
    local.discard()


@pytest.fixture(scope="module")
def services(wiki: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with sign_in_services(tmp_path_factory.mktemp("data"), wiki.api_url) as services:
        notes = read_notes(NOTES)
        services.desk.add(services.capture.capture(notes), notes, actor="Malo Rivière")
        yield services
        services.eraser.wait()


@pytest.fixture(scope="module")
def app(services: Services) -> Flask:
    return make_app(services)


@pytest.fixture(scope="module")
def signed_in(app: Flask, wiki: LocalWiki) -> FlaskClient:
    client = make_client(app)
    sign_in(client, *wiki.create_bot_password(MEMBER, "compagnon"))
    return client


@pytest.fixture
def client(signed_in: FlaskClient, services: Services) -> Iterator[FlaskClient]:
    """The member's browser; what they wish is forgotten afterwards."""
    yield signed_in
    services.store.wishes.put(account(services).id, Wish())


def account(services: Services) -> Account:
    found = services.store.accounts.named(MEMBER)
    assert found is not None
    return found


def expert(services: Services, question: str = "compost") -> Expert | None:
    found = services.searcher.experts(question, top_k=20).experts
    return next((one for one in found if one.name == MEMBER), None)


def pageid(services: Services, title: str) -> int:
    return services.store.pages.require(title).pageid


def form(**fields: str) -> dict[str, str]:
    return {"availability": "", "pause": "no", "until": "", "asks": "", **fields}


def test_the_page_says_what_is_known(client: FlaskClient) -> None:
    page = soup(client.get("/me"))
    text = page.get_text(" ", strip=True)
    assert MEMBER in text
    proofs = [link.get_text() for link in page.select(".proofs a")]
    assert sorted(proofs) == ["Compost", "Paillage"]
    assert "une fourche" in text, "what a follow-up says of them"
    assert page.select_one("a[download]")


def test_it_is_for_who_has_signed_in(app: Flask) -> None:
    visitor = make_client(app)
    for address in ("/me", "/me/erase", "/me/data.json"):
        answer = visitor.get(address)
        assert answer.status_code in (302, 303), address
        assert "/sign-in" in answer.location
    for address in ("/me", "/me/opt-out", "/me/pages", "/me/erase"):
        assert visitor.post(address, data={"name": MEMBER}).status_code == 400, "no token of a form of ours"


def test_forms_without_their_token_change_nothing(client: FlaskClient, services: Services) -> None:
    assert client.post("/me/opt-out", data={"wanted": "out"}).status_code == 400
    assert client.post("/me/erase", data={"name": MEMBER}).status_code == 400
    assert services.store.wishes.get(account(services).id) == Wish()


def test_wishes_stand_beside_the_name(client: FlaskClient, services: Services) -> None:
    said = form(availability="Le mardi,\nau 06 00", language="en", asks="3")
    assert post(client, "/me", said).status_code == 303
    found = expert(services)
    assert found is not None
    assert (found.languages, found.available) == (("en",), True)
    assert found.availability == "Le mardi, au 06 00"
    shown = soup(client.get("/me"))
    assert shown.select_one("textarea#availability").get_text(strip=True) == "Le mardi, au 06 00"  # type: ignore[union-attr]
    assert shown.select_one("input[name=language][value=en][checked]")


def test_without_wishes_the_pages_say_the_languages(client: FlaskClient, services: Services) -> None:
    found = expert(services)
    assert found is not None
    assert (found.languages, found.available, found.availability) == (("fr",), True, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"pause": "until", "until": "2020-01-01"},
        {"pause": "until", "until": ""},
        {"asks": "0"},
        {"asks": "-2"},
        {"asks": "hundred"},
        {"availability": "x" * 281},
    ],
)
def test_what_cannot_be_kept_is_said_and_changes_nothing(
    client: FlaskClient, services: Services, wrong: dict[str, str]
) -> None:
    answer = post(client, "/me", form(**wrong))
    assert answer.status_code == 400
    assert soup(answer).select_one("[role=alert]")
    assert services.store.wishes.get(account(services).id) == Wish()


def test_who_pauses_is_named_last_and_cannot_be_asked_now(client: FlaskClient, services: Services) -> None:
    before = [one.name for one in services.searcher.experts("compost", top_k=20).experts]
    assert before[0] == MEMBER
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    assert post(client, "/me", form(pause="until", until=tomorrow.isoformat())).status_code == 303
    found = services.searcher.experts("compost", top_k=20).experts
    assert found[-1].name == MEMBER
    assert not found[-1].available
    wish = services.store.wishes.get(account(services).id)
    assert wish.is_paused(datetime.now(UTC).date())
    assert not wish.is_paused(tomorrow), "on that day they may be asked again"


def test_who_was_asked_often_enough_is_not_asked_again_this_month(
    client: FlaskClient, services: Services
) -> None:
    store, me = services.store, account(services)
    store.wishes.put(me.id, Wish(asks_a_month=2))
    now = datetime.now(UTC)
    talk = Page(
        pageid=900,
        namespace=3,
        title=f"Discussion utilisateur:{MEMBER}",
        revid=9003,
        timestamp=now,
        wikitext="Une question.",
    )
    store.pages.put_many([talk])
    asked = [
        Revision(revid=9001, pageid=900, timestamp=now - timedelta(days=40), user="Malo Rivière", user_id=77),
        Revision(revid=9002, pageid=900, timestamp=now, user="Malo Rivière", user_id=77),
        Revision(revid=9003, pageid=900, timestamp=now, user=MEMBER, user_id=me.wiki_user_id),
    ]
    try:
        store.revisions.put_many(asked)
        found = expert(services)
        assert found is not None
        assert found.available, "one of the last month; an old one and their own do not count"
        store.revisions.put_many([replace(asked[1], revid=9004)])
        found = expert(services)
        assert found is not None
        assert not found.available
    finally:
        store.pages.delete([900])


def test_a_page_that_is_not_mine_no_longer_counts_and_can_be_taken_back(
    client: FlaskClient, services: Services
) -> None:
    compost = pageid(services, "Compost")
    assert post(client, "/me", {"not_mine": str(compost)}, to="/me/pages").status_code == 303
    found = expert(services)
    assert found is None or "Compost" not in [each.title for each in found.evidence]
    hit = next(hit for hit in services.searcher.search("compost").hits if hit.pageid == compost)
    assert hit.contacts == ("Malo Rivière",)
    page = soup(client.get("/me"))
    assert [b["value"] for b in page.select("button[name=mine]")] == [str(compost)]
    assert str(compost) not in [b["value"] for b in page.select("button[name=not_mine]")]
    assert post(client, "/me", {"mine": str(compost)}, to="/me/pages").status_code == 303
    found = expert(services)
    assert found is not None
    assert "Compost" in [each.title for each in found.evidence]


@pytest.mark.parametrize(
    "fields", [{}, {"not_mine": "x"}, {"not_mine": "1", "mine": "1"}, {"mine": "9" * 12}]
)
def test_a_form_that_names_no_page_is_refused(client: FlaskClient, fields: dict[str, str]) -> None:
    assert post(client, "/me", fields, to="/me/pages").status_code == 400


def test_who_opts_out_is_nowhere_at_once_and_in_the_index_after_its_update(
    client: FlaskClient, services: Services, app: Flask
) -> None:
    assert post(client, "/me", {"wanted": "out"}, to="/me/opt-out").status_code == 303
    services.eraser.wait()
    assert expert(services) is None
    assert all(MEMBER not in hit.contacts for hit in services.searcher.search("compost").hits)
    assert services.topics.topics_of(MEMBER, top_k=5) == []
    assert all(MEMBER not in topic.holders for topic in services.topics.all())
    assert MEMBER in services.left_out.among([MEMBER, "Malo Rivière"])
    assert all(MEMBER not in (one.owner or "") for one in services.follow_ups.open())
    visitor = make_client(app)
    for address in ("/?q=compost", "/api/v1/search?q=compost", "/api/v1/experts?q=compost", "/api/v1/topics"):
        shown = visitor.get(address).get_data(as_text=True)
        assert MEMBER not in shown, address
        assert json.dumps(MEMBER)[1:-1] not in shown, address
    comparison = services.index_comparison()
    assert comparison is not None
    assert comparison.stale, "the index still has to follow"
    services.update_index()
    chunks = services.index.keywords.chunks(sorted(services.index.keywords.chunk_ids()))
    assert not any(MEMBER in chunk.chunk.text.split("\n\n")[0] for chunk in chunks.values())
    assert "Vous" in soup(client.get("/me")).get_text()
    assert post(client, "/me", {"wanted": "in"}, to="/me/opt-out").status_code == 303
    assert expert(services) is not None
    services.update_index()


def test_another_process_knows_at_once(client: FlaskClient, services: Services) -> None:
    from connector.store import Store
    from search.people import PeopleFilter

    with Store.open(services.config.database, secret=services.config.secret_key) as other:
        people = PeopleFilter(bots=(), opt_out=(), store=other)
        assert people.is_person(MEMBER)
        services.store.wishes.put(account(services).id, Wish(opted_out=True))
        assert not people.is_person(MEMBER)
        assert not people.is_person("Another name of theirs", account(services).wiki_user_id)
        assert people.named([MEMBER, "Léo"]) == ("Léo",)
        services.store.wishes.put(account(services).id, Wish())
        assert people.is_person(MEMBER)


def test_what_is_known_can_be_downloaded(client: FlaskClient, services: Services) -> None:
    post(client, "/me", form(availability="Le mardi"))
    answer = client.get("/me/data.json")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    data = json.loads(answer.get_data(as_text=True))
    assert data["account"]["name"] == MEMBER
    assert data["wishes"]["availability"] == "Le mardi"
    assert sorted(page["title"] for page in data["pages"]) == ["Compost", "Paillage"]
    assert data["edits"] == 2
    assert len(data["follow_ups"]) == 1
    assert "credential" not in answer.get_data(as_text=True)


def test_erasing_wants_the_name_typed(client: FlaskClient, services: Services) -> None:
    page = soup(client.get("/me/erase"))
    assert MEMBER in page.get_text()
    for name in ("", "oui", f"{MEMBER}s"):
        answer = post(client, "/me/erase", {"name": name, "others": "I. C."})
        assert answer.status_code == 400
        assert soup(answer).select_one("[role=alert]")
        assert soup(answer).select_one("textarea#others").get_text(strip=True) == "I. C."  # type: ignore[union-attr]
    assert services.store.accounts.named(MEMBER) is not None
    assert not services.store.erased_names.known()


def known_of(services: Services, app: Flask, account: Account) -> OwnData:
    with app.test_request_context():
        g.reader = services.readers.reader_of(account)
        return own_data(services, g.reader, account)


def test_an_account_called_as_what_was_said_is_told_nothing_of_meetings(
    client: FlaskClient, services: Services, app: Flask
) -> None:
    accounts, now = services.store.accounts, datetime.now(UTC)
    malo, other, phrase = (
        accounts.put(wiki_user_id=number, name=name, groups=(), told_at=now)
        for number, name in enumerate(("Malo Rivière", "Malo Riviere", "Une fourche"), start=4_000)
    )
    assert known_of(services, app, malo).notes == []
    accounts.delete(malo.id)
    assert known_of(services, app, other).notes, "nobody else is called so now"
    assert list(known_of(services, app, phrase).follow_ups) == []
    for each in (other, phrase):
        accounts.delete(each.id)
    data = known_of(services, app, account(services))
    assert data.follow_ups
    assert data.notes
