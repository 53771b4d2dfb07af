"""Office documents as the archives of XML that they are, opened so that none of them does harm.

What is bounded: the bytes that an archive unpacks to, its number of members, and how deep and how many the
elements of its XML are. What is refused: document type definitions (entity bombs, references to other files),
encryption and macros. Pictures and what else a document embeds are never unpacked.
"""

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from connector.errors import UnreadableNotesError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_UNPACKED_BYTES = 12_000_000
"""The most XML of a document that is read: some 2,000 pages."""
_MAX_MEMBERS = 5_000
_MAX_ELEMENTS = 150_000
_MAX_DEPTH = 120
"""Nested tables and text boxes of real documents reach some 60."""
_ENCRYPTED = 0x1
# An Office document with a password is an old-style container around the encrypted archive ([MS-OFFCRYPTO]).
_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD = "The document is protected by a password: save it without, or paste its text."  # noqa: S105
_DAMAGED = "The document is damaged and cannot be read: save it again, or paste its text."
_TOO_LARGE = (
    "The document unpacks to more than can be read: notes of a meeting are smaller. "
    "Split it by meeting, or paste its text."
)
_MACROS = "The document holds macros, which notes have no use for: save it without them, or paste its text."


def read_members(data: bytes, *, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Unpack the wanted members of an office document.

    Args:
        data: The document's bytes.
        wanted: Says by its name whether a member is read; the others are not unpacked.

    Returns:
        The members' bytes by name.

    Raises:
        UnreadableNotesError: When the archive is damaged, encrypted, holds macros, or unpacks to too much.
    """
    if data.startswith(_CONTAINER):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableNotesError(_PASSWORD)
        raise UnreadableNotesError(
            "The file is an old office document (.doc, .xls): save it as .docx or .odt, or paste its text."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpacked(archive, wanted)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,  # a compression or version that no office suite uses
        RuntimeError,  # encrypted all the same
        ValueError,
        LookupError,
        OverflowError,
        OSError,
    ) as error:
        raise UnreadableNotesError(_DAMAGED) from error


def _unpacked(archive: zipfile.ZipFile, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS:
        raise UnreadableNotesError(_TOO_LARGE)
    if any(_is_macro(member.filename) for member in members):
        raise UnreadableNotesError(_MACROS)
    chosen = [member for member in members if wanted(member.filename)]
    if any(member.flag_bits & _ENCRYPTED for member in chosen):
        raise UnreadableNotesError(_PASSWORD)
    left = MAX_UNPACKED_BYTES
    result: dict[str, bytes] = {}
    for member in chosen:
        with archive.open(member) as stream:
            # What the archive says of its sizes is not believed.
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise UnreadableNotesError(_TOO_LARGE)
        result[member.filename] = content
    return result


def _is_macro(name: str) -> bool:
    lowered = name.lower()
    if lowered.endswith("vbaproject.bin"):
        return True
    # OpenDocument: Basic/Standard/Module1.xml; an empty library leaves its index files alone.
    return lowered.startswith(("basic/", "scripts/")) and not lowered.endswith(
        ("/", "script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml")
    )


def parse_xml(content: bytes) -> "Element":
    """Parse the XML of a document.

    Raises:
        UnreadableNotesError: When it is not well-formed, has a document type definition, or is nested or
            filled beyond what documents are.
    """
    from xml.etree.ElementTree import ParseError, TreeBuilder

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    class Bounded(TreeBuilder):
        """Builds the tree while it stays within bounds."""

        def __init__(self) -> None:
            super().__init__()
            self.depth = self.count = 0

        def start(self, tag: str, attrs: dict[str, str], /) -> "Element":
            self.depth += 1
            self.count += 1
            if self.depth > _MAX_DEPTH or self.count > _MAX_ELEMENTS:
                raise UnreadableNotesError(_TOO_LARGE)
            return super().start(tag, attrs)

        def end(self, tag: str, /) -> "Element":
            self.depth -= 1
            return super().end(tag)

    parser = DefusedXMLParser(target=Bounded(), forbid_dtd=True)
    try:
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise UnreadableNotesError(
            "The document defines entities, which no office suite does: it is not read. Paste its text."
        ) from error
    except (ParseError, LookupError, ValueError, AssertionError) as error:
        raise UnreadableNotesError(_DAMAGED) from error
    return root


def packed(members: dict[str, bytes]) -> io.BytesIO:
    """Return an archive of these members, without compression."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def office_format(data: bytes) -> str | None:
    """Tell by its members what an archive is: "docx", "odt", or None for another."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:_MAX_MEMBERS]
    except (
        zipfile.BadZipFile,
        ValueError,
        LookupError,
        OverflowError,
        EOFError,
        OSError,
        NotImplementedError,
    ):
        return None
    if "word/document.xml" in names:
        return "docx"
    if "content.xml" in names and ("META-INF/manifest.xml" in names or "mimetype" in names):
        return "odt"
    return None
