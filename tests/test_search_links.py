"""Suggested links on a small wiki of its own: what is offered, where, and never."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model import Namespace, Page, Site
from connector.store import Store
from connector.wikitext import parse
from search.links import LinkSettings, LinkSuggester, LinkSuggestion, apply
from tests.builders import ReadableWhere
from tests.mediawiki import LocalWiki

SITE = Site(
    name="Le Potager",
    language="fr",
    server_url="http://127.0.0.1",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        2: Namespace(id=2, name="Utilisateur", canonical="User"),
        4: Namespace(id=4, name="Potager", canonical="Project", content=True),
        6: Namespace(id=6, name="Fichier", canonical="File"),
        10: Namespace(id=10, name="Modèle", canonical="Template"),
        14: Namespace(id=14, name="Catégorie", canonical="Category"),
    },
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
PAGES = {
    "Bac à compost": "Le bac reçoit les déchets de cuisine. Retourner le tas chaque mois, aérer, humidifier.",
    "Grelinette": "Outil à deux manches qui ameublit la terre sans la retourner ni blesser les vers.",
    "Purin d'ortie": "L'ortie fermente dix jours dans l'eau de pluie. Diluer avant d'arroser les tomates.",
    "Récupérateur d'eau de pluie": "La cuve se remplit par la gouttière. Un filtre retient les feuilles.",
    "Seed library": "Members borrow seeds in spring and bring seeds back in autumn, dried and labelled.",
    "Atelier (lieu)": "La cabane au fond du jardin, où sont rangés les outils.",
    "Fiches/Paillage": "Couvrir le sol de paille ou de feuilles garde l'eau et nourrit les vers.",
    "Mercure": "{{Homonymie}}\n* [[Grelinette]], surnommée ainsi\n* le métal",
    "Semis": "Les semis se font en mars, sous abri. Voir [[Bac à compost|le compost]] et [[Grelinette]].",
    "Repiquage": "Repiquer en mai, avec [[Bac à compost|le compost]] mûr et de l'[[eau de pluie]].",
    "Désherbage": "La [[grelinette]] aide. Le compost attend. [[Page absente]] et page absente.",
    "Potager:Charte": "Chacun arrose, chacun récolte, et la grelinette revient dans l'atelier.",
    "Nous": "Les personnes du jardin.",
}
REDIRECTS = {"Eau de pluie": "Récupérateur d'eau de pluie", "Fourche bio": "Grelinette"}

Suggest = Callable[..., list[LinkSuggestion]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("links") / "mirror.db") as opened:
        opened.site.put(SITE, source="test")
        fill(opened, PAGES, REDIRECTS)
        yield opened


def make_page(pageid: int, title: str, wikitext: str, *, target: str | None = None) -> Page:
    return Page(
        pageid=pageid,
        namespace=4 if title.startswith("Potager:") else 0,
        title=title,
        revid=pageid * 10,
        timestamp=NOW,
        wikitext=wikitext,
        redirect_target=target,
    )


def fill(store: Store, pages: Mapping[str, str], redirects: Mapping[str, str]) -> None:
    made = [make_page(number, title, text) for number, (title, text) in enumerate(pages.items(), 1)]
    for number, (title, target) in enumerate(redirects.items(), len(made) + 1):
        made.append(make_page(number, title, f"#REDIRECTION [[{target}]]", target=target))
    store.pages.put_many(made)


@pytest.fixture(scope="module")
def every(store: Store) -> LinkSuggester:
    """Suggests whatever could be linked, likely or not."""
    return LinkSuggester(store=store, settings=LinkSettings(min_score=0.0))


@pytest.fixture
def suggest(every: LinkSuggester) -> Suggest:
    def on_a_draft(wikitext: str, *, top_k: int = 100, title: str = "Brouillon") -> list[LinkSuggestion]:
        return every.suggest(make_page(9999, title, wikitext), top_k=top_k)

    return on_a_draft


def pairs(suggestions: list[LinkSuggestion]) -> list[tuple[str, str]]:
    return sorted((s.link_text, s.link_target) for s in suggestions)


# What is found


@pytest.mark.parametrize(
    ("wikitext", "expected"),
    [
        ("Rangez la grelinette.", [("grelinette", "Grelinette")]),
        (
            "Des grelinettes neuves, des Bacs à compost.",
            [("Bacs à compost", "Bac à compost"), ("grelinettes", "Grelinette")],
        ),
        ("Un RECUPERATEUR D'EAU DE PLUIE.", [("RECUPERATEUR D'EAU DE PLUIE", "Récupérateur d'eau de pluie")]),
        ("Le purin d’ortie pue.", [("purin d’ortie", "Purin d'ortie")]),
        ("Prenez la fourche bio.", [("fourche bio", "Grelinette")]),
        ("Remettre le compost au pied.", [("le compost", "Bac à compost")]),
        ("Two seed libraries opened.", [("seed libraries", "Seed library")]),
        ("Rendez-vous à l'atelier.", [("atelier", "Atelier (lieu)")]),
        ("Le paillage protège.", [("paillage", "Fiches/Paillage")]),
        ("Lisez la charte.", [("charte", "Potager:Charte")]),
        ("'''Grelinette''' : ''outil''", [("Grelinette", "Grelinette")]),
        ("{|\n| grelinette || 3\n|}", [("grelinette", "Grelinette")]),
    ],
)
def test_phrases_that_name_a_page_are_found(
    suggest: Suggest, wikitext: str, expected: list[tuple[str, str]]
) -> None:
    assert pairs(suggest(wikitext)) == expected


def test_the_longest_phrase_wins(suggest: Suggest) -> None:
    assert pairs(suggest("Le récupérateur d'eau de pluie déborde.")) == [
        ("récupérateur d'eau de pluie", "Récupérateur d'eau de pluie")
    ]
    assert pairs(suggest("L'eau de pluie déborde.")) == [("eau de pluie", "Récupérateur d'eau de pluie")]


def test_no_link_leads_to_what_may_not_be_read(every: LinkSuggester) -> None:
    draft = make_page(9999, "Brouillon", "La grelinette, puis l'eau de pluie, à l'atelier.")
    everything = pairs(every.suggest(draft))
    assert ("grelinette", "Grelinette") in everything
    some = ReadableWhere(lambda page: page.title != "Grelinette")
    assert pairs(every.suggest(draft, readable=some)) == [
        each for each in everything if each[1] != "Grelinette"
    ]
    assert len(some.asked) == 1
    assert every.suggest(draft, readable=ReadableWhere(lambda page: False)) == []


# What is never offered


@pytest.mark.parametrize(
    "wikitext",
    [
        "[[Bac à sable|la grelinette]]",
        "[[Fichier:A.png|vignette|La grelinette]]",
        "[https://exemple.org la grelinette] https://exemple.org/grelinette",
        "{{Note|la grelinette}} {{{1|grelinette}}}",
        "== Grelinette ==\n=== La grelinette ===",
        "<nowiki>grelinette</nowiki><pre>grelinette</pre><code>grelinette</code><!-- grelinette -->",
        "Vu<ref>la grelinette</ref> <blockquote>la grelinette</blockquote>",
        '<span title="grelinette">x</span>',
        '{| class="grelinette"\n| style="grelinette" | x\n|}',
        "<gallery>\nA.png|grelinette\n</gallery>",
        "#REDIRECTION [[Grelinette]] grelinette",
        "[[Catégorie:Grelinette]]",
    ],
)
def test_nothing_is_offered_where_a_link_would_do_harm(suggest: Suggest, wikitext: str) -> None:
    assert suggest(wikitext) == []


@pytest.mark.parametrize(
    "wikitext",
    [
        "agrelinette grelinettex grelinette2 grelinette_rouge",
        "/srv/grelinette a@grelinette.org www.grelinette.org $grelinette grelinette=1 #grelinette",
        "mercure",
        "page absente",
        "nous arrosons",
        "bac. À compost, bac\nà compost, bac, à compost",
    ],
)
def test_what_is_no_mention_of_a_page_is_left_alone(suggest: Suggest, wikitext: str) -> None:
    assert suggest(wikitext) == []


def test_a_page_never_gets_a_link_to_itself(every: LinkSuggester, store: Store) -> None:
    page = store.pages.by_title("Grelinette")
    assert page is not None
    edited = replace(page, wikitext="La grelinette, ou fourche bio, et le bac à compost.")
    assert pairs(every.suggest(edited)) == [("bac à compost", "Bac à compost")]


@pytest.mark.parametrize(
    "link", ["[[Grelinette]]", "[[fourche bio|ici]]", "{{Note|[[grelinette#Prix|ici]]}}"]
)
def test_what_the_page_links_already_is_not_offered(suggest: Suggest, link: str) -> None:
    assert pairs(suggest(f"La grelinette et le purin d'ortie. {link}")) == [
        ("purin d'ortie", "Purin d'ortie")
    ]


def test_a_target_is_offered_once_at_its_first_best_place(suggest: Suggest) -> None:
    wikitext = "Une fourche bio ; la grelinette, encore la grelinette."
    [one] = suggest(wikitext)
    assert (one.link_target, one.link_text) == ("Grelinette", "grelinette")
    assert one.wikitext_offset == wikitext.index("grelinette")


def test_a_redirect_and_a_page_of_code_get_nothing(every: LinkSuggester) -> None:
    page = make_page(9999, "Brouillon", "La grelinette")
    assert every.suggest(replace(page, redirect_target="Semis")) == []
    assert every.suggest(replace(page, content_model="javascript")) == []


def test_an_empty_mirror_gives_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "mirror.db") as empty:
        suggester = LinkSuggester(store=empty, settings=LinkSettings())
        assert suggester.suggest(make_page(1, "Brouillon", "La grelinette")) == []


@pytest.mark.parametrize("title", ["Arrosage[31m", "Arrosage | tuyau", "../Arrosage", "a" * 300])
def test_a_page_with_an_impossible_title_is_not_offered_and_stops_nothing(tmp_path: Path, title: str) -> None:
    with Store.open(tmp_path / "mirror.db") as odd:
        odd.site.put(SITE, source="test")
        fill(odd, {**PAGES, title: "Arroser le soir."}, REDIRECTS)
        found = LinkSuggester(store=odd, settings=LinkSettings(min_score=0.0)).suggest(
            make_page(9999, "Brouillon", f"La grelinette, {title} et le paillage.")
        )
    assert {s.link_target for s in found} == {"Grelinette", "Fiches/Paillage"}


def test_a_colon_in_a_redirect_is_no_namespace(tmp_path: Path) -> None:
    redirects = {"Serre : remise en état": "Outils", "Potager:Règles communes": "Paillage"}
    with Store.open(tmp_path / "mirror.db") as other:
        other.site.put(SITE, source="test")
        fill(other, {"Paillage": "Couvrir le sol.", "Outils": "Les nettoyer."}, redirects)
        text = "La remise en état, c’est ici ; serre : remise en état. Lire nos règles communes."
        found = LinkSuggester(store=other, settings=LinkSettings(min_score=0.0)).suggest(
            make_page(9999, "Brouillon", text)
        )
    assert pairs(found) == [("règles communes", "Paillage")]


# Order and number


def test_the_best_come_first_and_no_more_than_asked(suggest: Suggest) -> None:
    wikitext = "La grelinette, le purin d'ortie, le compost, l'atelier, le paillage."
    found = suggest(wikitext)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert all(0 <= s.score <= 1 for s in found)
    assert len(found) == 5
    assert suggest(wikitext, top_k=2) == found[:2]


def test_links_that_editors_make_score_above_mere_mentions(suggest: Suggest) -> None:
    scores = {s.link_target: s.score for s in suggest("La grelinette et l'atelier.")}
    assert scores["Grelinette"] > scores["Atelier (lieu)"]


def test_by_default_only_likely_links_are_offered(store: Store) -> None:
    suggester = LinkSuggester(store=store, settings=LinkSettings())
    page = make_page(9999, "Brouillon", "* Purin d'ortie\n* Grelinette\nOn se retrouve à l'atelier.")
    assert {s.link_target for s in suggester.suggest(page)} == {"Purin d'ortie", "Grelinette"}


def test_a_pages_own_links_do_not_speak_for_it(store: Store) -> None:
    """A page of the mirror is judged as if it had not been there: as the same text under a new pageid."""
    suggester = LinkSuggester(store=store, settings=LinkSettings(min_score=0.0))
    page = store.pages.by_title("Désherbage")
    assert page is not None
    [compost] = suggester.suggest(page)
    assert compost.link_text == "Le compost"
    # The page's own unlinked mention counts against the phrase, elsewhere only; also while it is edited.
    assert compost.score > suggester.suggest(replace(page, pageid=8888))[0].score
    assert compost.score == suggester.suggest(replace(page, revid=page.revid + 1))[0].score


# The mirror changes


def test_what_left_the_mirror_is_offered_no_more(tmp_path: Path) -> None:
    with Store.open(tmp_path / "mirror.db") as changing:
        changing.site.put(SITE, source="test")
        fill(changing, PAGES, REDIRECTS)
        suggester = LinkSuggester(store=changing, settings=LinkSettings(min_score=0.0))
        draft = make_page(9999, "Brouillon", "Semoir, grelinette et houe.")
        assert pairs(suggester.suggest(draft)) == [("grelinette", "Grelinette")]
        changing.pages.put_many([make_page(500, "Semoir", "Il sème.")])
        assert pairs(suggester.suggest(draft)) == [("Semoir", "Semoir"), ("grelinette", "Grelinette")]
        gone = changing.pages.by_title("Grelinette")
        assert gone is not None
        changing.pages.delete([gone.pageid])
        assert pairs(suggester.suggest(draft)) == [("Semoir", "Semoir")]
        moved = replace(make_page(500, "Houe", "Il sème."), revid=6000)
        changing.pages.put_many([moved])
        assert pairs(suggester.suggest(draft)) == [("houe", "Houe")]


# Places


def test_a_suggestion_says_where_it_stands(suggest: Suggest) -> None:
    wikitext = "== Grelinette ==\n<!-- la grelinette -->Rendre la grelinette propre."
    [one] = suggest(wikitext)
    assert wikitext[one.wikitext_offset :].startswith("grelinette propre")
    assert one.match_index == 1
    assert one.context_before == wikitext[: one.wikitext_offset]
    assert one.context_after == " propre."


@pytest.mark.parametrize(
    ("text", "target", "case", "link"),
    [
        ("grelinette", "Grelinette", "first-letter", "[[grelinette]]"),
        ("Grelinette", "Grelinette", "first-letter", "[[Grelinette]]"),
        ("grelinettes", "Grelinette", "first-letter", "[[Grelinette|grelinettes]]"),
        ("grelinette", "Grelinette", "case-sensitive", "[[Grelinette|grelinette]]"),
        ("Charte", "Potager:Charte", "first-letter", "[[Potager:Charte|Charte]]"),
        ("outils", "Catégorie:Outils", "first-letter", "[[:Catégorie:Outils|outils]]"),
        ("Catégorie:Outils", "Catégorie:Outils", "first-letter", "[[:Catégorie:Outils|Catégorie:Outils]]"),
        ("/etc", "/etc", "first-letter", "[[:/etc|/etc]]"),
    ],
)
def test_applying_makes_the_shortest_link(text: str, target: str, case: str, link: str) -> None:
    wikitext = f"a {text} b"
    suggestion = LinkSuggestion(
        link_text=text,
        link_target=target,
        wikitext_offset=2,
        match_index=0,
        context_before="a ",
        context_after=" b",
        score=0.9,
    )
    main = Namespace(id=0, name="", content=True, case=case)
    site = replace(SITE, namespaces={**SITE.namespaces, 0: main})
    assert apply(wikitext, suggestion, site=site) == f"a {link} b"
    with pytest.raises(ValueError, match="no longer stands"):
        apply("autre " + wikitext, suggestion, site=site)


PIECES = [
    *("grelinette", "Bac à compost", "purin d'ortie", "eau de pluie", "seed libraries", "l'atelier"),
    *("Paillage", "la charte", " ", "\n", "\n\n", ", ", ". ", "'''", "''", "[[Semis]]", "[[Semis|semer]]s"),
    *("[", "]", "[[", "]]", "{{", "}}", "|", "{|\n| ", "\n|}", " || ", "\n|-\n", "== ", " ==\n", "\n* "),
    *("\n: ", "<b>", "</b>", "<ref>", "</ref>", "<nowiki>", "</nowiki>", "<!--", "-->", "&amp;", "&", "-"),
    *("https://exemple.org/", "[https://exemple.org ", "_", "/", "(", ")", "«\u00a0", "\u00a0»", "é"),
    *("Fichier:A.png|", "{{{", "}}}", "#", "é\u0301"),
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wikitext=st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_every_suggestion_can_be_applied(suggest: Suggest, wikitext: str) -> None:
    before = Counter(link.target for link in parse(wikitext, site=SITE).links)
    for one in suggest(wikitext):
        start, end = one.wikitext_offset, one.wikitext_offset + len(one.link_text)
        assert wikitext[start:end] == one.link_text
        position = -1
        for _ in range(one.match_index + 1):
            position = wikitext.index(one.link_text, position + 1)
        assert position == start
        assert wikitext[:start].endswith(one.context_before)
        assert wikitext[end:].startswith(one.context_after)
        after = Counter(link.target for link in parse(apply(wikitext, one, site=SITE), site=SITE).links)
        assert after - before == Counter([one.link_target])
        assert before - after == Counter()


@pytest.mark.wiki
def test_an_applied_suggestion_is_a_link_in_the_wiki(suggest: Suggest, wiki: LocalWiki) -> None:
    wikitext = (
        "L'eau de pluie, une '''grelinette''' ; purin d'ortie, «\u00a0le compost\u00a0» (atelier).\n"
        '* Seed libraries\n{| class="x"\n! Paillage !! b\n|-\n'
        '| style="x" | La charte || [[Semis]]\n|}\n: x & y'
    )
    session = wiki.session()

    def links(text: str) -> Counter[str]:
        reply = session.ask("parse", text=text, contentmodel="wikitext", prop=["links"], title="Essai")
        return Counter(link["title"].replace("Project:", "Potager:") for link in reply["parse"]["links"])

    found = suggest(wikitext)
    assert {s.link_target for s in found} >= {
        "Grelinette",
        "Bac à compost",
        "Seed library",
        "Fiches/Paillage",
    }
    before = links(wikitext)
    for one in found:
        if not one.link_target.startswith("Potager:"):  # no namespace of that wiki
            assert links(apply(wikitext, one, site=SITE)) - before == Counter([one.link_target])
