"""Plain text out of pieces of wikitext: white space, and the words of a text too broken for a parser."""

import html
import re

SOFT_BREAK = "\ufdd0"
"""A line end inside a paragraph of wikitext: a space to the reader, unless a real break stands beside it."""

BULLET = "\ufdd1"
"""Begins a list item, until the text is tidied: a "-" that an author wrote is not taken for one."""

HARD_BREAK = "\ufdd2"
"""A line end that a tag stands for, in the middle of a text whose own line ends are soft."""

# Controls and noncharacters have no place in a page; a space of the same length keeps every offset right.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufdd0-\ufdef]")
_BREAKS = re.compile(rf"[ {SOFT_BREAK}]*\n[ \n{SOFT_BREAK}]*")
_BLANKS = re.compile(r"[ \t\u00a0\u2007\u202f]+")
_SOFT = re.compile(rf" ?{SOFT_BREAK}[ {SOFT_BREAK}]*")
_EMPTY_ITEM = re.compile(rf"^{BULLET} ?(?:\n|\Z)", re.MULTILINE)
_SWITCHES = (
    "NOTOC|FORCETOC|TOC|NOEDITSECTION|NEWSECTIONLINK|NONEWSECTIONLINK|NOGALLERY|HIDDENCAT|EXPECTUNUSEDCATEGORY"
    "|NOCONTENTCONVERT|NOCC|NOTITLECONVERT|NOTC|INDEX|NOINDEX|STATICREDIRECT|DISAMBIG"
    "|AUCUNSOMMAIRE|AUCUNETDM|FORCERSOMMAIRE|FORCERTDM|SOMMAIRE|TDM|SECTIONNONEDITABLE|LIENNOUVELLESECTION"
    "|AUCUNLIENNOUVELLESECTION|AUCUNEGALERIE|CATCACHEE|SANSCONVERSIONCONTENU|SANSCC|SANSCONVERSIONTITRE|SANSCT"
    "|AUCUNINDEX|REDIRECTIONSTATIQUE"
)
SWITCH = re.compile(rf"__(?:{_SWITCHES})__", re.IGNORECASE)
"""The behaviour switches of MediaWiki in English and French, such as `__NOTOC__`."""


def without_controls(wikitext: str) -> str:
    """Return the text with every control character but tab and line feed replaced by a space."""
    return _CONTROLS.sub(" ", wikitext)


def tidy(text: str) -> str:
    """Return a text with single spaces, and at most one empty line between two paragraphs."""
    return _spaced(text).replace(BULLET, "-")


def _spaced(text: str) -> str:
    text = _BLANKS.sub(" ", text.replace(HARD_BREAK, "\n"))
    text = _BREAKS.sub(lambda found: "\n\n" if found.group().count("\n") > 1 else "\n", text)
    text = _SOFT.sub(" ", text)
    return _EMPTY_ITEM.sub("", text).strip()


def on_one_line(text: str) -> str:
    """Return a rendered text as one line; its list items and lines are separated by "; "."""
    lines = [line.replace(BULLET, "").strip() for line in _spaced(text).split("\n")]
    return "; ".join(line for line in lines if line)


_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_LINK = re.compile(r"\[\[(?:[^\[\]|\n]{0,300}\|)?([^\[\]|\n]{0,300})\]\]")
_MARKS = re.compile(r"\{\{+|\}\}+|\{\||\|\}|\[\[|\]\]|'{2,}|^[*#:;]+|^\|-.*$", re.MULTILINE)


def strip_markup(wikitext: str) -> str:
    """Return a readable text of wikitext too broken for a parser: what looks like markup is taken away."""
    text = _TAG.sub(" ", _without_comments(wikitext))
    text = _LINK.sub(r"\1", text)
    text = SWITCH.sub("", _MARKS.sub(" ", text))
    return tidy(html.unescape(text))


def _without_comments(wikitext: str) -> str:
    kept = []
    position = 0
    while (start := wikitext.find("<!--", position)) >= 0 and (end := wikitext.find("-->", start)) >= 0:
        kept.append(wikitext[position:start])
        position = end + len("-->")
    return "".join([*kept, wikitext[position:]])
