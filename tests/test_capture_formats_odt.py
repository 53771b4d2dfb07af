"""OpenDocument texts: what a reader of the document sees, and its structure."""

import pytest

from capture.notes import Notes, read_notes
from connector.errors import UnreadableNotesError
from tests.office_documents import odt

STYLES = """
<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>
<style:style style:name="P2" style:family="paragraph" style:default-outline-level="2"/>
<style:style style:name="T1" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="T2" style:family="text"><style:text-properties text:display="none"/></style:style>
<style:style style:name="T3" style:family="text" style:parent-style-name="T2"/>
<text:list-style style:name="L1">
 <text:list-level-style-bullet text:level="1" text:bullet-char="•"/>
 <text:list-level-style-number text:level="2" style:num-format="1"/>
</text:list-style>
"""


def read(body: str, **more: str) -> Notes:
    return read_notes(odt(body, styles=STYLES), filename="cr.odt")


def test_headings_and_the_title_over_them() -> None:
    notes = read(
        '<text:p text:style-name="P1">Compte rendu</text:p>'
        '<text:h text:outline-level="1">La halle</text:h>'
        '<text:p text:style-name="P2">Le toit</text:p><text:p>Il fuit.</text:p>'
    )
    assert [line.level for line in notes.lines] == [1, 2, 3, 0]
    assert notes.lines[3].heading_path == ("Compte rendu", "La halle", "Le toit")


def test_lists_tables_and_boxes() -> None:
    notes = read(
        '<office:forms><form:checkbox form:id="c1" form:current-state="checked" form:label="x"/>'
        "</office:forms>"
        '<text:list text:style-name="L1"><text:list-item><text:p>Outils</text:p><text:list><text:list-item>'
        "<text:p>Scie</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>☐ Louer la benne</text:p></text:list-item></text:list>"
        '<text:p><draw:control draw:control="c1"/> Prévenir la mairie</text:p>'
        "<table:table><table:table-row><table:table-cell><text:p>Qui</text:p></table:table-cell>"
        "<table:table-cell><text:p>Quoi</text:p></table:table-cell></table:table-row><table:table-row>"
        "<table:table-cell><text:p>Léa</text:p></table:table-cell><table:table-cell><text:p>Affiche</text:p>"
        "</table:table-cell></table:table-row><table:table-row><table:table-cell "
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    assert [(line.content, line.depth, line.ordered, line.checked) for line in notes.lines[:4]] == [
        ("Outils", 1, False, None),
        ("Scie", 2, True, None),
        ("Louer la benne", 1, False, False),
        ("Prévenir la mairie", 1, False, True),
    ]
    assert [(line.cells, line.header) for line in notes.lines[4:]] == [
        (("Qui", "Quoi"), True),
        (("Léa", "Affiche"), False),
    ]


def test_what_was_deleted_hidden_or_only_commented_is_no_part_of_the_notes() -> None:
    notes = read(
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>On vend la scie.</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        '<text:p>On <text:change text:change-id="c"/>garde<office:annotation><text:p>secret</text:p>'
        '</office:annotation> la<text:s text:c="999999999"/>scie<text:span text:style-name="T3"> '
        "caché</text:span>"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Voir avril.</text:p>"
        "</text:note-body></text:note>.</text:p>"
        '<text:section text:display="none"><text:p>caché</text:p></text:section>'
        '<text:p><text:hidden-paragraph text:is-hidden="true"/>caché</text:p>'
        "<text:table-of-content><text:p>La halle 3</text:p></text:table-of-content>"
        '<text:p><text:a xlink:href="https://halle.example" xmlns:xlink="http://www.w3.org/1999/xlink">'
        "la page</text:a></text:p>"
    )
    assert [line.text for line in notes.lines] == ["On garde la scie.", "la page", "Voir avril."]


def test_bold_and_line_breaks() -> None:
    notes = read(
        '<text:p><text:span text:style-name="T1">Le toit</text:span></text:p>'
        "<text:p>un<text:line-break/>deux<text:tab/>trois</text:p>"
    )
    assert [(line.content, line.bold) for line in notes.lines] == [
        ("Le toit", True), ("un", False), ("deux trois", False),
    ]  # fmt: skip


def test_text_is_text_and_no_html() -> None:
    assert read("<text:p>&lt;b&gt;1 &lt; 2&lt;/b&gt;</text:p>").lines[0].text == "<b>1 < 2</b>"


def test_a_document_with_a_password_is_refused_by_name() -> None:
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry>'
        "<m:encryption-data/></m:file-entry></m:manifest>"
    )
    with pytest.raises(UnreadableNotesError, match="protected by a password"):
        read_notes(
            odt("", more={"META-INF/manifest.xml": manifest, "content.xml": b"\x00\x01"}), filename="a.odt"
        )
