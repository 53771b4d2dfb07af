"""What a browser makes of an element's styles: whether its text is seen, and whether it is bold.

Only what programs write into what people paste is understood: `style` attributes, and rules of `<style>` for
one class (`.c3 {...}`, `p.c3 {...}`), as Google Docs exports them.
"""

import re
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup, Tag

from capture.lines import word_set

_GONE = word_set(
    """
    script style head title template noscript iframe object embed svg math canvas audio video select
    option button textarea datalist map meta link xml
    """
)
_MAX_SHEET = 300_000
_SELECTOR = re.compile(r"^([a-z][a-z0-9]*)?\.([\w-]{1,80})$", re.I)
_ZERO = re.compile(r"^[+-]?0*(?:\.0*)?(?:px|pt|em|rem|%|cm|in|mm)?$")
_TINY = re.compile(r"^(?:0*\.\d+|0*1(?:\.0*)?)(?:px|pt)$")
_FAR_AWAY = re.compile(r"^-\d{3,}(?:\.\d+)?(?:px|pt|em|rem)?$")
_WHITE = re.compile(
    r"^(?:white|window|#fff(?:f(?:ff)?)?|#ffffff(?:ff)?|rgba?\(\s*255\s*[, ]\s*255\s*[, ]\s*255\b.*\))$"
)
_CLEAR = re.compile(r"^(?:transparent|rgba?\([^()]*[,/]\s*0(?:\.0+)?%?\s*\))$")
_NO_COLOUR = re.compile(r"^(?:inherit|initial|unset|none|auto|currentcolor|windowtext)?$")
_IMPORTANT = re.compile(r"\s*!\s*important\s*$")


@dataclass(frozen=True, slots=True)
class Ink:
    """How the text of an element is drawn; what an element inherits from those around it."""

    white: bool = False
    shaded: bool = False
    """Whether something other than white lies behind it."""
    clear: bool = False
    tiny: bool = False
    invisible: bool = False

    @property
    def seen(self) -> bool:
        """Whether a reader sees the text."""
        return not (self.clear or self.tiny or self.invisible or (self.white and not self.shaded))


class Styles:
    """The styles of a document's elements."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self._rules: dict[tuple[str, str], dict[str, str]] = {}
        for sheet in soup.find_all("style"):
            self._read_sheet(sheet.get_text()[:_MAX_SHEET])
        self._known: dict[tuple[str, str, str], dict[str, str]] = {}

    def of(self, tag: Tag) -> dict[str, str]:
        """Return the properties that an element's classes and its own style set, in lower case."""
        own = str(tag.get("style") or "")
        classes = " ".join(str(value) for value in tag.get_attribute_list("class") if value)
        if not own and not (classes and self._rules):
            return {}
        key = (tag.name, classes, own)
        known = self._known.get(key)
        if known is None:
            known = {}
            for name in classes.split():
                known.update(self._rules.get(("", name), {}))
                known.update(self._rules.get((tag.name, name), {}))
            known.update(_declarations(own))
            self._known[key] = known
        return known

    def _read_sheet(self, sheet: str) -> None:
        depth = 0
        selectors = ""
        for piece in re.split(r"([{}])", _without_comments(sheet)):
            if piece == "{":
                depth += 1
            elif piece == "}":
                depth = max(depth - 1, 0)
            elif depth == 0:
                selectors = piece
            elif depth == 1 and "@" not in selectors:  # inside @media stands what a screen may not show
                found = _declarations(piece)
                for selector in selectors.split(","):
                    met = _SELECTOR.match(selector.strip())
                    if met:
                        place = ((met.group(1) or "").lower(), met.group(2))
                        self._rules.setdefault(place, {}).update(found)

    def gone(self, tag: Tag) -> bool:
        """Whether a browser shows nothing of an element, whatever stands in it."""
        if tag.name in _GONE or tag.has_attr("hidden"):
            return True
        if tag.name == "input" and str(tag.get("type", "")).lower() != "checkbox":
            return True
        if tag.name == "del" and (tag.has_attr("cite") or tag.has_attr("datetime")):
            return True  # deleted in Word while changes were tracked
        style = self.of(tag)
        if not style:
            return False
        if style.get("display") == "none" or style.get("mso-hide") == "all":
            return True
        if style.get("mso-element", "") in ("comment-list", "comment", "header", "footer"):
            return True
        if _ZERO.match(style.get("opacity", "1")):
            return True
        clipped = style.get("overflow", "") in ("hidden", "clip")
        sizes = (style.get(name, "auto") for name in ("width", "height", "max-width", "max-height"))
        if clipped and any(_ZERO.match(size) or _TINY.match(size) for size in sizes):
            return True
        placed = style.get("position") in ("absolute", "fixed")
        if placed and any(_FAR_AWAY.match(style.get(side, "")) for side in ("left", "top", "right")):
            return True
        return bool(_FAR_AWAY.match(style.get("text-indent", "")))

    def ink(self, tag: Tag, around: Ink) -> Ink:
        """Return how an element's text is drawn, inside what is drawn around it."""
        style = self.of(tag)
        colour = style.get("color") or str(tag.get("color") or "").strip().lower()
        behind = style.get("background-color") or style.get("background") or ""
        behind = behind or str(tag.get("bgcolor") or "").strip().lower()
        if not (style or colour or behind):
            return around
        ink = around
        if not _NO_COLOUR.match(colour):
            ink = replace(ink, white=bool(_WHITE.match(colour)), clear=bool(_CLEAR.match(colour)))
        if not _NO_COLOUR.match(behind) and not _CLEAR.match(behind):
            ink = replace(ink, shaded=not _WHITE.match(behind))
        size = style.get("font-size", "")
        if size and size not in ("inherit", "unset") and not size.endswith(("%", "em")):
            ink = replace(ink, tiny=bool(_ZERO.match(size) or _TINY.match(size)))
        elif size and _ZERO.match(size):
            ink = replace(ink, tiny=True)
        shown = style.get("visibility", "")
        if shown in ("hidden", "collapse", "visible"):
            ink = replace(ink, invisible=shown != "visible")
        return ink

    def strong(self, tag: Tag, around: bool) -> bool:
        """Whether an element's text is bold, inside text that is or is not."""
        weight = self.of(tag).get("font-weight", "")
        if weight in ("bold", "bolder") or re.fullmatch(r"[6-9]00", weight):
            return True
        if weight == "normal" or re.fullmatch(r"[1-5]00", weight):
            return False  # Google Docs wraps whole documents in <b style="font-weight:normal">
        return around or tag.name in ("b", "strong", "dt")


def _without_comments(sheet: str) -> str:
    # Not by a pattern: many openings without an end would take minutes. Word wraps its rules in "<!-- -->".
    pieces = sheet.replace("<!--", "").replace("-->", "").split("/*")
    return pieces[0] + "".join(piece.partition("*/")[2] for piece in pieces[1:])


def _declarations(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for declaration in text.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip().lower()] = _IMPORTANT.sub("", value.strip().lower())
    return found
