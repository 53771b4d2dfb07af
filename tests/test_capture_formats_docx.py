"""Word documents: what a reader of the document sees, and its structure."""

from capture.lines import LineKind
from capture.notes import Notes, read_notes
from tests.office_documents import docx

STYLES = """
<w:style w:type="paragraph" w:styleId="Titre"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Titre2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Point"><w:name w:val="Point du jour"/><w:basedOn
w:val="Titre2"/></w:style>
<w:style w:type="paragraph" w:styleId="Rubrique"><w:name w:val="Rubrique"/><w:pPr><w:outlineLvl
w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="TM1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Lp"><w:name w:val="List Paragraph"/></w:style>
<w:style w:type="paragraph" w:styleId="Lb2"><w:name w:val="List Bullet 2"/></w:style>
"""
NUMBERING = """
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl>
 <w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1">
 <w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0A8;"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
"""


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, *, style: str = "", number: tuple[int, int] | None = None) -> str:
    listed = (
        f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>' if number else ""
    )
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{styled}{listed}</w:pPr>{runs}</w:p>"


def read(*paragraphs: str, **more: str) -> Notes:
    return read_notes(docx("".join(paragraphs), styles=STYLES, numbering=NUMBERING), filename="cr.docx")


def test_headings_in_any_language_by_inheritance_and_outline_level() -> None:
    notes = read(
        paragraph("Compte rendu", style="Titre"),
        paragraph("La halle", style="Titre1"),
        paragraph("Le toit", style="Point"),
        paragraph("Il fuit."),
        paragraph("Le budget", style="Rubrique"),
        paragraph("Rien de neuf."),
    )
    assert [line.level for line in notes.lines] == [1, 2, 3, 0, 2, 0]
    assert notes.lines[3].heading_path == ("Compte rendu", "La halle", "Le toit")
    assert notes.lines[5].heading_path == ("Compte rendu", "Le budget")
    assert [line.number for line in notes.lines] == [1, 2, 3, 4, 5, 6]


def test_lists_keep_their_depth_numbers_and_boxes() -> None:
    notes = read(
        paragraph("Outils", style="Lp", number=(1, 0)),
        paragraph("Scie", style="Lp", number=(1, 1)),
        paragraph("Rabot", style="Lb2"),
        paragraph("Louer la benne", style="Lp", number=(2, 0)),
        paragraph(
            '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr>'
            f"<w:sdtContent>{run('☒')}</w:sdtContent></w:sdt>{run(' Prévenir la mairie')}"
        ),
    )
    assert [(line.content, line.depth, line.ordered, line.checked) for line in notes.lines] == [
        ("Outils", 1, False, None),
        ("Scie", 2, True, None),
        ("Rabot", 2, False, None),
        ("Louer la benne", 1, False, False),
        ("Prévenir la mairie", 1, False, True),
    ]


def test_what_was_deleted_hidden_or_only_commented_is_no_part_of_the_notes() -> None:
    deleted = '<w:del w:id="1" w:author="L"><w:r><w:delText>On vend la scie. </w:delText></w:r></w:del>'
    moved = f'<w:moveFrom w:id="2" w:author="L">{run("On la déplace. ")}</w:moveFrom>'
    inserted = f'<w:ins w:id="3" w:author="L">{run("On garde la scie. ")}</w:ins>'
    comment = (
        '<w:commentRangeStart w:id="0"/><w:commentRangeEnd w:id="0"/>'
        '<w:r><w:commentReference w:id="0"/></w:r>'
    )
    notes = read_notes(
        docx(
            paragraph(
                deleted
                + moved
                + inserted
                + run("caché ", "<w:vanish/>")
                + run("blanc ", '<w:color w:val="FFFFFF"/>')
                + run("minuscule ", '<w:sz w:val="2"/>')
                + run("Visible.", '<w:vanish w:val="0"/>')
                + comment
            )
            + paragraph("1 La halle 3", style="TM1"),
            styles=STYLES,
            more={"word/comments.xml": "<x>secret</x>", "word/media/image1.png": b"\x89PNG" + bytes(1000)},
        ),
        filename="cr.docx",
    )
    assert [line.text for line in notes.lines] == ["On garde la scie. Visible."]


def test_tables_links_and_footnotes() -> None:
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in row) + "</w:tr>"
        for row in (("Qui", "Quoi"), ("Léa", "Affiche"))
    )
    link = f'<w:hyperlink r:id="rId3">{run("la page")}</w:hyperlink>'
    notes = read(f"<w:tbl>{cells}</w:tbl>", paragraph(run("Voir ") + link + run(".")))
    assert [(line.cells, line.header) for line in notes.lines[:2]] == [
        (("Qui", "Quoi"), True),
        (("Léa", "Affiche"), False),
    ]
    assert notes.lines[2].text == "Voir la page."


def test_white_text_stays_in_tables_whose_style_may_shade_them() -> None:
    white = run("Qui", '<w:color w:val="FFFFFF"/>')
    row = f"<w:tr><w:tc>{paragraph(white)}</w:tc><w:tc>{paragraph('Quoi')}</w:tc></w:tr>"
    assert read(f"<w:tbl>{row}</w:tbl>").lines[0].cells == ("Qui", "Quoi")


def test_a_transcript_of_teams_has_speakers_and_times() -> None:
    notes = read(
        *(
            paragraph(f"{run(name)}{run('   ' + time)}<w:r><w:br/></w:r>{run(said)}")
            for name, time, said in (
                ("Ferrand, Nadia", "0:03", "Bonjour à tous."),
                ("Omar Haddad", "0:07", "Bonjour."),
                ("Ferrand, Nadia", "1:02:11", "On commence."),
            )
        )
    )
    said = [(line.speaker, line.time, line.content) for line in notes.lines if line.kind is LineKind.TEXT]
    assert said == [
        ("Nadia Ferrand", "00:00:03", "Bonjour à tous."),
        ("Omar Haddad", "00:00:07", "Bonjour."),
        ("Nadia Ferrand", "01:02:11", "On commence."),
    ]


def test_the_title_of_the_properties_unless_it_is_none() -> None:
    core = (
        '<c:coreProperties xmlns:c="urn:c" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>{}</dc:title></c:coreProperties>"
    )
    for title, expected in (
        ("Réunion de mars", "Réunion de mars"),
        ("Microsoft Word - x.doc", ""),
        ("Document1", ""),
    ):
        notes = read_notes(
            docx(paragraph("Bonjour."), more={"docProps/core.xml": core.format(title)}), filename="a.docx"
        )
        assert notes.document_title == expected


def test_the_format_is_told_by_the_bytes_and_the_original_is_kept() -> None:
    data = docx(paragraph("Bonjour."))
    notes = read_notes(data, filename="notes.txt", media_type="application/octet-stream")
    assert notes.original == data
    assert notes.media_type.endswith("wordprocessingml.document")
    assert read_notes(data, media_type=notes.media_type).lines == notes.lines


def test_strict_open_xml_is_the_same_document() -> None:
    strict = docx(paragraph("La halle", style="Titre1") + paragraph("Elle ferme."), styles=STYLES)
    from io import BytesIO
    from zipfile import ZipFile

    from tests.office_documents import archive

    with ZipFile(BytesIO(strict)) as source:
        members: dict[str, str | bytes] = {
            name: source.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            for name in source.namelist()
        }
    notes = read_notes(archive(members), filename="a.docx")
    assert [(line.content, line.level) for line in notes.lines] == [("La halle", 1), ("Elle ferme.", 0)]
