"""Addresses and markup that a text brings in and its source does not hold."""

import re

_LINK = re.compile(
    r"(?:https?|ftp|javascript|data|mailto):\S+|\bwww\.\S+|\b[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b(?:[\w-]+\.)+[a-z]{2,}\b(?:/\S*)?",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[a-zA-Z!][^>]*>?|\[\[|\]\]|\{\{|\}\}|\]\(|!\[|&(?:#\d+|\w+);|<<<|>>>|```")


def foreign_marks(sentence: str, source: str) -> bool:
    """Whether a sentence holds an address or markup that its source does not."""
    lowered = source.casefold()
    marks = (*(m[0].rstrip(".,;:!?)") for m in _LINK.finditer(sentence)), *_MARKUP.findall(sentence))
    return any(mark.casefold() not in lowered for mark in marks)
