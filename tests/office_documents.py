"""Word and OpenDocument files written from the XML that a test gives."""

import io
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
ODF = " ".join(
    f'xmlns:{prefix}="{_OASIS}:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
        ("form", "form"),
        ("fo", "xsl-fo-compatible"),
    )
)


def archive(members: dict[str, str | bytes], *, compressed: bool = True) -> bytes:
    """Return a ZIP of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return stream.getvalue()


def docx_members(
    body: str, *, styles: str = "", numbering: str = "", more: dict[str, str | bytes] | None = None
) -> dict[str, str | bytes]:
    """Return the members of a Word document with this body."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATIONS}/numbering" Target="numbering.xml"/>'
        f'<Relationship Id="rId3" Type="{_RELATIONS}/hyperlink" Target="https://halle.example" '
        'TargetMode="External"/></Relationships>',
        "word/document.xml": f"<w:document {W} {W14} {R}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {W}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {W}>{numbering}</w:numbering>",
        **(more or {}),
    }


def docx(
    body: str, *, styles: str = "", numbering: str = "", more: dict[str, str | bytes] | None = None
) -> bytes:
    """Return a Word document with this body."""
    return archive(docx_members(body, styles=styles, numbering=numbering, more=more))


def odt(body: str, *, styles: str = "", more: dict[str, str | bytes] | None = None) -> bytes:
    """Return an OpenDocument text with this body."""
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {ODF}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0"/>',
            **(more or {}),
        }
    )
