"""Which of the two languages, French or English, a text is written in.

py3langid restricted to the two was measured against lingua on short real texts: see docs/decisions.md.
"""

import re
import threading
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")

# At 0.7 py3langid answers 96 % of texts of 2 to 6 words and is right in 99.6 % of its answers.
_SURE = 0.7
# The detector reads the beginning only: more text changes no answer and costs time.
_READ_CHARACTERS = 2_000
_LETTER = re.compile(r"[^\W\d_]")


def base_language(code: str | None, *, default: Language = "en") -> Language:
    """Return the language of a MediaWiki language code: "fr-ca" is "fr"; `default` when it is neither."""
    base = (code or "").split("-")[0].casefold()
    return "fr" if base == "fr" else "en" if base == "en" else default


class LanguageDetector:
    """Tells French from English. Safe to share between threads; its model (1 MB) loads on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: LanguageIdentifier | None = None

    def guess(self, text: str) -> Language | None:
        """Return the language of `text`, or None when it is too short or too mixed to tell."""
        text = text[:_READ_CHARACTERS]
        if not _LETTER.search(text):
            return None
        language, confidence = self._identifier().classify(text)
        if confidence < _SURE:
            return None
        return "fr" if language == "fr" else "en"

    def detect(self, text: str, *, fallback: Language) -> Language:
        """Return the language of `text`, or `fallback` when it cannot be told."""
        return self.guess(text) or fallback

    def _identifier(self) -> "LanguageIdentifier":
        with self._lock:
            if self._loaded is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
                identifier.set_languages(list(LANGUAGES))
                self._loaded = identifier
            return self._loaded
