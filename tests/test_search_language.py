"""French or English: short texts are told apart, and what cannot be told is not guessed."""

import pytest

from search.language import LanguageDetector, base_language


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Comment accueillir un nouveau bénévole ?", "fr"),
        ("comment trier les dechets de l'atelier", "fr"),
        ("Ranger les outils", "fr"),
        ("qui connait le soudage ?", "fr"),
        ("How do we welcome a newcomer?", "en"),
        ("Keeping the tools in order", "en"),
        ("meeting notes", "en"),
    ],
)
def test_short_texts_are_told_apart(detector: LanguageDetector, text: str, language: str) -> None:
    assert detector.guess(text) == language


@pytest.mark.parametrize("text", ["", "   ", "E-4012", "2 × 4 = 8", "🔥🔥", "wiki", "\x00"])
def test_what_cannot_be_told_is_not_guessed(detector: LanguageDetector, text: str) -> None:
    assert detector.guess(text) is None
    assert detector.detect(text, fallback="fr") == "fr"
    assert detector.detect(text, fallback="en") == "en"


def test_a_text_that_can_be_told_needs_no_fallback(detector: LanguageDetector) -> None:
    assert detector.detect("Les outils sont rangés au mur.", fallback="en") == "fr"


@pytest.mark.parametrize(
    ("code", "language"),
    [("fr", "fr"), ("fr-ca", "fr"), ("FR", "fr"), ("en-gb", "en"), ("de", "en"), (None, "en")],
)
def test_language_of_a_mediawiki_code(code: str | None, language: str) -> None:
    assert base_language(code) == language


def test_another_language_gives_the_default() -> None:
    assert base_language("oc", default="fr") == "fr"
