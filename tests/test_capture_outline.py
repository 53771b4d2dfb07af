"""The outline of notes whose parts stand close together."""

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
