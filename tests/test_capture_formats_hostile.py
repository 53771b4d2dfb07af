"""Files that are broken, or made to do harm: one clear error, whatever they hold."""

import struct
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from capture.formats.archives import MAX_UNPACKED_BYTES
from capture.notes import read_notes
from connector.errors import UnreadableNotesError
from tests.office_documents import ODF, W, archive, docx, docx_members, odt

PARAGRAPH = "<w:p><w:r><w:t>Bonjour.</w:t></w:r></w:p>"
ENDINGS = ("docx", "odt", "eml", "rst", "html", "vtt", "srt", "md", "txt", "log", "xyz")


def refused(data: bytes, filename: str) -> str:
    with pytest.raises(UnreadableNotesError) as caught:
        read_notes(data, filename=filename)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = docx(PARAGRAPH, more={"word/styles.xml": b" " * 200_000_000})
    assert len(bomb) < 2_000_000
    tracemalloc.start()
    try:
        assert "unpacks to more than can be read" in refused(bomb, "a.docx")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * MAX_UNPACKED_BYTES


def test_sizes_that_lie_are_not_believed() -> None:
    data = bytearray(docx(PARAGRAPH, more={"word/styles.xml": b" " * 50_000_000}))
    place = data.rindex(b"word/styles.xml")  # in the central directory
    struct.pack_into("<I", data, place - 46 + 24, 10)  # its unpacked size
    refused(bytes(data), "a.docx")


def test_many_members_are_not_read() -> None:
    assert "more than can be read" in refused(
        archive({**docx_members(PARAGRAPH), **{f"word/media/{n}": b"" for n in range(6_000)}}), "a.docx"
    )


def test_large_pictures_are_not_unpacked() -> None:
    data = docx(PARAGRAPH, more={"word/media/image1.png": b"\x00" * 100_000_000})
    tracemalloc.start()
    try:
        assert read_notes(data, filename="a.docx").lines[0].text == "Bonjour."
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000


@pytest.mark.parametrize(
    "definition",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_are_refused(definition: str) -> None:
    word = docx(PARAGRAPH, more={"word/document.xml": f"{definition}<w:document {W}/>"})
    assert "defines entities" in refused(word, "a.docx")
    text = odt("", more={"content.xml": f"{definition}<office:document-content {ODF}/>"})
    assert "defines entities" in refused(text, "a.odt")


def test_deep_nesting_is_refused() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 3_000 + PARAGRAPH + "</w:tc></w:tr></w:tbl>" * 3_000
    refused(docx(deep), "a.docx")
    refused(odt("<text:section>" * 5_000 + "x" + "</text:section>" * 5_000), "a.odt")


def test_many_elements_are_refused() -> None:
    assert "more than can be read" in refused(docx("<w:p/>" * 400_000), "a.docx")


def test_nothing_outside_of_the_document_is_read(tmp_path: object) -> None:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    picture = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        'wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        '<pic:blipFill><a:blip r:link="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline>"
        "</w:drawing></w:r></w:p>"
    )
    more: dict[str, str | bytes] = {
        "word/_rels/document.xml.rels": "<Relationships "
        'xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="rId9" Type="{relation}/image" Target="file:///etc/hostname" '
        'TargetMode="External"/></Relationships>'
    }
    notes = read_notes(docx(picture + PARAGRAPH, more=more), filename="a.docx")
    assert [line.text for line in notes.lines] == ["Bonjour."]


def test_macros_are_refused() -> None:
    assert "macros" in refused(docx(PARAGRAPH, more={"word/vbaProject.bin": b"x"}), "a.docm")
    assert "macros" in refused(odt("", more={"Basic/Standard/Module1.xml": "<x/>"}), "a.odt")
    assert read_notes(
        odt("<text:p>Bonjour.</text:p>", more={"Basic/script-lc.xml": "<x/>"}), filename="a.odt"
    ).lines


def test_a_password_is_named() -> None:
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    assert "password" in refused(container + "EncryptedPackage".encode("utf-16-le"), "a.docx")
    assert ".docx or .odt" in refused(container, "a.doc")
    data = bytearray(docx(PARAGRAPH))
    for name in (b"word/document.xml",):
        struct.pack_into("<H", data, data.rindex(name) - 46 + 8, 1)  # says it is encrypted
    assert "password" in refused(bytes(data), "a.docx")


@pytest.mark.parametrize(
    ("data", "filename", "said"),
    [
        (b"PK\x03\x04" + bytes(40), "a.docx", "damaged"),
        (docx(PARAGRAPH)[:-60], "a.docx", "damaged"),
        (b"Bonjour.", "a.docx", "damaged"),
        (archive({"a.txt": "Bonjour."}), "a.docx", "no Word document"),
        (archive({"a.txt": "Bonjour."}), "a.odt", "no OpenDocument"),
        (archive({"a.txt": "Bonjour."}), "a.zip", "an archive"),
        (archive({"xl/workbook.xml": "<x/>"}), "a.xlsx", "office document of another kind"),
        (docx("<w:p><w:unclosed></w:p>"), "a.docx", "damaged"),
        (docx(PARAGRAPH, more={"word/document.xml": "<w:document/>"}), "a.docx", "damaged"),
        (docx(""), "a.docx", "no text that a reader would see"),
        (odt(""), "a.odt", "no text that a reader would see"),
        (b"Subject: x\r\n\r\n", "a.eml", "no text that can be read"),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, filename: str, said: str) -> None:
    assert said in refused(data, filename)


@given(data=st.binary(max_size=400), ending=st.sampled_from(ENDINGS))
@example(data=b"\xff\xfe\x00\xd8", ending="eml")
@example(data=b"Content-Type: text/plain; charset=idna\n\n\xff", ending="eml")
@example(data=b"Subject: =?undefined?b?//8=?=\n\nx", ending="eml")
@example(data=b"Content-Type: text/plain; charset*=x'y'%ff\n\nx", ending="eml")
@settings(max_examples=600, deadline=None)
def test_bytes_at_random_are_read_or_refused(data: bytes, ending: str) -> None:
    try:
        notes = read_notes(data, filename=f"a.{ending}")
    except UnreadableNotesError:
        return
    assert [line.number for line in notes.lines] == list(range(1, notes.line_count + 1))


_WORD = docx(PARAGRAPH * 3)
_TEXT = odt("<text:p>Bonjour.</text:p>")


@given(
    place=st.integers(min_value=0, max_value=len(_WORD) - 1), value=st.integers(0, 255), office=st.booleans()
)
@settings(max_examples=300, deadline=None)
def test_a_byte_that_is_wrong_never_crashes_a_reader(place: int, value: int, office: bool) -> None:
    data = bytearray(_WORD if office else _TEXT)
    data[place % len(data)] = value
    try:
        read_notes(bytes(data), filename="a.docx" if office else "a.odt")
    except UnreadableNotesError:
        return


_PIECES = st.lists(
    st.sampled_from(
        [
            "<w:p>", "</w:p>", "<w:r>", "</w:r>", "<w:t>x</w:t>", "<w:pPr>", "</w:pPr>", "<w:tbl>",
            "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>",
            "</w:tc>", "<w:fldChar w:fldCharType='end'/>", "<w:sym/>",
            "<w:numPr><w:numId w:val='9'/></w:numPr>", "<w:hyperlink r:id='rId77'>", "</w:hyperlink>",
            "<w:footnoteReference w:id='5'/>", "<w:fldChar w:fldCharType='begin'/>", "<w:sdt/>",
            "<w:drawing/>",
            "<w:instrText>HYPERLINK \"</w:instrText>", "<w:pStyle/>", "<w:br w:type='x'/>", "<w:outlineLvl/>",
            "<w:gridSpan w:val='x'/>", "<w:tcPr><w:gridSpan w:val='x'/></w:tcPr>", "<w:bookmarkStart/>",
            "<w:sz w:val='-'/>", "<w:ilvl w:val='99999999999999'/>", "<w:pict/>", "<w:object/>", "<w:ins/>",
        ]
    ),
    max_size=12,
)  # fmt: skip


@given(pieces=_PIECES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_markup_at_random_never_crashes_the_reader_of_word(pieces: list[str]) -> None:
    closed: list[str] = []
    body = ""
    for piece in pieces:  # balanced, so that it reaches mammoth
        if piece.startswith("</"):
            if not closed or closed[-1] != piece:
                continue
            closed.pop()
        elif not piece.endswith("/>") and "</" not in piece:
            closed.append(f"</{piece[1:].split()[0].rstrip('>')}>")
        body += piece
    data = docx(body + "".join(reversed(closed)))
    try:
        read_notes(data, filename="a.docx")
    except UnreadableNotesError:
        return


def test_the_archive_in_the_archive_is_left_alone() -> None:
    inner = archive({"word/document.xml": b"x"})
    with zipfile.ZipFile(BytesIO(docx(PARAGRAPH, more={"word/embeddings/a.docx": inner}))) as source:
        assert "word/embeddings/a.docx" in source.namelist()
    notes = read_notes(docx(PARAGRAPH, more={"word/embeddings/a.docx": inner}), filename="a.docx")
    assert [line.text for line in notes.lines] == ["Bonjour."]
