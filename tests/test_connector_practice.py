"""A practice and its page are two forms of one thing."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model import Namespace, Site
from connector.practice import (
    FIELDS,
    HEADINGS,
    Practice,
    Status,
    from_wikitext,
    heading,
    known_parameter,
    status_word,
    to_wikitext,
)
from tests.mediawiki import LocalWiki


def make_site(language: str) -> Site:
    names = {0: "", 2: "Utilisateur", 10: "Modèle", 14: "Catégorie"}
    canonical = {0: "", 2: "User", 10: "Template", 14: "Category"}
    return Site(
        name="Le Potager",
        language=language,
        server_url="http://127.0.0.1",
        namespaces={
            number: Namespace(
                id=number,
                name=names[number] if language == "fr" else canonical[number],
                canonical=canonical[number],
                content=number == 0,
            )
            for number in names
        },
    )


FULL = Practice(
    title="Compost de quartier",
    language="fr",
    status=Status.TESTED,
    summary_context="Jardin partagé, l’hiver : « deux bacs »",
    contacts=("Zoé Blanc", "Ali, dit « le sec »"),
    sources=("Réunion du 3 mars ; notes", "https://exemple.org/a,b"),
    generated=True,
    reviewed_by="Zoé Blanc",
    categories=("Compost", "Jardin partagé"),
    lead="''À lire avant l’hiver.''",
    sections=(
        ("solution", "On retourne le tas.\n\n=== Combien ===\nUne fois par mois."),
        ("context", "Un jardin de ''200 m²'', voir [[Le jardin]]."),
    ),
)


def test_the_page_is_written_in_the_language_of_the_wiki_and_of_the_page() -> None:
    assert to_wikitext(FULL, wiki_language="fr") == (
        "{{Practice\n|statut=testée\n|contexte=Jardin partagé, l’hiver : « deux bacs »\n"
        "|contacts=Zoé Blanc, Ali&#44; dit « le sec »\n"
        "|sources=Réunion du 3 mars &#59; notes, https&#58;//exemple.org/a&#44;b\n"
        "|langue=fr\n|générée=oui\n|relue_par=Zoé Blanc\n}}\n\n''À lire avant l’hiver.''\n\n"
        "== Contexte ==\nUn jardin de ''200 m²'', voir [[Le jardin]].\n\n"
        "== Solution ==\nOn retourne le tas.\n\n=== Combien ===\nUne fois par mois.\n\n"
        "[[Catégorie:Compost]]\n[[Catégorie:Jardin partagé]]\n"
    )
    english = to_wikitext(FULL, wiki_language="en")
    assert english.startswith("{{Practice\n|status=tested\n|context=Jardin partagé")
    assert "|generated=yes\n|reviewed_by=Zoé Blanc\n" in english
    assert "== Contexte ==" in english
    assert "[[Category:Compost]]" in english


def test_sections_follow_the_order_of_the_fields() -> None:
    assert [name for name, _ in FULL.sections] == ["context", "solution"]
    assert FULL.section("context").startswith("Un jardin")
    assert FULL.section("tools") == ""


_text = st.text(max_size=40)
_prose = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=30),
        st.sampled_from(
            ["== Notes ==", "=== a ===", "* x", "{{Note|a=b}}", "'''b'''", "[[Lien|x]]", "<!-- x -->"]
        ),
        st.sampled_from(
            [
                'Trois bacs.<ref name="n">[[Notes:Réunion]], lignes 3–5</ref><ref name="n" />',
                "<!--\n== Contexte ==\n[[Catégorie:Brouillon]]\n-->",
                "<nowiki>\n== Solution ==\n[[Category:Tel quel]]\n</nowiki>",
                "{{Cadre|\n== Outils ==\n|note={{Note|{{{1|}}}}}\n}}",
                "{|\n|\n== Résultats ==\n|}",
                "[[Catégorie:Avec commentaire]] <!-- à trier -->",
                "{{DEFAULTSORT:Compost}}",
            ]
        ),
    ),
    max_size=5,
).map(lambda lines: "\n".join(lines).replace("\r", ""))  # a wiki keeps none
_category = st.text(
    st.characters(blacklist_characters="#<>[]|{}_", blacklist_categories=("C", "Z")), min_size=1, max_size=10
)
PRACTICES = st.builds(
    Practice,
    title=st.just("Une pratique"),
    language=st.sampled_from(["fr", "en"]),
    status=st.sampled_from(Status),
    summary_context=_text,
    contacts=st.lists(_text, max_size=3).map(tuple),
    sources=st.lists(_text, max_size=3).map(tuple),
    generated=st.booleans(),
    reviewed_by=st.none() | _text,
    categories=st.lists(_category, max_size=3).map(tuple),
    lead=_prose,
    sections=st.dictionaries(st.sampled_from(FIELDS), _prose).map(lambda found: tuple(found.items())),
    references=st.sampled_from(
        ["", "<references />", "* Réunion du 3 mars, lignes 3–5\n* [https://exemple.org le site]"]
    ),
    other_parameters=st.sampled_from([(), (("image", "Tas.jpg"),), (("image", "a"), ("1", "b [[c|d]]"))]),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(practice=PRACTICES, wiki_language=st.sampled_from(["fr", "en"]))
def test_what_is_written_is_read_again(practice: Practice, wiki_language: str) -> None:
    wikitext = to_wikitext(practice, wiki_language=wiki_language)
    assert from_wikitext(practice.title, wikitext, site=make_site(wiki_language)) == practice


_BY_HAND_LINES = st.sampled_from(
    [
        "Une phrase de Zoé.",
        "== Notre avis ==",
        "=== Retour de mars ===",
        "{{Note|à relire}}",
        "<!-- à revoir -->",
        "[[Fichier:Tas.jpg|thumb|Le tas]]",
        "{{DEFAULTSORT:tas}}",
        "__NOTOC__",
        "[[en:Heap]]",
        "----",
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(practice=PRACTICES, added=st.lists(st.tuples(_BY_HAND_LINES, st.integers(0, 60)), max_size=5))
def test_what_people_add_outlives_reading_and_writing(
    practice: Practice, added: list[tuple[str, int]]
) -> None:
    """Lines put anywhere under the template are all there, as often, when the page is written anew."""
    site = make_site("fr")
    short = (("context", "Un jardin."), ("steps", "# Retourner\n# Arroser"))
    plain = dataclasses.replace(practice, lead="", sections=short, other_parameters=())
    call, _, body = to_wikitext(plain, wiki_language="fr").partition("\n}}\n")
    lines = body.split("\n")
    for line, place in added:
        lines.insert(min(place, len(lines)), line)
    page = f"{call}\n}}}}\n" + "\n".join(lines)
    read = from_wikitext(practice.title, page, site=site)
    assert read is not None
    written = to_wikitext(read, wiki_language="fr")
    for line, _ in added:
        assert written.split("\n").count(line) >= [each for each, _ in added].count(line)
    assert from_wikitext(practice.title, written, site=site) == read


@pytest.mark.parametrize(
    ("references", "language", "heading_line"),
    [
        ("<references />", "fr", "== Références =="),
        ("<references />", "en", "== References =="),
        ("* Réunion du 3 mars", "fr", "== Sources =="),
    ],
)
def test_the_last_section_is_called_after_what_it_lists(
    references: str, language: str, heading_line: str
) -> None:
    practice = Practice(
        title="Tas", language=language, references=references, sections=(("tools", "Fourche"),)
    )
    wikitext = to_wikitext(practice, wiki_language="fr")
    assert wikitext.endswith(
        f"== {heading('tools', language=language)} ==\nFourche\n\n{heading_line}\n{references}\n"
    )
    assert from_wikitext("Tas", wikitext, site=make_site("fr")) == practice


def test_what_is_commented_out_is_neither_a_field_nor_a_category() -> None:
    text = "{{Practice}}\n<!--\n== Contexte ==\n[[Catégorie:Secrète]]\n-->\n== Solution ==\nUn tas.\n"
    practice = from_wikitext("Tas", text, site=make_site("fr"))
    assert practice is not None
    assert practice.categories == ()
    assert practice.sections == (("solution", "Un tas."),)
    assert practice.lead == "<!--\n== Contexte ==\n[[Catégorie:Secrète]]\n-->"


@pytest.mark.parametrize(
    ("written", "known"),
    [("Relue par", "reviewed_by"), ("CONTACTS", "contacts"), ("statut", "status"), ("image", None)],
)
def test_parameters_are_known_in_both_languages(written: str, known: str | None) -> None:
    assert known_parameter(written) == known


def test_a_wiki_of_one_language_reads_a_page_written_in_the_other() -> None:
    for written in ("fr", "en"):
        wikitext = to_wikitext(FULL, wiki_language=written)
        for reading in ("fr", "en"):
            assert from_wikitext(FULL.title, wikitext, site=make_site(reading)) == FULL


BY_HAND = """Bandeau
{{practice
| Statut = Testé
| CONTACTS = [[Utilisateur:zoé blanc|Zoé]]; [[Ali]]<br>Li Wei
* Ana
| sources = [https://exemple.org le site], Réunion&nbsp;du 3&#44; matin
| image = Tas.jpg
| Relue par = [[User:Zoé blanc]]
}}
Chapeau.
==contexte==
Ici.
== Voir aussi ==
Rien.
== Etapes ==
# un
== Context ==
Là.
[[Category:Compost]] [[Catégorie:jardin_partagé|*]]
"""


def test_a_page_written_by_hand_is_read_and_nothing_is_lost() -> None:
    assert from_wikitext("Tas", BY_HAND, site=make_site("fr")) == Practice(
        title="Tas",
        language="fr",
        status=Status.TESTED,
        contacts=("Zoé blanc", "Ali", "Li Wei", "Ana"),
        sources=("le site", "Réunion du 3, matin"),
        reviewed_by="Zoé blanc",
        categories=("Compost", "jardin partagé"),
        lead="Bandeau\n\nChapeau.",
        sections=(("context", "Ici.\n== Voir aussi ==\nRien.\n\nLà."), ("steps", "# un")),
        other_parameters=(("image", "Tas.jpg"),),
    )


@pytest.mark.parametrize(
    "wikitext",
    ["", "Une page.", "<nowiki>{{Practice}}</nowiki>", "<!-- {{Practice}} -->", "{{Practice", "{{Pratique}}"],
)
def test_a_page_without_the_template_is_no_practice(wikitext: str) -> None:
    assert from_wikitext("Tas", wikitext, site=make_site("fr")) is None


@pytest.mark.parametrize("call", ["{{Practice}}", "{{practice|}}", "{{Template:Practice|status=?}}"])
def test_an_empty_call_is_an_emerging_practice(call: str) -> None:
    practice = from_wikitext("Tas", call, site=make_site("en"))
    assert practice is not None
    assert (practice.status, practice.language, practice.generated) == (Status.EMERGING, "en", False)


@pytest.mark.parametrize("word", ["référence", "Reference", "REFERENCE ", "''reference''"])
def test_a_status_is_understood_however_it_is_written(word: str) -> None:
    practice = from_wikitext("Tas", f"{{{{Practice|status={word}}}}}", site=make_site("fr"))
    assert practice is not None
    assert practice.status is Status.REFERENCE


def test_words_by_language() -> None:
    assert heading("cautions", language="fr-CA") == "Points de vigilance"
    assert heading("cautions", language="de") == "Cautions"
    assert status_word(Status.RETIRED, language="fr") == "retirée"
    assert all(set(table) == set(FIELDS) for table in HEADINGS.values())


@pytest.mark.parametrize(
    "fields",
    [
        {"sections": (("contexte", "x"),)},
        {"sections": (("context", "x"), ("context", "y"))},
        {"categories": ("a]]b",)},
    ],
)
def test_what_no_page_can_say_is_refused(fields: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match=r"sections|category"):
        Practice(title="x", language="fr", **fields)  # type: ignore[arg-type]


@pytest.mark.wiki
def test_the_wiki_stores_the_page_as_it_was_written(fresh_wiki: LocalWiki) -> None:
    wikitext = to_wikitext(FULL, wiki_language="fr")
    fresh_wiki.edit(FULL.title, wikitext)
    stored = fresh_wiki.text(FULL.title)
    assert stored == wikitext.rstrip()
    assert from_wikitext(FULL.title, stored, site=make_site("fr")) == FULL
    parsed = fresh_wiki.session().ask(
        "parse", page=FULL.title, prop=["sections", "categories", "externallinks"]
    )
    assert [s["anchor"] for s in parsed["parse"]["sections"]] == ["Contexte", "Solution", "Combien"]
    assert {c["category"] for c in parsed["parse"]["categories"]} == {"Compost", "Jardin_partagé"}
    assert parsed["parse"]["externallinks"] == []
