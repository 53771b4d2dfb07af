"""What a reader sees of a template call, told from its parameters alone."""

import re
from collections.abc import Sequence

from connector.wikitext.plain import on_one_line, tidy

TEMPLATE_CHARACTERS = {"!": "|", "=": "=", "!!": "||", "!-": "|-", "(": "{", ")": "}", "((": "{{", "))": "}}"}
"""Templates that stand for characters which a template's parameter cannot hold."""

# Magic words without a parameter (MagicWordFactory.php; the French ones from MessagesFr.php).
_VARIABLE = re.compile(
    r"(?:CURRENT|LOCAL|REVISION|NUMBEROF)[A-Z0-9]+|(?:FULL|BASE|SUB|ROOT|TALK|SUBJECT|ARTICLE)?PAGENAMEE?|SITENAME"
    r"|(?:TALK|SUBJECT|ARTICLE)SPACEE?|NAMESPACE(?:E|NUMBER)?|PAGEID|SERVER(?:NAME)?|SCRIPTPATH|STYLEPATH"
    r"|ARTICLEPATH|CONTENTLANG(?:UAGE)?|PAGELANGUAGE|DIRMARK|DIRECTIONMARK|NOEXTERNALLANGLINKS"
    r"|NOM(?:PAGE|SITE|BASEDEPAGE|SOUSPAGE|SERVEUR)[A-Z]*|NOMBRE[A-Z]+|SERVEUR|ESPACEN[A-Z]*"
    r"|(?:JOUR|JOUR[12]|MOIS|MOIS[12]|NOMMOIS|NOMJOUR|ANNEE|HORAIRE|HEURE|SEMAINE|INSTANT|UTILISATEUR)"
    r"(?:ACTUELL?E?|LOCALE?|VERSION)"
)
# Magic words with a parameter.
_FUNCTION = re.compile(
    r"#|(?:DEFAULTSORT|DEFAULTSORTKEY|CLEDETRI|CLEFDETRI|DISPLAYTITLE|AFFICHERTITRE|PAGENAME|FULLPAGENAME|NAMESPACE"
    r"|INT|NS|LC|UC|LCFIRST|UCFIRST|URLENCODE|LOCALURL|FULLURL|CANONICALURL|FILEPATH|FORMATNUM|PLURAL|GRAMMAR"
    r"|GENDER|PADLEFT|PADRIGHT|ANCHORENCODE|SUBST|SAFESUBST|MSG|MSGNW|RAW|NUMBEROF\w*|PAGESIN\w*|TAG)\s*:",
    re.IGNORECASE,
)
_LAYOUT_LABEL = re.compile(
    r"(?:.*[ _-])?(?:style|class|classe|width|largeur|height|hauteur|align|color|colour|couleur|bgcolor"
    r"|background|fond|image|logo|photo|icon|ic[oô]ne|id|size|taille|float|border|cell\w*|col\w*|rows?|padding|margin"
    r"|name ?space|lang|dir)\d*\Z",
    re.IGNORECASE,
)
_NOT_WORDS = re.compile(
    r"(?:(?:https?|ftp):\S*|//\S*|[^\n]*\.(?:png|jpe?g|svg|gif|webp|pdf|ogg|ogv|mp4|webm)|\d+ ?(?:px|em|pt)"
    r"|yes|no|oui|non|true|false|on|off|none)\Z",
    re.IGNORECASE,
)
_MAX_LABEL = 60
_NAVIGATION = re.compile(r"(?:nav ?box|palette|navigation|portal|portail)\b", re.IGNORECASE)


def is_function(name: str) -> bool:
    """Tell whether `{{name ...}}` calls the parser itself and not a template."""
    return _FUNCTION.match(name) is not None or _VARIABLE.fullmatch(name) is not None


def is_navigation(name: str) -> bool:
    """Tell whether a template of this name shows a box of links to other pages, no text of its page."""
    return _NAVIGATION.match(name) is not None


def template_text(parameters: Sequence[tuple[str | None, str]], *, alone: bool) -> str:
    """Return the readable values of a template call.

    A call that stands alone on its line (an information box, a notice) gives its named values as
    "label: value" lines and its unnamed ones as paragraphs, when they are words and not file names, sizes or
    switches. Inside a sentence it gives its last unnamed value, as `{{lang|en|feedback}}` shows "feedback",
    and without any its named ones (`{{cite web|title=...|author=...}}`).

    Args:
        parameters: name (None when unnamed) and rendered value, in order.
        alone: whether the call has its lines for itself.
    """
    if not alone:
        shown = [on_one_line(text) for label, text in parameters if label is None]
        shown = [text for text in shown if _says_something(text)]
        return shown[-1] if shown else ", ".join(_named_values(parameters).values())
    values = [tidy(text) for label, text in parameters if label is None]
    lines = [value for value in values if _has_words(value) and " " in value]
    for name, value in _named_values(parameters).items():
        lines.append(value if name.isdigit() else f"{name}: {value}")
    return "\n\n" + "\n".join(lines) + "\n\n" if lines else ""


def _named_values(parameters: Sequence[tuple[str | None, str]]) -> dict[str, str]:
    """Return the named values that say something to a reader, on one line each."""
    values: dict[str, str] = {}
    for label, text in parameters:
        if label is None:
            continue
        name, value = on_one_line(label.replace("_", " ")), on_one_line(text)
        if name and len(name) <= _MAX_LABEL and not _LAYOUT_LABEL.match(name) and _says_something(value):
            values[name] = value  # a later one of the same name wins, as on the wiki
    return values


def _says_something(text: str) -> bool:
    """Tell whether a value holds words or a number (a date, a count), and is no file name, size or switch."""
    return any(character.isalnum() for character in text) and not _NOT_WORDS.match(text)


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in text) and not _NOT_WORDS.match(text)
