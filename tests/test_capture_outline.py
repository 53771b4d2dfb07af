"""The outline of notes whose parts stand close together."""

import pytest

from capture.notes import read_notes
from capture.service import CaptureService

CRAMPED = """\
# Réunion du 3 mars 2026
Présents : Anne Roche, Marc Le Goff
Problème : les outils se perdent, on avait pourtant décidé de les étiqueter.
Solution : un tableau mural avec la silhouette de chaque outil.
Décision : on achète un tableau.
Actions
- [ ] Marc Le Goff : dessiner les silhouettes
- DONE: Anne Roche to call the town hall
- Marc doit commander la peinture
"""


def test_notes_without_an_empty_line_between_their_parts() -> None:
    result = CaptureService().capture(read_notes(CRAMPED, media_type="text/markdown"))
    assert result.notes.present == ("Anne Roche", "Marc Le Goff")
    assert [(a.owner, a.text, a.done, a.lines) for a in result.notes.actions] == [
        ("Marc Le Goff", "dessiner les silhouettes", False, (7,)),
        ("Anne Roche", "call the town hall", True, (8,)),
        ("Marc", "doit commander la peinture", False, (9,)),
    ]
    # What was once decided and led to the problem is part of its story.
    assert [decision.lines for decision in result.notes.decisions] == [(5,)]
    (draft,) = result.drafts
    assert {name: [s.lines for s in statements] for name, statements in draft.fields.items()} == {
        "problem": [(3,)],
        "solution": [(4,)],
    }


@pytest.mark.parametrize("heading", ["# Notes", "Notes :", "## Minutes", "**Note**"])
def test_notes_may_be_called_notes(heading: str) -> None:
    """“Notes : Léa” names who writes; a heading of that name stands over what was written."""
    said = "Présents : Anne, Bruno Petit\n\n- Décision : on garde le local\n- Bruno enverra le devis\n"
    found = CaptureService().capture(read_notes(f"{heading}\n\n{said}")).notes
    assert found.present == ("Anne", "Bruno Petit")
    assert found.scribe is None
    assert [each.text for each in found.decisions] == ["on garde le local"]
    assert [each.owner for each in found.actions] == ["Bruno"]
    named = CaptureService().capture(read_notes("Notes : Léa Martin\nPrésents : Anne, Bruno\n")).notes
    assert named.scribe == "Léa Martin"
