"""Turns any text into wikitext that shows it and does nothing else.

Characters that can start, join or end markup become HTML entities, which MediaWiki shows as the character and
never reads as markup. What cannot do harm in its place stays as it is, so that an editor can still read the
text: letters, digits, spaces, `. , ? - ( ) / ! %`, an apostrophe inside a word and a colon before a space.
"""

import re
import unicodedata

# C0 and C1 controls, and U+007F, with which MediaWiki marks its own strip markers; the noncharacters and the
# replacement character cannot be saved.
_UNSAVABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff]")
# What MediaWiki replaces in any text that it receives (UtfNormal\\Validator::cleanUp).
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# No-break spaces stay: French puts them before "?" and inside « ».
_SPACES = re.compile(r"[ \t\n\v\f\r\x85\u2028\u2029]+")
_ALWAYS = frozenset('"#$&*+;<=>@[\\]^_`{|}~')
# "RFC 2324", "PMID 1" and "ISBN 978..." are links on wikis with $wgEnableMagicLinks; the space joins them.
_MAGIC_LINK = re.compile(r"\b(RFC|PMID|ISBN)[^\S\n]+(?=[0-9])")
_MAX_SUMMARY = 400
_JOINER = "\u2060"


def storable(text: str) -> str:
    """Return a text as a wiki stores it: in NFC, without the characters that it refuses."""
    return unicodedata.normalize("NFC", _UNSAVABLE.sub("", text))


def as_saved(text: str) -> str:
    """Return a text as a wiki has it once it was saved, of which it is then the checksum.

    It replaces what is no text, ends lines by a line feed, composes (NFC) and takes the white space off the
    end (TextContent::normalizeLineEndings). Signatures and `subst:` that it would expand are not looked for.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _NOT_TEXT.sub("\ufffd", lines)).rstrip(" \t\n\r\0\v")


def one_line(text: str) -> str:
    """Return a storable text on one line: runs of spaces and line ends become one space."""
    return _SPACES.sub(" ", storable(text)).strip()


def escape(text: str) -> str:
    """Return wikitext that looks like `text` to a reader and holds no markup, whatever `text` is.

    The result stands on one line, so it can be put in a list item, a template's parameter, a table cell or a
    heading. It may not be put inside an HTML attribute or an edit summary (see `escape_summary`).
    """
    line = one_line(text)
    if not line:
        return ""
    pieces = [_escaped(line, index) for index in range(len(line))]
    return _MAGIC_LINK.sub(r"\1&#32;", "".join(pieces))


def _escaped(line: str, index: int) -> str:
    character = line[index]
    before = line[index - 1] if index else ""
    after = line[index + 1] if index + 1 < len(line) else ""
    if character == "'":
        safe = before.isalnum() and after.isalnum()  # two of them in a row are italics
    elif character == ":":
        safe = bool(before) and after == " "  # else an address may begin here, or an indented line
    elif character in "-!":
        safe = bool(before) and before not in "-!" and after not in "-!"  # "----" and "!!" are markup
    else:
        safe = character not in _ALWAYS
    return character if safe else f"&#{ord(character)};"


def escape_summary(text: str) -> str:
    """Return an edit summary that shows `text` and links to nothing.

    MediaWiki reads links (`[[ ]]`), section marks (`/* */`) and entities in a summary, and nothing else; it
    decodes entities before it looks for links, so an invisible character (U+2060, word joiner) stands between
    what must not meet. It cuts off what is longer than 500 characters.
    """
    line = one_line(text)
    if len(line) > _MAX_SUMMARY:
        line = line[: _MAX_SUMMARY - 1].rstrip() + "…"
    line = re.sub(r"&(?=#?\w+;)", "&amp;", line)
    return re.sub(r"\[(?=\[)|/(?=\*)", lambda found: found.group() + _JOINER, line)
