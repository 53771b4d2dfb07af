"""The whole circle on a real MediaWiki: pages in, question answered, notes pasted, published, found."""

import pytest

from capture.draft import Statement
from capture.notes import read_notes
from capture.publishing import publish
from capture.review import DraftEdit
from tests.command_line import CommandLine, compagnon
from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki
from webui.bootstrap import build_services
from webui.config import load_config

__all__ = ["compagnon"]  # a fixture

NOTES = """# Réunion du rucher, 12 mars 2026

Présents : Aline Ferrand, Bastien Lorgeou
Excusée : Noémie Tréguier

## Abreuvoir à abeilles

Problème : les abeilles vont boire dans la piscine des voisins.

Solution : installer un abreuvoir garni de billes d'argile à dix mètres des ruches.

Étapes :
1. Remplir une bassine de billes d'argile.
2. Ajouter une pincée de sel dans l'eau la première semaine.

## Actions

- [ ] Bastien : acheter les billes d'argile avant le 20 mars 2026
"""


@pytest.mark.model
def test_pages_in_question_answered_notes_pasted_published_synced_found(
    wiki: LocalWiki, make_wiki: MakeWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A private wiki with some pages, read with a bot password.
    ours = make_wiki(source=wiki)
    ours.make_private()
    reader, reader_password = ours.create_bot_password(
        "Noémie Tréguier", "lecture", grants=("basic", "highvolume")
    )
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", reader_password)
    assert compagnon("init", "--wiki", ours.api_url, "--user", reader).code == 0
    monkeypatch.delenv("COMPAGNON_WIKI_PASSWORD")  # init has kept it
    assert compagnon("sync", "--json").json["added"] >= 7
    assert compagnon("index", "--json").json["pages_indexed"] >= 5

    # A member asks.
    answer = compagnon("search", "quel poids de miel pour une ruche Dadant ?", "--json").json
    assert answer["hits"][0]["title"] == "Hivernage des ruches"
    assert "15 kg" in answer["hits"][0]["snippet"]
    assert {expert["name"] for expert in answer["experts"]} & {"Aline Ferrand", "Bastien Lorgeou"}

    # A coordinator pastes notes, corrects the draft and publishes it under her own name.
    services = build_services(load_config(compagnon.data))
    notes = read_notes(NOTES, media_type="text/markdown")
    result = services.capture.capture(notes)
    assert result.notes.present == ("Aline Ferrand", "Bastien Lorgeou")
    assert [action.owner for action in result.notes.actions] == ["Bastien"]
    (draft_id,) = services.desk.add(result, notes, actor="Aline Ferrand")
    waiting = services.desk.get(draft_id)
    assert waiting.draft.title == "Abreuvoir à abeilles"
    solution = waiting.draft.fields["solution"][0]
    corrected = Statement(text=solution.text.replace("dix mètres", "quinze mètres"), lines=solution.lines)
    edited = services.desk.edit(
        draft_id, DraftEdit(fields={"solution": [corrected]}), version=waiting.version, actor="Aline Ferrand"
    )
    login, password = ours.create_bot_password(
        "Aline Ferrand", "compagnon", grants=("basic", "editpage", "createeditmovepage")
    )
    saved = publish(
        services.desk,
        draft_id,
        version=edited.version,
        writer=services.connect(user=login, password=password),
    )
    assert saved.title == "Abreuvoir à abeilles"

    # In the wiki: one revision, by the person, never as a bot, and saying what was generated.
    (revision,) = ours.revisions("Abreuvoir à abeilles")
    assert revision["revid"] == saved.revid
    assert revision["user"] == "Aline Ferrand"
    assert "notes de réunion" in revision["comment"]
    assert "quinze mètres" in revision["content"]
    recent = ours.session().ask(
        "query", list="recentchanges", rctitle="Abreuvoir à abeilles", rcprop="flags|user"
    )["query"]["recentchanges"]
    assert [change["bot"] for change in recent] == [False]

    # The next sync finds it, for members and for the person who looks for who knows.
    services.close()
    assert compagnon("sync", "--json").json["added"] == 1
    assert compagnon("index", "--json").json["pages_indexed"] == 1
    found = compagnon("search", "les abeilles boivent dans la piscine", "--json").json
    assert found["hits"][0]["title"] == "Abreuvoir à abeilles"
    assert found["hits"][0]["pageid"] == saved.pageid
    assert found["experts"][0]["name"] == "Aline Ferrand"

    # What the wiki deletes is gone from the answers.
    ours.delete("Abreuvoir à abeilles")
    assert compagnon("sync", "--json").json["purged"] == 1
    compagnon("index")
    after = compagnon("search", "les abeilles boivent dans la piscine", "--json").json
    assert "Abreuvoir à abeilles" not in [hit["title"] for hit in after["hits"]]


def test_a_wrong_password_leaves_nothing_behind(
    wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, _ = wiki.create_bot_password("Noémie Tréguier", "faux", grants=("basic",))
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", "x" * 32)
    line = compagnon("init", "--wiki", wiki.api_url, "--user", login).assert_one_clear_line()
    assert "x" * 32 not in line
    assert not compagnon.data.exists()


def test_any_page_of_the_wiki_leads_to_its_api(wiki: LocalWiki, compagnon: CommandLine) -> None:
    assert compagnon("init", "--wiki", wiki.index_url).code == 0
    assert load_config(compagnon.data).optional_text("wiki.api_url") == wiki.api_url
