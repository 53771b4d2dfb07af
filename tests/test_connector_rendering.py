"""Reading a page in the wiki's own rendering, and what it shows beside our reading of the wikitext."""

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Namespace, Section, Site
from connector.rendering import read_rendering
from connector.wikitext import parse
from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki


def text_of(html: str) -> str:
    return "\n\n".join(section.text for section in read_rendering(html))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Un <b>mot</b>\net <i>deux</i>.\n</p><p>Trois</p>", "Un mot et deux.\n\nTrois"),
        (
            "<ul><li>un</li>\n<li>deux\n<ul><li>trois</li></ul></li></ul><p>Après</p>",
            "- un\n- deux\n- trois\n\nAprès",
        ),
        ("<ol><li><p>un</p></li><li></li></ol>", "- un"),
        ("<dl><dt>terme</dt><dd>sens</dd></dl>", "terme\nsens"),
        ("a<br />b<br>c", "a\nb\nc"),
        ("<pre>sudo halt\nls\n</pre>", "sudo halt\nls"),
        ("<p>l&#39;eau &amp; &lt;b&gt;&#160;?</p>", "l'eau & <b> ?"),
        (
            "<table><caption>Outils</caption><tbody><tr><th>Nom</th><th>Usage</th></tr>\n"
            "<tr><td>Bêche</td><td><ul><li>a</li><li>b</li></ul></td></tr></tbody></table>",
            "Outils\nNom | Usage\nBêche | a; b",
        ),
        (
            "<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr></table>",
            "a | b\n\nc",
        ),
        ("Vu<!-- caché --> ici<script>x()</script><style>p{}</style>", "Vu ici"),
        ('<p>a<sup class="reference"><a href="#n">[1]</a></sup> m<sup>2</sup></p>', "a m2"),
        (
            '<ol class="references"><li id="n"><span class="mw-cite-backlink">↑</span>'
            ' <span class="reference-text">Une source</span></li></ol>',
            "- Une source",
        ),
        ('<div id="toc" class="toc"><h2>Sommaire</h2><ul><li>1 Semis</li></ul></div>Vu', "Vu"),
        ('<table class="navbox"><tr><td>voir</td></tr></table><div class="vertical-navbox">b</div>Vu', "Vu"),
        ('<div role="navigation">portail</div><span class="noprint">x</span>Vu', "Vu"),
        ('<span style="color:red; DISPLAY : none">caché</span><p hidden>x</p>Vu', "Vu"),
        ('<p style="display: inline">vu</p>', "vu"),
        (
            '<figure typeof="mw:File/Thumb"><a><img alt="x"></a><figcaption>Légende</figcaption></figure>',
            "Légende",
        ),
        ('<figure typeof="mw:File"><a><img></a><figcaption>Non montrée</figcaption></figure>', ""),
        ('<a><span class="mw-broken-media">Fichier:A.png</span></a>Vu', "Vu"),
        ('<a href="/x?wpDestFile=A.png" class="new" title="Fichier:A.png">Fichier:A.png</a>Vu', "Vu"),
        ('<a href="/x?wpDestFile=A.pdf" class="new" title="A.pdf">la notice</a>', "la notice"),
        ('<math alttext="x^2"><mi>x</mi><annotation>x^{2}</annotation></math>', "x^2"),
        ("jamais <b>fermé", "jamais fermé"),
        ("", ""),
    ],
)
def test_text_is_what_a_reader_sees(html: str, text: str) -> None:
    assert text_of(html) == text


def test_sections_have_the_anchors_of_the_page() -> None:
    html = (
        '<p>Intro</p><h2><span id="L.27eau"></span><span class="mw-headline" id="L\'eau">L\'<i>eau</i></span>'
        '<span class="mw-editsection">[<a>modifier</a>]</span></h2><p>a</p>'
        '<div class="mw-heading mw-heading3"><h3 id="Détail">Détail</h3>'
        '<span class="mw-editsection">[x]</span></div>'
        "<div><p>b</p></div><h2>Deux</h2>"
    )
    assert [(s.level, s.heading, s.anchor, s.path, s.text) for s in read_rendering(html)] == [
        (0, "", "", (), "Intro"),
        (2, "L'eau", "L'eau", ("L'eau",), "a"),
        (3, "Détail", "Détail", ("L'eau", "Détail"), "b"),
        (2, "Deux", "", ("Deux",), ""),
    ]


# HTML that no wiki makes

BROKEN = [
    *("<!--", "<!-- a --> <!--", "<div>", "<table><tr><td>", "<h2>", "<h2 id='a'>a</h2>", "</div>", "<a "),
    *('<a b="', "<", "&#", "&", "<?", "<![CDATA[", "<script>", "<h2><table>", "</", "<li>", "<b><i></b></i>"),
]


@pytest.mark.parametrize("piece", BROKEN)
def test_a_megabyte_of_broken_html_is_read_in_bounded_work(piece: str) -> None:
    # What is not linear here does not end within the test's patience.
    sections = read_rendering("<p>Vu</p>" + piece * (1_000_000 // len(piece)))
    assert sections[0].text.startswith("Vu")


def test_broken_html_still_gives_its_words_and_headings() -> None:
    html = (
        "<p>Intro</p><h2 id='A&amp;B'>A &amp; B</h2><script>non()</script><p>un</p><p>deux</p>"
        + "<oups " * 2000
        + "<h3>Fin</h3>x <!-- y"
    )
    sections = read_rendering(html)
    assert [(s.heading, s.anchor, s.level) for s in sections] == [
        ("", "", 0),
        ("A & B", "A&B", 2),
        ("Fin", "", 3),
    ]
    assert (sections[0].text, sections[1].text[:8]) == ("Intro", "un\n\ndeux")
    assert "non" not in sections[1].text


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(st.sampled_from([*BROKEN, "mot", " "]), max_size=40).map("".join)
    )
)
def test_any_html_can_be_read(html: str) -> None:
    sections = read_rendering(html)
    assert sections[0].heading == ""
    assert not re.search("[\ufdd0-\ufdef\0]", "".join(section.text for section in sections))


# Beside the real wiki

BOX = """<includeonly>{| class="infobox"
! Responsable
| {{{responsable|}}}
|-
! Durée
| {{{durée|}}}
|-
! Matériel
|
{{{matériel|}}}
|}</includeonly>"""
REMARK = '<div class="note">{{{1}}}</div>'
NAVIGATION = (
    '<table class="navbox"><tr><th>Le jardin</th></tr><tr><td>[[Semis]] • [[Taille]]</td></tr></table>'
)
TEMPLATES = {"Fiche atelier": BOX, "Remarque": REMARK, "Palette Jardin": NAVIGATION}

FRENCH = """__TOC__
{{Fiche atelier
| responsable = [[Utilisateur:Odile Marchand|Odile Marchand]]
| durée = 90 minutes
| matériel =
* une bêche
* deux [[seau]]x d'eau
}}
L'''atelier de greffe'' se tient '''chaque mois''' ici.<ref name="charte">La charte, ''article'' 4.</ref>
On y vient l'''après-midi'', pas le matin<ref>Décision du groupe.</ref> ; voir [[Compost|le tas]]<!-- ? -->.

{{Remarque|Les greffons se gardent '''au froid'''.}}

== Préparer ==
# Affûter les greffoirs
## au tour
##* puis au cuir
# Choisir les porte-greffes<ref name="charte" />
; Scion : le rameau à greffer
: en dormance

=== Préparer ===
{| class="wikitable sortable" style="width:100%"
|+ Greffes de l'hiver
! Arbre !! colspan="2" | Greffe
|-
| Pommier || style="color:red" | en fente
| bgcolor=#fff | février
|- style="vertical-align:top"
|
* poirier
* cognassier
| <span style="display:none">2026-03-02</span>2 mars
| —
|}

== [[Verger|Le verger]] ''en'' '''images''' &amp; plans ==
[[Fichier:Greffe.jpg|vignette|gauche|upright=0.8|alt=Deux rameaux|La [[greffe]] en ''fente''.]]
Dans l'''hiver'' du verger, près d'''Anjou'''.

Un symbole [[Fichier:Icone.svg|20px|lien=]] dans la phrase.
<gallery mode="packed">
Fichier:Un.jpg|Le '''premier''' greffon
Fichier:Deux.jpg
</gallery>

== préparer ==
<div style="display: none;">Brouillon de Gaëtan : ne pas lire.</div>
Le mot <nowiki>[[lien]] et '''gras'''</nowiki> restent ; {{lc:MAJUSCULES}}
 une ligne de code <param nom="x"> telle quelle
<u>souligné
<blockquote>Qui greffe tôt
récolte tôt.</blockquote>
Adresse : greffe@verger.invalid, https://verger.invalid/plan et [https://verger.invalid le plan du verger].

{{Palette Jardin}}
[[Catégorie:Ateliers|greffe]]
{{DEFAULTSORT:Greffe}}

== Notes ==
<references />
"""

ENGLISH = """'''Tool library''' is where the '' workshop'' lends its tools. Members' keys open it.

{| border=1
! Tool
! Where
|-
| Pillar drill
| Bench 3<ref>Moved in May; ask Priya Nandakumar.</ref>

== Opening hours ==
* Monday
** evening
**: if somebody has the keys
* Friday<br />all day
<ol><li>Sign in</li><li>Sign out</li></ol>

== Opening hours ==
<table class="plain"><tr><th>Day<td>Keeper
<tr><td>Monday<td>Idris Cole</table>
Ask <user name> on the list, write <code>lend --tool <id></code>, see [[Help:Keys|Keys]] and [[tool]]s.

<pre>
lend --tool 12
  --until Friday
</pre>
Rust [https://rust.invalid] less: 5&nbsp;°C &lt; 10&nbsp;°C, ''''really'''' so.
[[File:Drill.png|frame|none|The drill, ''unplugged'']]
[[File:Hammer.png|A hammer that nobody sees]]
Last words.<ref group="n">A note of its own kind.</ref>
<references group="n" />
"""


ENGLISH_NAMES = {0: "", 2: "User", 6: "File", 10: "Template", 12: "Help", 14: "Category"}
FRENCH_NAMES = {0: "", 2: "Utilisateur", 6: "Fichier", 10: "Modèle", 12: "Aide", 14: "Catégorie"}


def _site(language: str) -> Site:
    names = FRENCH_NAMES if language == "fr" else ENGLISH_NAMES
    spaces = {n: Namespace(id=n, name=name, canonical=ENGLISH_NAMES[n]) for n, name in names.items()}
    return Site(name="", language=language, server_url="", namespaces=spaces)


def _words(sections: Sequence[Section]) -> list[Counter[str]]:
    return [Counter(re.findall(r"\w+", f"{s.heading}\n{s.text}".casefold())) for s in sections]


def _shown(wiki: LocalWiki, wikitext: str) -> list[Section]:
    # Missing pictures, told from links: the default from MediaWiki 1.40 on.
    wiki.stop()
    wiki.enable_extension("Cite", "$wgParserEnableLegacyMediaDOM = false;")
    wiki.start()
    for title, text in TEMPLATES.items():
        wiki.edit(f"Template:{title}", text)
    options = {"contentmodel": "wikitext", "title": "Atelier", "prop": ["text"]}
    reply = wiki.session().ask("parse", text=wikitext, **options)
    return read_rendering(reply["parse"]["text"])


@pytest.mark.parametrize(
    ("language", "wikitext", "known"),
    [
        # A function of the parser is worked out by the wiki alone.
        ("fr", FRENCH, Counter({"majuscules": 1})),
        # The number that the wiki gives to a link without words.
        ("en", ENGLISH, Counter({"1": 1})),
    ],
)
def test_our_text_is_what_the_wiki_shows(
    make_wiki: MakeWiki, language: str, wikitext: str, known: Counter[str]
) -> None:
    theirs = _shown(make_wiki(language=language), wikitext)
    ours = parse(wikitext, site=_site(language)).sections
    assert [(s.level, s.anchor, s.heading, s.path) for s in ours] == [
        (s.level, s.anchor, s.heading, s.path) for s in theirs
    ]
    lost, added = Counter[str](), Counter[str]()
    for their_words, our_words in zip(_words(theirs), _words(ours), strict=True):
        lost += their_words - our_words
        added += our_words - their_words
    assert (lost, added) == (known, Counter())
