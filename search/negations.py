"""How often a French or English text denies something."""

import re

from search.words import fold

# On folded text, without what only looks like a negation.
_NO_NEGATION = re.compile(
    r"\b(?:not only|non seulement|pas seulement|pas a pas|(?:un|le|les|des|premiers?|ce) pas|no\. ?\d"
    r"|whether or not|n'importe|n'hesitez pas|do not hesitate|don't hesitate|ne \w+ que)\b"
)
# "Aucun outil ne sort" denies once.
_NONE_BEFORE_NE = re.compile(r"\b(?:aucune?|nulle?|jamais|ni) (?:[\w'-]+ ){1,6}?(?:ne |n')")
_FRENCH_NE = re.compile(
    r"\b(?:ne |n')(?:\w+[ -]+|\w+'){0,5}?(?:pas|plus|jamais|rien|aucune?|personne|point|guere|ni|nulle?)\b"
)
_NEGATION = re.compile(
    r"\b(?:not|cannot|never|no|none|nobody|nothing|nowhere|without|neither|nor|avoid\w*|forbid\w*|prohibit\w*"
    r"|impossible|unable|refus\w*|reject\w*|rejet\w*|pas|jamais|aucune?|sans|ni|interdi\w*|defendue?s?|deconseill\w*|evite[rsz]?"
    r"|evitons|ne|plus besoin)\b|n't\b"
)


def negations(text: str) -> int:
    """Return how often a French or English text denies something; two in one clause affirm."""
    line = " ".join(fold(text.lower()).replace("’", "'").split())
    line = _NO_NEGATION.sub(" ", line)
    line, none = _NONE_BEFORE_NE.subn(" ", line)
    line, count = _FRENCH_NE.subn(" ", line)
    return none + count + len(_NEGATION.findall(line))
