"""A wiki is made ready for practices: real wikis of both languages, and what is there stays."""

import html
import json
import re
from datetime import date
from typing import Any

import pytest

from capture.wiki_setup import carry_out, plan_setup, set_up_tag, setup_pages
from connector.errors import EditRefusedError, WikiLoginError
from connector.model import Site
from connector.practice import Practice, Status, to_wikitext
from connector.practice_experiences import OUTCOME_WORDS, PageExperience, experience_call
from connector.wiki import MediaWiki, WikiSettings
from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki


def connected(wiki: LocalWiki, *, app: str = "setup") -> MediaWiki:
    login, password = wiki.create_bot_password("Camille Roux", app)
    return MediaWiki(WikiSettings(api_url=wiki.api_url, user=login, password=password))


def practice(language: str) -> Practice:
    return Practice(
        title="Abreuvoir",
        language=language,
        status=Status.TESTED,
        summary_context="au jardin",
        contacts=("Odile Cariou", "Noé Marchetti"),
        sources=("Réunion du 3 mars",),
        generated=True,
        reviewed_by="Maëlle Quintin",
        sections=(("solution", "Des billes d'argile."),),
    )


def parsed(wiki: LocalWiki, title: str) -> dict[str, Any]:
    properties = "text|templates|categories|links"
    answer: dict[str, Any] = wiki.session().ask("parse", page=title, prop=properties)["parse"]
    return answer


@pytest.mark.parametrize(
    ("language", "template", "status", "categories"),
    [
        ("en", "Template:Practice", "tested", {"Practices", "Status:_tested"}),
        ("fr", "Modèle:Practice", "testée", {"Pratiques", "Statut_:_testée"}),
    ],
)
def test_a_bare_wiki_shows_practices(
    make_wiki: MakeWiki, language: str, template: str, status: str, categories: set[str]
) -> None:
    wiki = make_wiki(language=language)
    live = connected(wiki)
    plan = plan_setup(live)
    assert not plan.present
    made = list(carry_out(plan, wiki=live))
    assert [page for page, _ in made] == list(plan.missing)
    assert all(saved is not None and saved.title == page.title for page, saved in made)

    text = to_wikitext(practice(language), wiki_language=language)
    wiki.edit("Abreuvoir", text)
    shown = parsed(wiki, "Abreuvoir")
    assert [(one["title"], one["exists"]) for one in shown["templates"]] == [(template, True)]
    assert {one["category"] for one in shown["categories"]} == categories
    assert not any(one.get("missing") for one in shown["categories"])
    seen = html.unescape(re.sub(r"<[^>]+>", " ", str(shown["text"])))
    for value in (status, "au jardin", "Odile Cariou, Noé Marchetti", "Réunion du 3 mars", "Maëlle Quintin"):
        assert value in seen
    assert "{{" not in seen
    # The documentation stands on the template's page, and puts that page into no category.
    documented = parsed(wiki, template)
    assert documented["categories"] == []
    assert {one["exists"] for one in documented["templates"]} == {True}
    assert "{{Practice" in html.unescape(str(documented["text"]))

    tried = PageExperience(
        outcome="partly", by="Noé Marchetti", on=date(2026, 3, 4), context="serre", note="Trop d'eau."
    )
    wiki.edit("Essai", experience_call(tried, wiki_language=language))
    told = parsed(wiki, "Essai")
    assert [one["exists"] for one in told["templates"]] == [True]
    seen = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", str(told["text"]))).split())
    word = OUTCOME_WORDS[language]["partly"]
    day = {"fr": "4 mars 2026", "en": "4 March 2026"}[language]
    assert f"{word} {day} Noé Marchetti serre Trop d'eau." in seen

    again = plan_setup(live)
    assert not again.missing
    assert again.present == plan.missing


def test_what_exists_is_never_touched(english_wiki: LocalWiki) -> None:
    live = connected(english_wiki)
    english_wiki.edit("Template:Practice", "Our own box")
    plan = plan_setup(live)
    assert [page.title for page in plan.present] == ["Template:Practice"]
    # Somebody is faster between the plan and its execution.
    english_wiki.edit("Category:Practices", "Ours, too")
    made = {page.title: saved for page, saved in carry_out(plan, wiki=live)}
    assert made["Category:Practices"] is None
    assert all(saved is not None for title, saved in made.items() if title != "Category:Practices")
    assert live.current("Template:Practice").wikitext == "Our own box"
    assert live.current("Category:Practices").wikitext == "Ours, too"


def test_the_wiki_reads_the_template_data(fresh_wiki: LocalWiki) -> None:
    """Saving a page whose TemplateData is not valid is refused by the extension."""
    fresh_wiki.enable_extension("TemplateData", update_schema=False)
    live = connected(fresh_wiki)
    list(carry_out(plan_setup(live), wiki=live))

    def template_data(title: str) -> dict[str, Any]:
        answer = fresh_wiki.session().ask("templatedata", titles=title, doNotIgnoreMissingTitles=1)
        pages = answer["pages"].values() if isinstance(answer["pages"], dict) else answer["pages"]
        found: dict[str, Any] = next(iter(pages))
        return found

    told = template_data("Modèle:Practice")
    assert set(template_data("Modèle:Expérience")["params"]) == {"par", "le", "issue", "contexte", "note"}
    assert set(told["params"]) == {
        "statut", "contexte", "contacts", "sources", "langue", "générée", "relue_par",
    }  # fmt: skip
    assert told["params"]["statut"]["suggestedvalues"][1] == "testée"


def test_the_tag_is_made_by_who_may_and_else_told(english_wiki: LocalWiki) -> None:
    assert set_up_tag(connected(english_wiki)) is False
    allow = "$wgGrantPermissions['editpage']['{0}'] = $wgGroupPermissions['user']['{0}'] = true;"
    english_wiki.configure(allow.format("managechangetags"))
    assert set_up_tag(connected(english_wiki, app="half")) is False  # MediaWiki 1.39 wants the other one, too
    english_wiki.configure(allow.format("deletechangetags"))
    live = connected(english_wiki, app="trusted")
    assert set_up_tag(live) is True
    assert set_up_tag(live) is True
    # Made once. The wiki's own list of tags may lag behind by some seconds: its log does not.
    logged = english_wiki.session().ask("query", list="logevents", letype="managetags")
    assert [(event["action"], event["params"]["tag"]) for event in logged["query"]["logevents"]] == [
        ("create", "compagnon")
    ]


def test_an_account_that_may_not_says_so_and_writes_nothing(english_wiki: LocalWiki) -> None:
    english_wiki.configure("$wgGroupPermissions['*']['createpage'] = false;\n"
                           "$wgGroupPermissions['user']['createpage'] = false;\n"
                           "$wgGroupPermissions['sysop']['createpage'] = false;")  # fmt: skip
    live = connected(english_wiki)
    plan = plan_setup(live)
    with pytest.raises((WikiLoginError, EditRefusedError)):
        list(carry_out(plan, wiki=live))
    assert plan_setup(live) == plan


def site(language: str, *extensions: str) -> Site:
    return Site(name="W", language=language, server_url="http://w.example", extensions=extensions)


@pytest.mark.parametrize("language", ["fr", "en", "de", "fr-ca"])
def test_each_extension_gets_its_part_and_no_other(language: str) -> None:
    def texts(*extensions: str) -> str:
        return "\n".join(page.wikitext for page in setup_pages(site(language, *extensions)))

    assert not re.search(r"cargo|#set|templatedata|formtable|#if|#switch", texts())
    assert "#cargo_store:_table=practices|status=" in texts("Cargo")
    assert "#set:|Practice status=" in texts("SemanticMediaWiki")
    form = setup_pages(site(language, "Page Forms"))[-1]
    assert form.kind == "form"
    assert form.wikitext.count("{{{section|") == 7
    assert form.wikitext.count("{{{field|") == 7
    data = re.findall(r"<templatedata>(.*?)</templatedata>", texts("TemplateData"), re.S)
    assert [len(json.loads(each)["params"]) for each in data] == [7, 5]


def test_braces_are_balanced_in_every_text() -> None:
    everything = ("Cargo", "Page Forms", "SemanticMediaWiki", "TemplateData")
    for language in ("fr", "en"):
        for page in setup_pages(site(language, *everything)):
            bare = re.sub(r"<templatedata>.*</templatedata>", "", page.wikitext, flags=re.S)
            for left, right in ("{}", "[]"):
                assert bare.count(left) == bare.count(right), page.title
