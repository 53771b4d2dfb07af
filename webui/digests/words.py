"""Words in a reader's language where no request is answered: mails are written by the worker or a command."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.lists import format_list
from babel.support import Translations

from search.language import base_language

_FOLDER = Path(__file__).resolve().parent.parent / "translations"


class Words:
    """Says messages in one language; the catalogues are those of the pages.

    Args:
        language: its code; one without a catalogue is English.
    """

    def __init__(self, language: str) -> None:
        self.language = base_language(language)
        self._catalogue = _catalogue(self.language)

    def gettext(self, message: str, **values: object) -> str:
        """Return a message, with values in its places."""
        said = self._catalogue.gettext(message)
        return said % values if values else said

    def ngettext(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the message for a number of things; `num` is that number."""
        return self._catalogue.ngettext(one, many, number) % {"num": number, **values}

    def day(self, day: date) -> str:
        """Return a date as it is read: “lundi 2 mars 2026”."""
        said = format_date(day, "full", locale=self.language)
        # The first day of a month is written as French does, which the CLDR's patterns cannot.
        return said.replace(" 1 ", " 1er ", 1) if self.language == "fr" and day.day == 1 else said

    def names(self, names: Sequence[str]) -> str:
        """Return names as a list in a sentence: “Aïcha, Marc et Ruth”."""
        return str(format_list(names, locale=self.language))


@cache
def _catalogue(language: str) -> Translations:
    found = Translations.load(_FOLDER, [language], "messages")
    assert isinstance(found, Translations)  # noqa: S101 - the package brings them
    return found
