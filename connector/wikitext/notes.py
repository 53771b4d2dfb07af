"""A page's notes: what stands between `<ref>` and `</ref>`, shown where `<references />` stands.

As the extension Cite shows them (https://www.mediawiki.org/wiki/Help:Cite): a list a group, each named note
once, and what was listed nowhere at the end of the page.
"""

from collections.abc import Mapping

from connector.wikitext.plain import BULLET

# Templates that list the notes, on the wikis that took them from Wikipedia in English or French.
_LISTING_TEMPLATES = frozenset(
    ["reflist", "references", "refs", "notelist", "notes", "références", "références nombreuses"]
)


def lists_notes(template: str) -> bool:
    """Tell whether a template of this name lists the page's notes."""
    return template.replace("_", " ").lower() in _LISTING_TEMPLATES


class Notes:
    """Keeps the notes of one page until they are listed."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, str]] = {}
        self._unnamed = 0

    def add(self, text: str, attributes: Mapping[str, str]) -> None:
        """Keep a note, given on one line, with the attributes of its tag."""
        if not text:
            return
        group = self._waiting.setdefault(attributes.get("group", ""), {})
        name = attributes.get("name", "")
        if not name:
            self._unnamed += 1
        group.setdefault(name or f"\n{self._unnamed}", text)

    def take(self, group: str) -> str:
        """Return the list of a group's notes, which are listed then."""
        return _as_list(self._waiting.pop(group, {}))

    def take_all(self) -> str:
        """Return the lists of all groups that were listed nowhere."""
        return "".join(self.take(group) for group in list(self._waiting))


def _as_list(notes: Mapping[str, str]) -> str:
    return "\n\n" + "\n".join(f"{BULLET} {text}" for text in notes.values()) + "\n\n" if notes else ""
