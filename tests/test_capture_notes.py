"""Notes in every format give the same numbered lines, and the original stays what it was."""

import hashlib

import pytest

from capture.lines import LineKind, NoteLine
from capture.notes import MAX_NOTES_BYTES, Notes, read_notes
from connector.errors import UnreadableNotesError


def line(notes: Notes, number: int) -> NoteLine:
    found = notes.lines[number - 1]
    assert found.number == number
    return found


def test_numbers_are_those_of_the_original_whatever_ends_its_lines() -> None:
    for end in ("\n", "\r\n", "\r"):
        notes = read_notes(end.join(["Atelier", "", "- un", "- deux", ""]))
        assert [one.text for one in notes.lines] == ["Atelier", "", "- un", "- deux"]
        assert [one.number for one in notes.lines] == [1, 2, 3, 4]


def test_other_separators_do_not_make_lines() -> None:
    notes = read_notes("un\u2028encore un\x0c\ndeux")
    assert notes.line_count == 2


def test_the_original_is_kept_with_its_sum() -> None:
    data = "Réunion".encode("utf-16")
    notes = read_notes(data)
    assert notes.original == data
    assert notes.sha256 == hashlib.sha256(data).hexdigest()
    assert notes.lines[0].content == "Réunion"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encodings(encoding: str) -> None:
    text = "L’été, on a préparé l’établi à Besançon : 20 €."
    assert read_notes(text.encode(encoding)).lines[0].content == text


def test_latin_1_with_many_accents() -> None:
    text = "Éloïse a relevé où s'était cassée l'étagère, côté forêt."
    assert read_notes(text.encode("latin-1")).lines[0].text == text


@pytest.mark.parametrize("data", [b"", b"  \n\t\n", "\ufeff\u200b\n".encode(), "", b"\xef\xbb\xbf"])
def test_empty_notes_are_refused(data: bytes | str) -> None:
    with pytest.raises(UnreadableNotesError, match="empty"):
        read_notes(data)


@pytest.mark.parametrize(
    "text",
    [
        "<p><script>alert(1)</script></p>",
        "<p hidden>caché</p>",
        "- ",
        "***",
        "| |\n|-|\n| |\n",
        "- [ ] \u200b\n",
    ],
)
def test_notes_without_visible_text_are_refused(text: str) -> None:
    with pytest.raises(UnreadableNotesError, match="no text that a reader would see"):
        read_notes(text)


def test_too_large_notes_are_refused_with_one_clear_line() -> None:
    with pytest.raises(UnreadableNotesError) as caught:
        read_notes(b"a\n" * 2_500_000, filename="notes.txt")
    assert str(caught.value).startswith("The notes are too large: 5.0 MB, at most 2 MB")
    assert "\n" not in str(caught.value)


def test_the_limit_itself_is_accepted() -> None:
    assert read_notes(b"mot " * (MAX_NOTES_BYTES // 4)).line_count == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 \x00", "a PDF"),
        (b"PK\x03\x04rest", "an office document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (bytes(range(256)) * 8, "not text"),
        (b"text\x00\x01\x02\x03\x04" * 20, "not text"),
    ],
)
def test_binary_files_are_refused_by_name(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableNotesError, match=said):
        read_notes(data)


def test_damaged_utf_16_is_refused() -> None:
    with pytest.raises(UnreadableNotesError, match="damaged"):
        read_notes(b"\xff\xfe\x00\xd8\x41")


@pytest.mark.parametrize(
    ("text", "filename", "expected"),
    [
        ("# Titre\n\n- [ ] tâche", None, "text/markdown"),
        ("# Titre\n", "notes.txt", "text/plain"),
        ("<p>Bonjour</p>", None, "text/html"),
        ("<p>Bonjour</p>", "notes.md", "text/markdown"),
        ("Réunion\n- un point", None, "text/plain"),
        ("1 < 2 et <b>3</b>", None, "text/plain"),
    ],
)
def test_format_by_name_else_by_text(text: str, filename: str | None, expected: str) -> None:
    assert read_notes(text, filename=filename).media_type == expected


def test_a_declared_media_type_wins() -> None:
    notes = read_notes("<p>Bonjour</p>", filename="x.txt", media_type="text/html; charset=utf-8")
    assert notes.media_type == "text/html"


def test_markdown_structure() -> None:
    notes = read_notes(
        "# Atelier\n"
        "\n"
        "## Prêts\n"
        "- [x] Payer **l'assurance**\n"
        "- [ ] Relancer [la mairie](https://mairie.example)\n"
        "  * détail `code`\n"
        "1. premier\n"
        "\n"
        "Sous-titre\n"
        "----------\n"
        "texte\n",
        filename="a.md",
    )
    assert line(notes, 1).kind is LineKind.HEADING
    assert line(notes, 4).heading_path == ("Atelier", "Prêts")
    assert (line(notes, 4).content, line(notes, 4).checked) == ("Payer l'assurance", True)
    assert (line(notes, 5).content, line(notes, 5).checked) == ("Relancer la mairie", False)
    assert (line(notes, 6).depth, line(notes, 6).content) == (2, "détail code")
    assert (line(notes, 7).ordered, line(notes, 7).depth) == (True, 1)
    assert (line(notes, 9).kind, line(notes, 10).kind) == (LineKind.HEADING, LineKind.RULE)
    assert line(notes, 11).heading_path[-1] == "Sous-titre"


def test_code_and_front_matter_are_no_notes_of_the_meeting() -> None:
    notes = read_notes("---\ntitle: Atelier\n---\nTexte\n```\n# pas un titre\n```\nSuite\n", filename="a.md")
    assert notes.document_title == "Atelier"
    assert [one.kind for one in notes.lines] == [
        *[LineKind.META] * 3, LineKind.TEXT, *[LineKind.CODE] * 3, LineKind.TEXT,
    ]  # fmt: skip


def test_tables() -> None:
    notes = read_notes("Qui | Quoi\n--- | ---\nLéa | Affiche\nfin", filename="a.md")
    assert line(notes, 1).header
    assert line(notes, 3).cells == ("Léa", "Affiche")
    assert line(notes, 4).kind is LineKind.TEXT


def test_headings_of_plain_text() -> None:
    notes = read_notes(
        "COMPTE RENDU\n\n1. Local\nOn garde le local.\n\n2. Budget\nRien de neuf.\n\n"
        "Actions :\n- Léa : appeler\n"
    )
    assert line(notes, 4).heading_path == ("Local",)
    assert line(notes, 7).heading_path == ("Budget",)
    assert line(notes, 10).heading_path[-1] == "Actions :"


def test_a_numbered_list_is_no_outline() -> None:
    notes = read_notes("On fait ainsi :\n\n1. Ouvrir\n2. Fermer\n3. Ranger\n")
    assert [one.kind for one in notes.lines[2:]] == [LineKind.ITEM] * 3


def test_html_shows_what_a_reader_sees() -> None:
    notes = read_notes(
        """<!doctype html><html><head><title>Réunion</title><style>p {}</style></head><body>
        <!-- commentaire --><h1>Atelier</h1><p>Bon<b>jour</b>
        à tous<script>alert(1)</script></p><p style="display: none">caché</p><p hidden>caché</p>
        <ul><li>un<ul><li>deux</li></ul></li><li><input type="checkbox" checked> fait</li></ul>
        <table><tr><th>Qui</th><th>Quoi</th></tr><tr><td>Léa</td><td>Affiche</td></tr></table>
        <p>fin<br>de page</p></body></html>"""
    )
    assert [one.text for one in notes.lines] == [
        "Atelier", "Bonjour à tous", "un", "deux", "fait", "Qui | Quoi", "Léa | Affiche", "fin", "de page",
    ]  # fmt: skip
    assert notes.document_title == "Réunion"
    assert line(notes, 2).heading_path == ("Atelier",)
    assert (line(notes, 3).depth, line(notes, 4).depth) == (1, 2)
    assert line(notes, 5).checked is True
    assert line(notes, 6).header
    assert line(notes, 7).cells == ("Léa", "Affiche")


def test_lists_of_an_office_suite_are_lists() -> None:
    html = (
        "<p class=MsoListParagraph>·<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span>"
        "Problème : le portail coince.</p><p class=MsoListParagraph>2.&nbsp;&nbsp; Graisser</p>"
        "<p>A. Martin</p>"
    )
    paragraphs = read_notes(html, media_type="text/html")
    assert (line(paragraphs, 1).kind, line(paragraphs, 1).content) == (
        LineKind.ITEM,
        "Problème : le portail coince.",
    )
    assert (line(paragraphs, 2).ordered, line(paragraphs, 2).content) == (True, "Graisser")
    assert line(paragraphs, 3).kind is LineKind.TEXT

    pasted = read_notes("·\u00a0\u00a0 Problème\no\tGraisser\n§\tPatienter\no Graisser\n")
    assert [one.kind is LineKind.ITEM for one in pasted.lines] == [True, True, True, False]
    assert [one.content for one in pasted.lines][:3] == ["Problème", "Graisser", "Patienter"]


def test_html_nested_without_end_is_read() -> None:
    notes = read_notes("<div>" * 5000 + "<p>au fond</p>", media_type="text/html")
    assert [one.content for one in notes.lines] == ["au fond"]


def test_chat_log() -> None:
    notes = read_notes(
        "10:00 <lea> topic: Prêts\n"
        "10:01 <marc> sofia: on garde le tableau\n"
        "10:01 <marc> sofia: et la fiche\n"
        "10:02 <marc> ... pour l'instant\n"
        "10:03 <infobot> sofia has joined #atelier\n"
        "10:04 <lea> d'accord\n"
    )
    assert line(notes, 1).kind is LineKind.HEADING
    assert (line(notes, 2).speaker, line(notes, 2).content) == ("sofia", "on garde le tableau")
    assert (line(notes, 4).speaker, line(notes, 4).content) == ("sofia", "pour l'instant")
    assert line(notes, 5).kind is LineKind.META
    assert (line(notes, 6).speaker, line(notes, 6).heading_path) == ("lea", ("Prêts",))


def test_speakers_only_where_names_come_back() -> None:
    spoken = read_notes("Léa : bonjour à tous\nMarc : bonjour\nLéa : on commence\nMarc : oui, allons-y\n")
    assert [one.speaker for one in spoken.lines] == ["Léa", "Marc", "Léa", "Marc"]
    labelled = read_notes("Lieu : la halle\nAttention : la porte ferme\nPrix : 10 euros\n")
    assert [one.speaker for one in labelled.lines] == [None, None, None]


def test_invisible_characters_are_not_read() -> None:
    notes = read_notes("Dé\u200bci\u00adsion\u202e : on garde\n")
    assert notes.lines[0].content == "Décision : on garde"
    assert notes.lines[0].text == "Dé\u200bci\u00adsion\u202e : on garde"


def test_a_line_of_spaces_is_read_in_no_time() -> None:
    assert read_notes("Titre\n" + " " * 500_000 + "\n- un point\n").line_count == 3
