"""What Compagnon reads in wikitext, also beside what a real MediaWiki reads in it."""

import pytest

from connector.model import Namespace, Site
from connector.wikitext import (
    ParsedPage,
    parse,
    plain_text,
    strip_namespace,
    template_calls,
    title_namespace,
)
from tests.mediawiki import LocalWiki

_NAMES = {
    -2: ("Média", "Media"),
    -1: ("Spécial", "Special"),
    0: ("", ""),
    1: ("Discussion", "Talk"),
    2: ("Utilisateur", "User"),
    6: ("Fichier", "File"),
    10: ("Modèle", "Template"),
    12: ("Aide", "Help"),
    14: ("Catégorie", "Category"),
}
SITE = Site(
    name="Le Potager",
    language="fr",
    server_url="http://127.0.0.1",
    namespaces={
        number: Namespace(
            id=number,
            name=name,
            canonical=canonical,
            aliases=("Image",) if number == 6 else (),
            content=number == 0,
        )
        for number, (name, canonical) in _NAMES.items()
    },
)


def read(wikitext: str) -> ParsedPage:
    return parse(wikitext, site=SITE)


# Plain text


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("Un '''mot''' et ''deux''.", "Un mot et deux."),
        ("Une ligne\nsa suite\n\nUn paragraphe", "Une ligne sa suite\n\nUn paragraphe"),
        ("* un\n* deux\n** trois\nAprès", "- un\n- deux\n- trois\n\nAprès"),
        ("# un\n#\n# deux", "- un\n- deux"),
        ("; terme : sens\n: retrait", "terme : sens\nretrait"),
        ("[[Compost]] et [[Compost|le tas]] et [[Aide:Semis (notes)|]]", "Compost et le tas et Semis"),
        ("[[:Catégorie:Outils]] [[Catégorie:Outils]]", "Catégorie:Outils"),
        (
            "[https://exemple.org le site] [https://exemple.org] https://exemple.org/a",
            "le site https://exemple.org/a",
        ),
        (
            "Avant.\n\n[[Fichier:a.png|vignette|250px|Le [[Compost|tas]] au soleil]]",
            "Avant.\n\nLe tas au soleil",
        ),
        ("Ici [[Image:a.png|20px]] un symbole", "Ici un symbole"),
        ("Su<ref name='a'>Une source</ref>r<ref name='a' />", "Sur\n\n- Une source"),
        ("__NOTOC__\n__AUCUNSOMMAIRE__Texte __init__", "Texte __init__"),
        ("Vu<!-- caché --> ici", "Vu ici"),
        ("<nowiki>'''[[pas]]'''</nowiki> &amp; &lt;b&gt; l&#39;eau", "'''[[pas]]''' & <b> l'eau"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div class='x'>bloc</div>suite", "bloc\n\nsuite"),
        ("<includeonly>caché</includeonly><noinclude>vu</noinclude>", "vu"),
        ("<pre>\nsudo halt\nls\n</pre>", "sudo halt\nls"),
        ("<gallery>\nFile:a.png|Le bac\nFile:b.png\n</gallery>", "Le bac"),
        ("{{PAGENAME}} {{DEFAULTSORT:Eau}} {{NOMPAGE}} {{#if:x|oui|non}} fin", "fin"),
        ("{{CURRENTYEAR}}{{MOISACTUEL}}", ""),
        ("- un tiret écrit\n- deux", "- un tiret écrit - deux"),
        ("{{{nom|par défaut}}}", "par défaut"),
        ("<b>jamais fermé", "jamais fermé"),
        ("", ""),
    ],
)
def test_text_reads_as_a_reader_reads_it(wikitext: str, text: str) -> None:
    assert read(wikitext).text == text


def test_a_table_gives_a_line_a_row() -> None:
    table = (
        '{| class="wikitable"\n|+ Outils\n! Nom !! Usage\n|-\n'
        '| Bêche || style="x" | creuser\n|-\n|\n* a\n* b\n|}'
    )
    assert read(table).text == "Outils\nNom | Usage\nBêche | creuser\na; b"


def test_a_table_that_lays_out_a_page_gives_its_sections() -> None:
    page = read("{|\n| \n== Semis ==\nEn mars.\n|\n== Récolte ==\nEn juin.\n|}\n")
    assert [(s.heading, s.text) for s in page.sections] == [
        ("", ""),
        ("Semis", "En mars."),
        ("Récolte", "En juin."),
    ]


def test_an_information_box_gives_its_words_and_not_its_looks() -> None:
    box = (
        "{{Fiche\n| responsable = [[Utilisateur:Zoé|Zoé Blanc]]\n| image = a.png\n"
        "| largeur = 200px\n| actif = oui\n}}\nSuite."
    )
    assert read(box).text == "responsable: Zoé Blanc\n\nSuite."


def test_a_template_in_a_sentence_gives_its_last_value() -> None:
    assert read("Le {{lang|en|feedback}} compte.").text == "Le feedback compte."


def test_a_notice_gives_its_prose() -> None:
    assert (
        read("{{Attention|Ne pas arroser en plein soleil.}}\nSuite").text
        == "Ne pas arroser en plein soleil.\n\nSuite"
    )


def test_plain_text_of_a_piece() -> None:
    assert plain_text("[[Utilisateur:Zoé|Zoé]] &amp; co", site=SITE) == "Zoé & co"


# Sections


def test_sections_know_their_place() -> None:
    wikitext = "Intro\n== Un [[Compost|tas]] ==\na\n=== ''Détail'' ===\nb\n== Deux ==\nc"
    page = read(wikitext)
    assert [(s.level, s.heading, s.path, s.text) for s in page.sections] == [
        (0, "", (), "Intro"),
        (2, "Un tas", ("Un tas",), "a"),
        (3, "Détail", ("Un tas", "Détail"), "b"),
        (2, "Deux", ("Deux",), "c"),
    ]
    assert [wikitext[s.wikitext_offset :][:5] for s in page.sections[1:]] == ["== Un", "=== '", "== De"]
    assert page.text == "Intro\n\nUn tas\n\na\n\nDétail\n\nb\n\nDeux\n\nc"


def test_what_only_looks_like_a_heading_is_none() -> None:
    page = read("== a == suite\n<nowiki>\n== b ==\n</nowiki>\n<!--\n== c ==\n-->\n== d == <!-- vu -->\ne")
    assert [s.heading for s in page.sections] == ["", "d"]


HEADINGS = """
== Étape 1 ==
== étape 1 ==
== Etape 1 ==
== etape 1 ==
== A & B ==
== A &amp; B ==
== '''Gras''' et <i>penché</i><br> ==
== [[Compost|Le tas]] et [[Aide:Semis]] ==
== [https://exemple.org un lien] ==
== Deux  espaces_et tirets ==
== 100 % sûr ? «&nbsp;oui&nbsp;» ==
== &lt;b&gt; ==
=== x: "y" (z) [1] #2 ===
== x ==
== X_2 ==
== x ==
=x=
====== Six ======
== a == b ==
== un <!-- deux --> trois ==
== <nowiki>[[x]]</nowiki> ==
<h3 class="t">HTML</h3>
==  Insécable ==
==&nbsp;Entité&nbsp;==
== a [[ ]] b ==
== l'''habitat'' ==
== <u>souligné ==
== <mon nom> ==
== Fin ==
"""


@pytest.mark.wiki
def test_anchors_are_those_of_the_wiki(wiki: LocalWiki) -> None:
    parsed = wiki.session().ask("parse", text=HEADINGS, contentmodel="wikitext", prop=["sections"])
    expected = [(int(s["level"]), s["anchor"]) for s in parsed["parse"]["sections"]]
    assert [(s.level, s.anchor) for s in read(HEADINGS).sections[1:]] == expected


# Links, categories, templates, redirects


LINKS = """
[[compost]] [[Compost|tas]] [[Bac à sable]]s [[ Semis_de  mars ]] [[Compost#Retourner|r]] [[#Ici|i]]
[[:Catégorie:Outils]] [[Category:Outils|z]] [[catégorie:jardin partagé]] [[user:zoé]] [[Utilisateur:Zoé|Z]]
[[Fichier:A.png|thumb|vers [[Paillage]]]] [[:Fichier:A.png]] [[Media:A.png]]
[[Special:RecentChanges]] [[wikipedia:Compost]]
[[Discussion:compost]] [[a<b]] [[deux
lignes]] [[x{{y}}]] <nowiki>[[non]]</nowiki> <!-- [[non]] --> [[Caf%C3%A9]] [[Q&amp;R]]
<pre>[[non]]</pre> <code>[[Oui]]</code> [[:Aide:Semis]] [[Écoute]]r [[]] [[|x]] [[../Parent]] ''[[Italique]]''
* [[Liste]]
{| class="[[non]]"
| [[Cellule]]
|}
[[Compost|<b>gras</b>]] [https://exemple.org/[[x]] y]
"""


def _anchored(page: ParsedPage, wikitext: str) -> list[tuple[str, str]]:
    return [(link.target, wikitext[link.wikitext_offset :][: link.length]) for link in page.links]


def test_links_say_where_they_stand() -> None:
    wikitext = (
        "Le [[compost#Retourner|tas]] et les [[Bac à sable]]s, [[Discussion:Eau|]] et [[:Catégorie:Outils]]."
    )
    page = read(wikitext)
    assert _anchored(page, wikitext) == [
        ("Compost", "[[compost#Retourner|tas]]"),
        ("Bac à sable", "[[Bac à sable]]s"),
        ("Discussion:Eau", "[[Discussion:Eau|]]"),
        ("Catégorie:Outils", "[[:Catégorie:Outils]]"),
    ]
    assert [link.link_text for link in page.links] == ["tas", "Bac à sables", "Eau", "Catégorie:Outils"]
    assert page.links[0].fragment == "Retourner"


def test_the_trail_of_a_link_is_that_of_the_language() -> None:
    assert read("[[Écoute]]é").links[0].link_text == "Écouteé"
    english = Site(name="", language="en", server_url="", namespaces=SITE.namespaces)
    assert parse("[[Écoute]]é", site=english).links[0].link_text == "Écoute"


def test_a_case_sensitive_wiki_keeps_small_letters() -> None:
    main = Namespace(id=0, name="", content=True, case="case-sensitive")
    site = Site(name="", language="fr", server_url="", namespaces={**SITE.namespaces, 0: main})
    assert [link.target for link in parse("[[compost]] [[Compost]]", site=site).links] == [
        "compost",
        "Compost",
    ]


def test_templates_and_categories_are_named_without_their_prefix() -> None:
    page = read(
        "{{fiche_outil|x={{Note}}}} {{Modèle:Fiche outil}} {{:Accueil}} [[Category:b c]] [[Catégorie:B_c|c]]"
    )
    assert page.templates == ("Note", "Fiche outil", "Accueil")
    assert page.categories == ("B c",)


@pytest.mark.wiki
def test_links_are_those_of_the_wiki(wiki: LocalWiki) -> None:
    parsed = wiki.session().ask(
        "parse", text=LINKS, contentmodel="wikitext", prop=["links", "categories", "templates"], title="Page"
    )["parse"]
    page = read(LINKS)
    assert {link.target for link in page.links} == {x["title"] for x in parsed["links"] if x["ns"] != 10}
    assert set(page.categories) == {
        x["category"].replace("_", " ") for x in parsed["categories"] if not x.get("hidden")
    } - {"Pages avec des liens de fichiers brisés", "Page avec des liens de fichiers brisés"}


@pytest.mark.parametrize(
    ("wikitext", "target"),
    [
        ("#REDIRECT [[compost]]", "Compost"),
        ("#redirection: [[Compost#Tas|x]]\n\n[[Catégorie:Redirections]]", "Compost"),
        ("\n#REDIRECT[[:Catégorie:outils]]", "Catégorie:Outils"),
        ("#REDIRECT compost", None),
        ("Voir #REDIRECT [[Compost]]", None),
        ("# REDIRECT [[Compost]]", None),
    ],
)
def test_redirects(wikitext: str, target: str | None) -> None:
    assert read(wikitext).redirect_target == target


def test_a_redirect_has_nothing_to_read() -> None:
    page = read("#REDIRECTION [[Compost]] ancien nom")
    assert (page.text, page.links, page.protected) == ("", (), ((0, 35),))


def test_template_calls_give_their_values() -> None:
    wikitext = "x{{Note|a}} {{practice|status=tested|[[a|b]]| x = {{Note|c}} }}"
    [call] = template_calls(wikitext, name="Practice", site=SITE)
    assert call.parameters == (("status", "tested"), ("1", "[[a|b]]"), ("x", "{{Note|c}}"))
    assert wikitext[call.start : call.end].startswith("{{practice|")
    assert call.end == len(wikitext)


def test_titles() -> None:
    assert title_namespace("user talk:zoé", SITE) == (0, "User talk:zoé")
    assert title_namespace("discussion:_zoé", SITE) == (1, "Zoé")
    assert strip_namespace("Aide:semis", site=SITE) == "Semis"
    assert strip_namespace("[pas un titre]", site=SITE) == "[pas un titre]"


# Where no link may go


def _marked(wikitext: str) -> str:
    for start, end in reversed(read(wikitext).protected):
        wikitext = wikitext[:start] + "#" * (end - start) + wikitext[end:]
    return wikitext


@pytest.mark.parametrize(
    ("wikitext", "marked"),
    [
        ("a [[b]]s c", "a ###### c"),
        ("a [http://b c] http://d e", "a ############ ######## e"),
        ("a {{b|c [[d]]}} {{{e|f}}} g", "a ############# ######### g"),
        ("== a ==\nb", "#######\nb"),
        ("a<ref>b</ref><nowiki>c</nowiki><!-- d -->e", "a" + "#" * 40 + "e"),
        ("a<b class='x'>c</b>d", "a#############c####d"),
        ("<blockquote>a</blockquote>b<code>c</code>", "#" * 26 + "b" + "#" * 14),
        ("__TOC__ a &amp; b", "####### a ##### b"),
        ("[[Fichier:a.png|thumb|b c]] d", "#" * 27 + " d"),
        ("'''a''' b", "###a### b"),
        ("* a", "# a"),
    ],
)
def test_protected_spans(wikitext: str, marked: str) -> None:
    assert _marked(wikitext) == marked


def test_the_markup_of_a_table_is_protected_and_its_cells_are_not() -> None:
    table = '{| class="x"\n|+ titre\n! a !! style="y" | b\n|-\n| style="z" | c || d\n|}\ne'
    assert _marked(table).replace("#", "").replace("+", "").split() == ["titre", "a", "b", "c", "d", "e"]
