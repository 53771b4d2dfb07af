"""Where sentences end: whatever the text, in a time that grows with its length only."""

import pytest

from search.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vu M. Dupont hier. Il vient.", ["Vu M. Dupont hier.", "Il vient."]),
        ("J. Martin a dit oui. Bien !", ["J. Martin a dit oui.", "Bien !"]),
        ("Le prof. Abel et Mlle. Ida. Puis nous.", ["Le prof. Abel et Mlle. Ida.", "Puis nous."]),
        ("Ils pleurent (cf. Annexe 2). Fin.", ["Ils pleurent (cf. Annexe 2).", "Fin."]),
        ("Une crêpe. Une glace.", ["Une crêpe.", "Une glace."]),
        ("Attendre... Puis (ouvrir.) Ensuite fermer ?! Oui.",
         ["Attendre...", "Puis (ouvrir.)", "Ensuite fermer ?!", "Oui."]),
        ("Sommaire .......... p. 12\nSuite", ["Sommaire .......... p. 12", "Suite"]),
    ],
)  # fmt: skip
def test_points_of_abbreviations_end_no_sentence(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("." * 300_000, 1),  # took hours: each point began a run of its own
        ("M. " * 100_000, 1),  # all before was read again at each abbreviation
        ("A." + " " * 300_000 + "B", 1),
        ("!" + "\"" * 300_000, 1),
        ("Oui ?! " * 50_000, 50_000),
    ],
)  # fmt: skip
def test_a_text_made_to_be_slow_is_not(text: str, count: int) -> None:
    assert len(sentences(text)) == count
