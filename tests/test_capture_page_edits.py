"""An experience is added to a page that people wrote, and nothing of theirs changes."""

import datetime
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.draft import Draft, Statement
from capture.page_edits import Meeting, add_experience, text_diff
from connector.errors import CaptureError
from connector.practice import from_wikitext
from connector.wikitext import heading_lines, parse
from tests.builders import FRENCH_WIKI

CITING = replace(FRENCH_WIKI, extensions=("Cite",))
ENGLISH = replace(FRENCH_WIKI, language="en", extensions=("Cite",))
MEETING = Meeting(title="Réunion de l’atelier", date=datetime.date(2026, 3, 3), sha256="ab" * 32)
DRAFT = Draft(
    title="Compost de quartier",
    language="fr",
    fields={
        "problem": (Statement(text="Le tas gelait en janvier.", lines=(8,)),),
        "solution": (
            Statement(text="Couvrir le tas de paille.", lines=(10,)),
            Statement(text="Le retourner plus tard.", lines=(11, 14)),
            Statement(text="Vu aussi à Brest.", lines=(), by_human=True),
        ),
        "steps": (Statement(text="étaler la paille", lines=(16,)), Statement(text="arroser", lines=(17,))),
    },
    people=("Zoé", "Ali Ben"),
    wikitext="-",
)
BLOCK = """=== 3 mars 2026 – Réunion de l’atelier ===
'''Problème''' : Le tas gelait en janvier.<ref>Réunion de l’atelier, 2026-03-03, ligne 8</ref>

'''Solution''' : Couvrir le tas de paille. Le retourner plus tard.<ref>Réunion de l’atelier, 2026-03-03, \
lignes 10–11, 14</ref> Vu aussi à Brest.

'''Étapes''' :
# étaler la paille
# arroser<ref>Réunion de l’atelier, 2026-03-03, lignes 16–17</ref>"""
TEMPLATE = "{{Practice\n|statut=testée\n|contacts=Zoé Blanc\n|sources=Visite du 2 mai\n|langue=fr\n}}\n"
GROWN = (
    "{{Practice\n|statut=testée\n|contacts=Zoé Blanc, Ali Ben\n"
    "|sources=Visite du 2 mai, Réunion de l’atelier&#44; 2026-03-03\n|langue=fr\n}}\n"
)


def added(text: str, *, language: str = "fr", meeting: Meeting = MEETING, draft: Draft = DRAFT) -> str:
    return add_experience(text, draft=draft, meeting=meeting, site=CITING, language=language)


def test_a_section_of_experiences_is_made_before_what_the_page_ends_with() -> None:
    body = "== Solution ==\nOn retourne le tas.\n"
    end = (
        "\n== Références ==\n<references />\n\n{{Palette Jardin\n|x\n}}\n<!-- tri -->\n"
        "{{DEFAULTSORT:tas}}\n[[Catégorie:Compost]] [[Category:Jardin]]\n__NOTOC__\n[[en:Heap]]\n"
    )
    assert added(TEMPLATE + body + end) == f"{GROWN}{body}\n== Expériences ==\n{BLOCK}\n{end}"


@pytest.mark.parametrize(
    "end",
    [
        "\n\n[[Catégorie:Compost]]",
        "\n{{DEFAULTSORT:tas}}\n\n[[Catégorie:Compost|*]]\n",
        "\n__NOTOC__",
        "\n<references />\n",
        "\n----\n[[en:Heap]]\n[[pt-br:Monte]]",
        "",
        "\n",
    ],
)
def test_what_ends_a_page_stays_at_its_end(end: str) -> None:
    new = added("Un tas." + end)
    assert new.startswith("Un tas.\n\n== Expériences ==\n" + BLOCK)
    assert new.endswith(end)
    assert new.count(end.strip()) == 1 or not end.strip()


def test_a_later_experience_follows_the_earlier_ones() -> None:
    text = (
        "== Solution ==\nTas.\n== Retours d’expérience ==\n=== 2 mai 2025 ===\nBien.\n"
        "==== Détail ====\nMieux.\n\n== Voir aussi ==\n* [[Tas]]\n"
    )
    new = added(text)
    assert new == text.replace("Mieux.\n", f"Mieux.\n\n{BLOCK}\n")


def test_a_second_draft_of_the_same_meeting_goes_on_under_its_heading() -> None:
    once = added("Un tas.\n\n== Voir aussi ==\nRien.")
    other = DRAFT.model_copy(update={"fields": {"tools": (Statement(text="Une fourche", lines=(20,)),)}})
    twice = added(once, draft=other)
    assert twice.count("Réunion de l’atelier ===") == 1
    assert twice.index("arroser") < twice.index("'''Outils''' : Une fourche") < twice.index("== Voir aussi")


def test_a_draft_that_was_added_is_not_added_again() -> None:
    once = added(TEMPLATE + "Un tas.\n\n[[Catégorie:Compost]]\n")
    assert added(once) == once
    linked = once.replace("Couvrir le tas", "Couvrir [[Compost|le tas]]").replace("paille", "[[paille]]")
    assert added(linked) == linked


def test_only_what_is_new_is_added() -> None:
    once = added("Un tas.")
    more = DRAFT.model_copy(
        update={"fields": {**DRAFT.fields, "cautions": (Statement(text="Gare aux rats.", lines=(30,)),)}}
    )
    new = added(once, draft=more)
    assert new.startswith(once)
    assert new[len(once) :].count("'''") == 2
    assert "Gare aux rats." in new


def test_the_words_follow_the_page_and_the_parameters_the_wiki() -> None:
    new = add_experience(
        "{{Practice|language=fr}}\nUn tas.", draft=DRAFT, meeting=MEETING, site=ENGLISH, language="fr"
    )
    assert "== Expériences ==" in new
    assert new.startswith("{{Practice|language=fr|contacts=Zoé, Ali Ben|sources=Réunion")
    english = add_experience("A heap.", draft=DRAFT, meeting=MEETING, site=CITING, language="en-GB")
    assert "== Experiences ==\n=== 3 March 2026 – Réunion" in english
    assert "'''Problem''': Le tas" in english
    assert "2026-03-03, lines 16–17</ref>" in english


def test_without_the_extension_cite_the_source_is_said_in_words() -> None:
    new = add_experience("Un tas.", draft=DRAFT, meeting=MEETING, site=FRENCH_WIKI, language="fr")
    assert "<ref" not in new
    assert new.endswith("\n\n''Source : Réunion de l’atelier, 2026-03-03, lignes 8, 10–11, 14, 16–17''")
    has_notes = "Un tas.<ref>Zoé</ref>"
    noted = add_experience(has_notes, draft=DRAFT, meeting=MEETING, site=FRENCH_WIKI, language="fr")
    assert noted.count("<ref>") == 4


def test_notes_in_the_wiki_are_linked() -> None:
    new = added("Un tas.", meeting=replace(MEETING, notes_page="discussion:Atelier_mars"))
    assert "<ref>[[:Discussion:Atelier mars|Réunion de l’atelier, 2026-03-03]], ligne 8</ref>" in new
    plain = added("Un tas.", meeting=replace(MEETING, notes_page="A]]{{x}}"))
    assert parse(plain, site=CITING).links == ()


@pytest.mark.parametrize(
    ("meeting", "title"),
    [
        (replace(MEETING, title=""), "3 mars 2026"),
        (replace(MEETING, date=datetime.date(2026, 5, 1)), "1er mai 2026 – Réunion de l’atelier"),
        (replace(MEETING, title="Atelier du 3 mars 2026"), "Atelier du 3 mars 2026"),
        (replace(MEETING, date=None), "Réunion de l’atelier"),
        (replace(MEETING, title="", date=None), "Notes abababababab"),
    ],
)
def test_an_experience_is_called_by_its_date(meeting: Meeting, title: str) -> None:
    assert f"=== {title} ===\n" in added("Un tas.", meeting=meeting)


@pytest.mark.parametrize(
    "text",
    [
        "<nowiki>\n== Expériences ==\n</nowiki>\nUn tas.",
        "<!--\n== Expériences ==\n-->\nUn tas.",
        "{{Cadre|\n== Expériences ==\n}}\nUn tas.",
        "{|\n|\n== Expériences ==\n|}\nUn tas.",
        "-{fr:\n== Expériences ==\n;en: x}-\nUn tas.",
    ],
)
def test_a_heading_that_is_none_is_no_place(text: str) -> None:
    assert added(text) == f"{text}\n\n== Expériences ==\n{BLOCK}"


@pytest.mark.parametrize(
    "open_end", ["<!-- à finir\n[[Catégorie:X]]", "{| class=x\n| a\n| b", "<includeonly>a"]
)
def test_what_has_no_end_does_not_swallow_the_experience(open_end: str) -> None:
    new = added(f"Un tas.\n{open_end}")
    assert new == f"Un tas.\n\n== Expériences ==\n{BLOCK}\n\n{open_end}"


def test_a_page_of_deeper_sections_gets_one_of_the_same_level() -> None:
    new = added("=== Un ===\nTas.\n==== Deux ====\nTas.")
    assert "\n=== Expériences ===\n==== 3 mars 2026" in new
    assert "\n= Expériences =\n== 3 mars 2026" in added("= Un =\nTas.\n= Sources =\nMoi.")


def test_line_ends_of_windows_stay() -> None:
    new = added("Un tas.\r\n\r\n[[Catégorie:X]]\r\n")
    assert new.replace("\r\n", "\n") == f"Un tas.\n\n== Expériences ==\n{BLOCK}\n\n[[Catégorie:X]]\n"
    assert "\n" not in new.replace("\r\n", "")


@pytest.mark.parametrize("text", ["", "\n", "[[Catégorie:Compost]]"])
def test_a_page_that_says_nothing_gets_an_experience(text: str) -> None:
    new = added(text)
    assert new.startswith(f"== Expériences ==\n{BLOCK}")
    assert new.strip().endswith(text.strip())


@pytest.mark.parametrize("text", ["#REDIRECTION [[Tas]]", "\n#redirect: [[Tas]] {{Practice}}"])
def test_a_redirect_is_refused(text: str) -> None:
    with pytest.raises(CaptureError, match="leads to another one"):
        added(text)


@pytest.mark.parametrize(
    ("written", "grown"),
    [
        ("contacts=", "contacts=Zoé, Ali Ben"),
        ("Contacts = \n", "Contacts = Zoé, Ali Ben\n"),
        (
            "contacts=[[Utilisateur:Zoé Blanc|Z]]; [[Ana]] ",
            "contacts=[[Utilisateur:Zoé Blanc|Z]]; [[Ana]]; Ali Ben ",
        ),
        ("contacts=\n* Zoé Blanc\n* Ana\n", "contacts=\n* Zoé Blanc\n* Ana\n* Ali Ben\n"),
        ("contacts=Ana<br />Zoé Blanc", "contacts=Ana<br />Zoé Blanc<br>Ali Ben"),
        ("contacts=Zoé Blanc, ALI BEN", "contacts=Zoé Blanc, ALI BEN"),
        ("contacts=Zoé Blanc <!-- absente -->", "contacts=Zoé Blanc <!-- absente -->, Ali Ben"),
    ],
)
def test_the_list_of_contacts_grows_as_it_is_written(written: str, grown: str) -> None:
    new = added(f"{{{{Practice|{written}|sources=Réunion de l’atelier&#44; 2026-03-03}}}}\nUn tas.")
    assert new.startswith(f"{{{{Practice|{grown}|sources=Réunion de l’atelier&#44; 2026-03-03}}}}\n")
    practice = from_wikitext("x", new, site=CITING)
    assert practice is not None
    assert practice.contacts[-1].casefold() == "ali ben"


# Whatever people wrote

_LINES = st.sampled_from(
    [
        *(
            "Une phrase.",
            "",
            "== Solution ==",
            "=== Détail ===",
            "== Expériences ==",
            "=== 2 mai ===",
            "= Un =",
        ),
        *(
            "== Références ==",
            "<references />",
            "* point",
            "[[Catégorie:Compost]]",
            "[[en:Heap]]",
            "__NOTOC__",
        ),
        *(
            "<!-- reste -->",
            "<!--",
            "-->",
            "<nowiki>",
            "</nowiki>",
            "{{Cadre|",
            "}}",
            "{|",
            "|}",
            "| a",
            "----",
        ),
        *(
            "{{DEFAULTSORT:x}}",
            "-{fr:a;en:b}-",
            "-{",
            "}-",
            "<div>",
            "</div>",
            "<ref>a</ref>",
            " pré",
            "~~~~",
        ),
        *("{{Practice}}", "{{Practice|contacts=Ana}}", "{{Practice", "|contacts=Zoé", "<pre>", "== {{x}} =="),
    ]
)
_PAGES = st.lists(_LINES | st.text(max_size=8), max_size=14).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
)
_STATEMENTS = st.lists(
    st.builds(
        Statement,
        text=st.text(min_size=1, max_size=30).filter(str.strip),
        lines=st.lists(st.integers(1, 30), min_size=1, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
_DRAFTS = st.builds(
    Draft,
    title=st.just("Tas"),
    language=st.just("fr"),
    fields=st.dictionaries(
        st.sampled_from(["context", "solution", "steps", "tools"]), _STATEMENTS, min_size=1
    ),
    people=st.lists(st.text(max_size=12), max_size=2).map(tuple),
    wikitext=st.just("-"),
)


def stands_in(old: str, new: str) -> bool:
    """Whether the new text is the old one with something put in between."""
    characters = iter(new)
    return all(character in characters for character in old)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(page=_PAGES, draft=_DRAFTS, title=st.text(max_size=20))
def test_what_people_wrote_survives(page: str, draft: Draft, title: str) -> None:
    meeting = replace(MEETING, title=title)
    try:
        new = added(page, draft=draft, meeting=meeting)
    except CaptureError:
        return
    assert stands_in(page, new)
    old_headings = [each.title for each in heading_lines(page)]
    new_headings = [each.title for each in heading_lines(new)]
    assert stands_in("\0".join(old_headings), "\0".join(new_headings))
    for line in text_diff(page, new):
        if line.kind == "removed":  # a list of the template has grown
            assert "Practice" in page
            assert any(
                stands_in(line.text, other.text) for other in text_diff(page, new) if other.kind == "added"
            )
    if "Practice" not in page:
        assert not [line for line in text_diff(page, new) if line.kind == "removed"]
    assert added(new, draft=draft, meeting=meeting) == new
