"""What a text supports, and what it does not: numbers, dates, names, negations, addresses, words, meaning."""

import pytest

from search.quantities import Quantity, read_quantities
from search.support import Problem, SourceText, SupportChecker
from search.words import WordAnalyzer
from tests.builders import HashingEmbedder

FRENCH = SourceText(
    language="fr",
    about="Café réparation\nDéroulement",
    text="Le café réparation a lieu chaque premier samedi du mois, de 14 h à 18 h, à la salle Agnès-Martel. "
    "Camille Exemple accueille les visiteurs et note les pannes.\n"
    "- Il ne faut pas ouvrir un appareil branché.\n"
    "Une réparation dure en moyenne trente minutes et coûte 1 500 euros par an à l’association. "
    "Les pièces ne sont pas fournies. Les outils sont prêtés avec l’appareil E-4012.",
)
ENGLISH = SourceText(
    language="en",
    about="Repair café",
    text="The repair café takes place twice a year, on 12 March 2026 and in October. "
    "Visitors must not leave appliances overnight. Alex Sample keeps the list of volunteers.",
)


def problems(sentence: str, *sources: SourceText, language: str = "fr") -> set[Problem]:
    checker = SupportChecker(analyzer=WordAnalyzer())
    return set(checker.check(sentence, language=language, sources=sources or (FRENCH,)).problems)


@pytest.mark.parametrize(
    "sentence",
    [
        "Le café réparation a lieu chaque premier samedi du mois, de 14 h à 18 h, à la salle Agnès-Martel.",
        "Camille Exemple accueille les visiteurs.",
        "Le café réparation a lieu le premier samedi du mois, à 14:00.",
        "Une réparation dure 30 minutes en moyenne.",
        "L’association paie 1500 € par an pour les réparations.",
        "N’ouvrez pas un appareil branché.",
        "Les pièces ne sont jamais fournies, les outils sont prêtés.",
        "Les visiteurs sont accueillis par Camille Exemple, à la salle Agnès-Martel.",
        "Notez les pannes des visiteurs.",
    ],
)
def test_what_the_text_says_is_supported_in_other_words_too(sentence: str) -> None:
    assert problems(sentence) == set()


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("Une réparation dure en moyenne quarante minutes.", Problem.NUMBER),
        ("Une réparation dure en moyenne trente heures.", Problem.NUMBER),
        ("Une réparation dure trente minutes et coûte 1 600 euros.", Problem.NUMBER),
        ("Le café réparation a lieu chaque premier dimanche du mois.", Problem.NUMBER),
        ("Le café réparation a lieu le 3 mars, à la salle Agnès-Martel.", Problem.NUMBER),
        ("Le café réparation a lieu à la salle Louise-Martel.", Problem.NAME),
        ("Dominique Exemple accueille les visiteurs et note les pannes.", Problem.NAME),
        ("Dominique accueille les visiteurs et note les pannes.", Problem.NAME),
        ("Les outils sont prêtés avec l’appareil E-4013.", Problem.NAME),
        ("Camille Exemple n’accueille pas les visiteurs.", Problem.NEGATION),
        ("Il faut ouvrir un appareil branché.", Problem.NEGATION),
        ("Les pièces sont fournies.", Problem.NEGATION),
        ("Les pièces sont fournies et les outils ne sont pas prêtés.", Problem.NEGATION),
        ("Il est interdit d’accueillir les visiteurs.", Problem.NEGATION),
        ("Inscrivez-vous sur www.reparations.example pour les pannes.", Problem.LINK),
        ("Camille Exemple accueille les visiteurs (camille@exemple.example).", Problem.LINK),
        ("Camille Exemple accueille <b>les visiteurs</b>.", Problem.LINK),
        ("Camille Exemple accueille [les visiteurs](javascript:alert).", Problem.LINK),
        ("Les bénévoles cultivent ensemble un potager partagé.", Problem.WORDS),
    ],
)
def test_what_the_text_does_not_say_is_not(sentence: str, problem: Problem) -> None:
    assert problem in problems(sentence)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The repair café takes place on March 12, 2026.", set()),
        ("The repair café takes place two times in a year.", set()),
        ("Visitors mustn't leave appliances overnight.", set()),
        ("Leaving appliances overnight is forbidden for visitors.", set()),
        ("The repair café takes place in November.", {Problem.NUMBER}),
        ("The repair café takes place on 12 April 2026.", {Problem.NUMBER}),
        ("Visitors must leave appliances overnight.", {Problem.NEGATION}),
        ("Alex Sample does not keep the list of volunteers.", {Problem.NEGATION}),
        ("Alex Simple keeps the list of volunteers.", {Problem.NAME}),
    ],
)
def test_english_is_read_as_well(sentence: str, expected: set[Problem]) -> None:
    assert problems(sentence, ENGLISH, language="en") == expected


GARDEN = SourceText(
    language="fr",
    about="Jardin partagé",
    text="Le jardin ouvre chaque samedi, de 9 h à 12 h 30. La cotisation est de cent vingt-cinq euros par "
    "an ; elle est gratuite pour les moins de dix-huit ans. Avant de partir, rangez les outils dans la "
    "cabane de gauche. Aucun pesticide n’est autorisé. Tout le monde peut récolter, sauf les tomates de "
    "la serre. Au moins deux jardiniers arrosent chaque soir. Le terrain mesure 1 200 m². La moitié des "
    "parcelles est en pleine terre. Seuls les adhérents gardent la clé. Il fait parfois -5 °C dans la "
    "serre. Le sentier est inaccessible aux fauteuils.",
)
LIBRARY = SourceText(
    language="en",
    about="Tool library",
    text="The tool library is open every Wednesday. Members pay $1,200 a year for the room. Two hundred "
    "people came in 2025. Return tools before Saturday. Only trained members may use the saw.",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "La cotisation est de 125 € par an.",
        "Elle est gratuite pour les moins de 18 ans.",
        "Les pesticides ne sont pas autorisés.",
        "Tout le monde peut récolter, sauf les tomates de la serre.",
        "Chaque soir, au moins 2 jardiniers arrosent.",
        "Le terrain mesure 1200 m².",
        "50 % des parcelles sont en pleine terre.",
        "Il peut faire -5 °C dans la serre.",
        "Le jardin ouvre tous les samedis de 9h00 à 12h30.",
    ],
)
def test_numbers_and_opposites_may_be_said_in_other_words(sentence: str) -> None:
    assert problems(sentence, GARDEN) == set()


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("La cotisation est de 25 euros par an.", Problem.NUMBER),
        ("La cotisation est de 125 euros par mois.", Problem.NUMBER),
        ("Le terrain mesure 1 200 mètres.", Problem.NUMBER),
        ("Un tiers des parcelles est en pleine terre.", Problem.NUMBER),
        ("Il fait parfois 5 °C dans la serre.", Problem.NUMBER),
        ("Elle est payante pour les moins de dix-huit ans.", Problem.NEGATION),
        ("Le jardin est fermé chaque samedi.", Problem.NEGATION),
        ("Après être parti, rangez les outils dans la cabane.", Problem.NEGATION),
        ("Rangez les outils dans la cabane de droite.", Problem.NEGATION),
        ("Les pesticides sont autorisés.", Problem.NEGATION),
        ("Tout le monde peut récolter les tomates de la serre.", Problem.NEGATION),
        ("Au plus deux jardiniers arrosent chaque soir.", Problem.NEGATION),
        ("Tous gardent la clé.", Problem.NEGATION),
        ("Le sentier est accessible aux fauteuils.", Problem.NEGATION),
    ],
)
def test_an_opposite_an_exception_and_a_part_of_a_number_are_not_supported(
    sentence: str, problem: Problem
) -> None:
    assert problem in problems(sentence, GARDEN)


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("The tool library is closed every Wednesday.", Problem.NEGATION),
        ("Members pay $1,200 a month for the room.", Problem.NUMBER),
        ("2 people came in 2025.", Problem.NUMBER),
        ("Return tools after Saturday.", Problem.NEGATION),
        ("Anyone may use the saw.", Problem.NEGATION),
    ],
)
def test_opposites_and_rates_are_read_in_english_too(sentence: str, problem: Problem) -> None:
    assert problem in problems(sentence, LIBRARY, language="en")
    assert not problems("200 people came in 2025, and members pay $1200 a year.", LIBRARY, language="en")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("deux mille vingt-six", {"2026"}),
        ("trente-deux mille quatre cent cinquante", {"32450"}),
        ("one thousand five hundred", {"1500"}),
        ("quatre-vingt-dix-neuf", {"99"}),
        ("soixante et onze", {"71"}),
        ("dix-sept", {"17"}),
        ("deux trois idées", {"2", "3"}),
        ("vingt et trente", {"20", "30"}),
        ("deux ou trois", {"2", "3"}),
    ],
)
def test_a_number_of_several_words_is_one_number(text: str, values: set[str]) -> None:
    assert {number.value for number in read_quantities(text).numbers} == values


def test_of_no_source_nothing_is_supported() -> None:
    checker = SupportChecker(analyzer=WordAnalyzer())
    assert not checker.check("Camille accueille les visiteurs.", language="fr", sources=()).supported


def test_two_sources_support_together_what_neither_does_alone() -> None:
    sentence = "Camille Exemple accueille les visiteurs et le café réparation a lieu le 12 mars 2026."
    assert Problem.NUMBER in problems(sentence, FRENCH)
    assert problems(sentence, FRENCH, ENGLISH) == set()


def test_an_address_that_the_text_holds_may_be_repeated() -> None:
    source = SourceText(
        text="Inscription des visiteurs sur www.reparations.example avant samedi.", language="fr"
    )
    assert problems("Inscription des visiteurs sur www.reparations.example.", source) == set()


class _Alike(HashingEmbedder):
    """Finds all texts alike, or none."""

    def __init__(self, cosine: float) -> None:
        super().__init__()
        self._cosine = cosine

    def embed_passages(self, texts, *, progress=None):  # type: ignore[no-untyped-def]
        import numpy as np

        rows = np.zeros((len(texts), 2), dtype=np.float32)
        rows[0] = (1, 0)
        rows[1:] = (self._cosine, (1 - self._cosine**2) ** 0.5)
        return rows


def test_another_language_is_supported_by_meaning_names_and_numbers_and_said_to_be_weaker() -> None:
    sentence = "Le café de réparation se tient le 12 mars 2026."
    source = SourceText(text="The repair café takes place on 12 March 2026.", language="en")
    near = SupportChecker(analyzer=WordAnalyzer(), embedder=_Alike(0.7))
    found = near.check(sentence, language="fr", sources=(source,))
    assert (found.supported, found.weaker) == (True, True)
    for wrong in (
        "Le café de réparation se tient le 13 mars 2026.",
        "Le café de réparation de Bourg-la-Reine se tient le 12 mars 2026.",
        "Le café de réparation ne se tient pas le 12 mars 2026.",
    ):
        assert not near.check(wrong, language="fr", sources=(source,)).supported, wrong
    far = SupportChecker(analyzer=WordAnalyzer(), embedder=_Alike(0.1))
    assert not far.check("On y répare ensemble.", language="fr", sources=(source,)).supported


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1 500 €", "1500", "euro"),
        ("1,500 euros", "1500", "euro"),
        ("€1500", "1500", "euro"),
        ("3,5 millions", "3500000", None),
        ("3,50 kg", "3.5", "kilogram"),
        ("vingt-cinq personnes", "25", None),
        ("twenty-five people", "25", None),
        ("quatre-vingt-dix-sept jours", "97", "day"),
        ("neuf semaines", "9", "week"),
        ("50 pour cent", "50", "percent"),
        ("50%", "50", "percent"),
        ("14 h 30", "14:30", "clock"),
        ("2:30 pm", "14:30", "clock"),
        ("deux à 3 semaines", "3", "week"),
    ],
)
def test_a_number_is_read_in_either_language(text: str, value: str, unit: str | None) -> None:
    assert Quantity(value, unit) in read_quantities(text).numbers


def test_what_is_no_number_is_not_read_as_one() -> None:
    assert read_quantities("Un atelier neuf, une idée, they may march on.").numbers == frozenset()
    assert read_quantities("They may march on second thoughts.").days == frozenset()


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("Maud Petit écrit à la mairie.", True),
        ("Petit Maud écrit à la mairie.", True),
        ("Maud Lambert écrit à la mairie.", False),
        ("Noé Petit écrit à la mairie.", False),
        ("Maud écrit à la mairie et Noé aussi.", True),
        ("Demain Maud écrit à la mairie.", True),
    ],
)
def test_a_full_name_is_of_one_person(sentence: str, supported: bool) -> None:
    checker = SupportChecker(analyzer=WordAnalyzer())
    source = SourceText(
        text="Présents : Maud Petit, Noé Lambert. Maud écrit demain à la mairie et Noé aussi.", language="fr"
    )
    found = checker.check(sentence, language="fr", sources=[source])
    assert (Problem.NAME not in found.problems) is supported


def test_what_was_rejected_was_not_adopted() -> None:
    checker = SupportChecker(analyzer=WordAnalyzer())
    source = SourceText(text="La hausse de la cotisation est rejetée par le conseil.", language="fr")
    said = checker.check(
        "La hausse de la cotisation est votée par le conseil.", language="fr", sources=[source]
    )
    assert Problem.NEGATION in said.problems


def test_for_members_only_is_not_for_everyone() -> None:
    checker = SupportChecker(analyzer=WordAnalyzer())
    source = SourceText(text="L'atelier est ouvert aux adhérents seulement.", language="fr")
    said = checker.check("L'atelier est ouvert à tous les adhérents.", language="fr", sources=[source])
    assert Problem.NEGATION in said.problems


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("Noé appelle la banque.", True),
        ("Maud appelle la banque.", False),
        ("Noé écrit à la mairie.", False),
        ("Maud écrit à la mairie et Noé appelle la banque.", True),
        ("Noé écrit à la mairie et Maud appelle la banque.", False),
        ("Inès va préparer les affiches.", True),
        ("Maud va préparer les affiches.", False),
        ("Tom range la cave du local.", True),
    ],
)
def test_who_does_what_stays_with_whom_the_clause_names(sentence: str, supported: bool) -> None:
    checker = SupportChecker(analyzer=WordAnalyzer())
    source = SourceText(
        text="Demain Maud écrit à la mairie et Noé appelle la banque. "
        "Inès et Noé vont préparer les affiches. Avec Maud je range la cave du local.",
        language="fr",
        about="Tom",
    )
    found = checker.check(sentence, language="fr", sources=[source])
    assert (Problem.NAME not in found.problems) is supported
