"""The template that the documentation offers shows what a practice page says, in a wiki of each language."""

import html
import re
from pathlib import Path

import pytest

from connector.practice import Practice, Status, to_wikitext
from tests.conftest import MakeWiki

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "practice-template.md"


@pytest.mark.parametrize(
    ("language", "status", "template"),
    [("en", "tested", "Template:Practice"), ("fr", "testée", "Modèle:Practice")],
)
def test_the_template_shows_every_parameter(
    make_wiki: MakeWiki, language: str, status: str, template: str
) -> None:
    blocks = re.findall(
        r"`(\w+:Practice)`[^`]*```wikitext\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    practice = Practice(
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
    wiki = make_wiki(language=language)
    wiki.edit(template, dict(blocks)[template])
    wiki.edit(practice.title, to_wikitext(practice, wiki_language=language))
    shown = wiki.session().ask("parse", page=practice.title, prop="text|templates")["parse"]
    assert [one["exists"] for one in shown["templates"]] == [True]
    seen = html.unescape(re.sub(r"<[^>]+>", " ", shown["text"]))
    for value in (status, "au jardin", "Odile Cariou, Noé Marchetti", "Réunion du 3 mars", "Maëlle Quintin"):
        assert value in seen
    assert "{{" not in seen
    assert 'class="new"' not in shown["text"]
