"""The words around a suggested link as they read: reading.js, run in Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import webui

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPT = Path(webui.__file__).parent / "extension" / "Compagnon" / "resources" / "reading.js"
CONTEXT = 60  # characters, as the service cuts them
Read = Callable[[str], str]


@pytest.fixture(scope="module")
def read(browser: "Browser") -> Iterator[Read]:
    """What is shown of a text around the words between ‹ and ›, as the service cuts it."""
    page = browser.new_page()
    script = SCRIPT.read_text(encoding="utf-8")
    page.evaluate(f"() => {{ const module = {{}}; {script}; window.reading = module.exports; }}")

    def shown(marked: str) -> str:
        before, rest = marked.split("‹")
        words, after = rest.split("›")
        around = [before[-CONTEXT:], after[:CONTEXT]]
        call = "([before, after]) => [window.reading.lineBefore(before), window.reading.lineAfter(after)]"
        first, last = page.evaluate(call, around)
        return f"{first}‹{words}›{last}"

    yield shown
    page.close()


@pytest.mark.parametrize(
    ("wikitext", "shown"),
    [
        ("Le ‹compost› se retourne.", "Le ‹compost› se retourne."),
        ("Un bac.\n* Le ‹compost›&nbsp;: du '''jardin'''.\nLa suite", "Le ‹compost›\u00a0: du jardin."),
        (
            "## On aère le ‹compost› &amp; on l’arrose &#8212; &foo; peu.",
            "On aère le ‹compost› & on l’arrose — &foo; peu.",
        ),
        (
            "La [[Fourche|fourche]] dans le ‹compost› du [[jardin]].",
            "La fourche dans le ‹compost› du jardin.",
        ),
        ("Sec<ref>Un été.</ref>, le ‹compost›<ref name='a' /> dort<!-- où ? -->.", "Sec, le ‹compost› dort."),
        ("{{unité|3|mois}} de ‹compost› <small>mûr</small>.", "… de ‹compost› mûr."),
        ("[https://example.org Le guide] du ‹compost› [https://example.org].", "Le guide du ‹compost› ."),
        ("| style='color:red' | bac || un ‹compost› || trois", "un ‹compost›"),
        ("Moins de 3 < 5 bacs : le ‹compost› tient.", "Moins de 3 < 5 bacs : le ‹compost› tient."),
        (
            "On le dit partout.<ref name='manuel'>Voir le manuel de l’association, page 3.</ref> Le "
            "‹compost› mûrit<ref>Selon la saison et des pluies, dit le manuel de l’association.</ref>.",
            "… Le ‹compost› mûrit …",
        ),
        (
            "Dans {{lien|le long manuel que l’association tient pour ses membres}} du ‹compost› de "
            "{{lien|cette maison que tous les membres de l’association connaissent}}.",
            "… du ‹compost› de …",
        ),
        (
            "Là où [[Le jardin partagé de la rue des Lilas, côté cour|on jardine]], un ‹compost› plus "
            "loin que [[Le jardin partagé de la rue des Lilas, côté rue|l’autre]].",
            "… on jardine, un ‹compost› plus loin que …",
        ),
        (
            "Depuis trois ans que nous le faisons, chaque hiver, le tas de ‹compost› est retourné, puis "
            "couvert de feuilles, de paille et de carton.",
            "… trois ans que nous le faisons, chaque hiver, le tas de ‹compost› est retourné, puis "
            "couvert de feuilles, de paille et de …",
        ),
    ],
)
def test_reads_without_marks(read: Read, wikitext: str, shown: str) -> None:
    assert read(wikitext) == shown
