"""reStructuredText as people write notes in it."""

from capture.lines import LineKind
from capture.notes import Notes, read_notes


def read(text: str) -> Notes:
    return read_notes(text, filename="cr.rst")


def test_titles_of_any_sign_with_and_without_overline() -> None:
    notes = read(
        "=====\nAtelier\n=====\n\nLa halle\n========\n\nLe toit\n```````\n- Il fuit.\n\nLe budget\n"
        "========\nRien.\n"
    )
    assert [(line.number, line.level) for line in notes.lines if line.kind is LineKind.HEADING] == [
        (2, 1), (5, 2), (8, 3), (12, 2),
    ]  # fmt: skip
    assert notes.lines[9].heading_path == ("Atelier", "La halle", "Le toit")
    assert notes.lines[13].heading_path == ("Atelier", "Le budget")


def test_bullets_nested_without_empty_lines() -> None:
    notes = read("- À louer\n  - la scie\n  - le rabot\n\n#. un\n#. deux\n\n2. trois\n")
    assert [(line.content, line.depth) for line in notes.lines if line.kind is LineKind.ITEM] == [
        ("À louer", 1), ("la scie", 2), ("le rabot", 2), ("un", 1), ("deux", 1), ("trois", 1),
    ]  # fmt: skip
    assert [line.ordered for line in notes.lines if line.kind is LineKind.ITEM] == [False] * 3 + [True] * 3


def test_fields_roles_links_and_notes_say_what_they_say() -> None:
    notes = read(
        ":Date: 3 mars 2026\n:Présents: Léa, Marc\n\nVoir :doc:`la fiche <fiche>` et `le site "
        "<https://x.example>`_,\n"
        "ou ``scie`` de |marque| [1]_ et Budget_.\n\n.. [1] Achetée en 2019.\n| ligne une\n"
    )
    assert [line.content for line in notes.lines if line.content] == [
        "Date: 3 mars 2026",
        "Présents: Léa, Marc",
        "Voir la fiche et le site,",
        "ou scie de marque et Budget.",
        "Achetée en 2019.",
        "ligne une",
    ]
    assert notes.lines[3].text.startswith("Voir :doc:")


def test_directives_and_comments() -> None:
    notes = read(
        ".. contents:: Sommaire\n   :depth: 2\n\n.. un commentaire\n   qui continue\n\n.. note::\n  "
        " On garde la scie.\n\n"
        ".. admonition:: Important\n   :class: x\n\n   On range.\n\n.. code-block:: sh\n\n   rm -rf "
        "x\n\nOn lit ceci quand la scie est rendue en retard::\n\n   brut\n\n"
        ".. _cible:\n.. image:: photo.png\n   :alt: une photo\n\nFin.\n"
    )
    assert [(line.number, line.content) for line in notes.lines if line.kind is LineKind.TEXT] == [
        (8, "On garde la scie."), (10, "Important"), (13, "On range."),
        (19, "On lit ceci quand la scie est rendue en retard:"),
        (27, "Fin."),
    ]  # fmt: skip
    assert [line.content for line in notes.lines if line.kind is LineKind.CODE] == ["rm -rf x", "brut"]
    assert "photo" not in " ".join(line.content for line in notes.lines)


def test_simple_and_grid_tables() -> None:
    notes = read(
        "====  =======\nQui   Quoi\n====  =======\nLéa   Affiche\nMarc  Benne\n====  =======\n\n"
        "+-----+------+\n| Qui | Quoi |\n+=====+======+\n| Léa | Toit |\n+-----+------+\n"
    )
    rows = [(line.number, line.cells, line.header) for line in notes.lines if line.kind is LineKind.ROW]
    assert rows[:3] == [
        (2, ("Qui", "Quoi"), True),
        (4, ("Léa", "Affiche"), False),
        (5, ("Marc", "Benne"), False),
    ]
    assert [row[1] for row in rows[3:]] == [("Qui", "Quoi"), ("Léa", "Toit")]


def test_it_is_told_from_plain_text_by_its_directives() -> None:
    text = "Atelier\n~~~~~~~\n\n.. image:: photo.png\n\n- On garde la scie.\n"
    assert read_notes(text).media_type == "text/x-rst"
    assert read_notes("Atelier\n-------\n\n.. et la suite\n").media_type == "text/plain"
