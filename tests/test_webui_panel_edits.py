"""Where an accepted edit goes in a text that has changed meanwhile: edits.js, run in Chromium."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import webui

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPT = Path(webui.__file__).parent / "extension" / "Compagnon" / "resources" / "edits.js"
Edit = dict[str, Any]
Call = Callable[..., Any]

TEXT = (
    "Au printemps 🐝 on donne un sirop de sucre aux colonies faibles, puis on attend une semaine.\n\n"
    "Le sirop de sucre se prépare la veille. Avant l’hivernage, la pesée dit ce qu’il reste de miel.\n"
)


@pytest.fixture(scope="module")
def call(browser: "Browser") -> Iterator[Call]:
    """Call one of the module's functions: `call("locate", text, edit)`."""
    page = browser.new_page()
    script = SCRIPT.read_text(encoding="utf-8")
    page.evaluate(f"() => {{ const module = {{}}; {script}; window.edits = module.exports; }}")

    def run(name: str, *arguments: Any) -> Any:
        return page.evaluate("([name, ...given]) => window.edits[name](...given)", [name, *arguments])

    yield run
    page.close()


def units(text: str) -> int:
    """Its length as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2


def make_edit(text: str, words: str, replacement: str, *, occurrence: int = 0) -> Edit:
    """An edit of one occurrence of some words, as the service makes it."""
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(words, start + 1)
    end = start + len(words)
    return {
        "start": units(text[:start]),
        "end": units(text[:end]),
        "original": words,
        "replacement": replacement,
        "before": text[max(0, start - 40) : start],
        "after": text[end : end + 40],
    }


def insertion(text: str, before: str, replacement: str) -> Edit:
    """An edit that adds a text right after another one."""
    start = text.index(before) + len(before)
    edit = make_edit(text, text[start:] or text, replacement)
    return edit | {
        "start": units(text[:start]),
        "end": units(text[:start]),
        "original": "",
        "before": text[max(0, start - 40) : start],
        "after": text[start : start + 40],
    }


def test_in_the_text_it_was_made_for_an_edit_goes_to_its_own_occurrence(call: Call) -> None:
    for occurrence in (0, 1):
        edit = make_edit(TEXT, "sirop de sucre", "[[sirop de sucre]]", occurrence=occurrence)
        at = -1
        for _ in range(occurrence + 1):
            at = TEXT.index("sirop de sucre", at + 1)
        assert call("locate", TEXT, edit) == {"start": edit["start"], "end": edit["end"]}
        assert call("splice", TEXT, edit) == TEXT[:at] + "[[" + TEXT[at : at + 14] + "]]" + TEXT[at + 14 :]


@pytest.mark.parametrize("occurrence", [0, 1])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: "Une nouvelle phrase sur le sirop de sucre. " + text,
        lambda text: text.replace("Au printemps 🐝 ", ""),
        lambda text: text.replace("colonies faibles", "colonies les plus faibles"),
        lambda text: text.replace("la veille", "toujours la veille au soir"),
        lambda text: text.replace("on donne", "nous donnons").replace("une semaine", "dix jours"),
        lambda text: text.replace("colonies", "[[Colonie|colonies]]").replace("printemps", "[[printemps]]"),
    ],
)
def test_the_right_occurrence_is_found_in_a_text_that_moved(
    call: Call, occurrence: int, change: Callable[[str], str]
) -> None:
    edit = make_edit(TEXT, "sirop de sucre", "[[sirop de sucre]]", occurrence=occurrence)
    marked = make_edit(TEXT, "sirop de sucre", "¤", occurrence=occurrence)
    here = TEXT.encode("utf-16-le")
    expected = change(
        here[: 2 * marked["start"]].decode("utf-16-le") + "¤" + here[2 * marked["end"] :].decode("utf-16-le")
    ).replace("¤", "[[sirop de sucre]]")
    assert call("splice", change(TEXT), edit) == expected


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("sirop de sucre", "sirop"),
        TEXT.replace("un sirop de sucre", "un [[sirop de sucre]]"),
        TEXT.replace("un sirop de sucre", "un [[Sirop de sucre|bon sirop de sucre]]"),
        TEXT.replace("un sirop de sucre", "un [https://example.org/s bon sirop de sucre]"),
        TEXT.replace("un sirop de sucre", "[[Fichier:Pot.jpg|thumb|Un [[pot]] de sirop de sucre]]"),
        TEXT + "Voir [[sirop de sucre]].",
        TEXT + "Voir [[ Sirop_de sucre#Recette|là]].",
        "La ruche est vide. " + TEXT.replace("un sirop de sucre aux", "du miel aux"),
        "Rien de tel.",
        "",
    ],
)
def test_where_the_place_is_gone_or_the_page_is_linked_by_now_nothing_is_touched(
    call: Call, text: str
) -> None:
    edit = make_edit(TEXT, "sirop de sucre", "[[sirop de sucre]]")
    assert call("locate", text, edit) is None
    assert call("splice", text, edit) is None


def test_a_short_text_before_the_words_does_not_prove_the_place(call: Call) -> None:
    edit = make_edit("Le miel mûrit en juin, et chacun en parle longtemps.", "miel", "[[miel]]")
    assert call("splice", "Aux ruches ! Le miel mûrit en juin, et tous en parlent.", edit) is not None
    assert call("splice", "Aux ruches ! Le miel cristallise.", edit) is None


def test_brackets_that_were_never_closed_spoil_their_own_paragraph_only(call: Call) -> None:
    edit = make_edit(TEXT, "sirop de sucre", "[[sirop de sucre]]", occurrence=1)
    text = TEXT.replace("Au printemps", "Au [[printemps") + "[[Catégorie:Abeilles]]"
    assert "Le [[sirop de sucre]] se prépare" in call("splice", text, edit)


def test_an_edit_is_taken_back_where_it_stands_by_then(call: Call) -> None:
    edit = make_edit(TEXT, "sirop de sucre", "[[sirop de sucre]]", occurrence=1)
    linked = "Bonjour.\n\n" + call("splice", TEXT, edit).replace("la veille", "le matin")
    assert call("splice", linked, call("inverse", edit)) == "Bonjour.\n\n" + TEXT.replace(
        "la veille", "le matin"
    )


PAGE = "Un texte.\n\n[[Catégorie:Abeilles]]\n"


def see_also(title: str) -> Edit:
    return insertion(PAGE, "Un texte.\n", f"\n== Voir aussi ==\n* [[{title}]]\n")


def test_a_second_line_goes_below_the_first_in_the_same_section(call: Call) -> None:
    first, second, third = (see_also(title) for title in ("Miel", "Cire", "Pollen"))
    one = call("splice", PAGE, first)
    assert one == "Un texte.\n\n== Voir aussi ==\n* [[Miel]]\n\n[[Catégorie:Abeilles]]\n"
    below = call("following", second, first)
    two = call("splice", one, below)
    assert two == one.replace("* [[Miel]]\n", "* [[Miel]]\n* [[Cire]]\n")
    three = call("splice", two, call("following", third, below))
    assert three == one.replace("* [[Miel]]\n", "* [[Miel]]\n* [[Cire]]\n* [[Pollen]]\n")
    assert call("splice", two, call("inverse", below)) == one
    assert call("splice", one, call("inverse", first)) == PAGE


def test_taking_back_the_first_of_two_lines_leaves_the_section(call: Call) -> None:
    first = see_also("Miel")
    both = call("splice", call("splice", PAGE, first), call("following", see_also("Cire"), first))
    left = call("splice", both, call("inverse", first, True))
    assert left == "Un texte.\n\n== Voir aussi ==\n* [[Cire]]\n\n[[Catégorie:Abeilles]]\n"
    page = "== Voir aussi ==\n* [[Miel]]\n"
    line = insertion(page, "== Voir aussi ==\n", "* [[Cire]]\n")
    assert call("splice", call("splice", page, line), call("inverse", line, True)) == page


def test_a_line_for_a_section_that_is_there_already(call: Call) -> None:
    page = "Un texte.\n\n== Voir aussi ==\n* [[Miel]]\n"
    edit = insertion(page, page.rstrip("\n"), "\n* [[Cire]]")
    assert call("splice", page, edit) == page + "* [[Cire]]\n"
    assert call("splice", "Ah.\n" + page, edit) == "Ah.\n" + page + "* [[Cire]]\n"


def test_an_empty_text_takes_a_line(call: Call) -> None:
    edit = {"start": 0, "end": 0, "original": "", "replacement": "* [[Cire]]", "before": "", "after": ""}
    assert call("splice", "", edit) == "* [[Cire]]"
    assert call("splice", "Un texte.", edit) is None


def test_random_changes_elsewhere_never_lead_to_another_place(call: Call, seeds: list[int]) -> None:
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311
        for _ in range(40):
            words = [chance.choice(["ruche", "cadre", "miel", "🐝", "été,", "cire.\n\n"]) for _ in range(60)]
            place = chance.randrange(15, 45)
            words[place] = "propolis"
            text = " ".join(words)
            edit = make_edit(text, "propolis", "[[propolis]]")
            # The words on one side stay as they are, those on the other change up to the edit's own.
            moved = list(words)
            for _ in range(chance.randrange(1, 6)):
                at = chance.choice([*range(place), *range(place + 15, 60)])
                moved[at] = chance.choice(["propolis des autres", "un mot", ""])
            expected = " ".join([*moved[:place], "[[propolis]]", *moved[place + 1 :]])
            assert call("splice", " ".join(moved), edit) == expected, (seed, text)
