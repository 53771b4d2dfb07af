"""People, practices and sentences of an invented association: shared gardens along a canal."""

from collections.abc import Mapping
from typing import Final

COORDINATOR: Final = "Maud Kerivel"
EXPERT: Final = "Ewen Straub"
"""Alone knows how to graft, and leaves in the summer."""
OPTED_OUT: Final = "Ottilie Vane"
"""Writes as much as anybody, all year long, and wants to be named nowhere."""
ERASED: Final = "Odon Pellerin"
"""Has themselves erased in November."""
PAUSED: Final = "Lucie Fabre"
"""Is not to be asked in July and August."""
CORE: Final = ("Bastien Roume", "Inga Solheim", "Tarek Amrani", PAUSED, ERASED)
REGULARS: Final = (
    "Agathe Morvan",
    "Birger Aas",
    "Clémence Joubert",
    "Dov Perlmann",
    "Estelle Nkomo",
    "Farid Haddad",
    "Gwenola Riou",
    "Hugo Marchetti",
    "Iris Delorme",
    "Jonas Whitlock",
)
OCCASIONAL: Final = (
    "Kenza Ouali",
    "Loeiz Cadiou",
    "Mireille Tissot",
    "Noé Castaing",
    "Paola Ricci",
    "Quentin Blavier",
    "Rozenn Le Hir",
    "Samir Belkacem",
)
NEWCOMERS: Final[Mapping[str, int]] = {
    "Thaïs Lombard": 3,
    "Ulysse Fromentin": 5,
    "Victoire Sané": 8,
    "Wassim Cherif": 11,
}
"""By the month in which they first write."""
BOT: Final = "CanalBot"

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "Greffe": ("Greffer un pommier", "Choisir un porte-greffe", "Ligaturer une greffe"),
    "Compost": ("Retourner le compost", "Nourrir le compost", "Tamiser le compost", "Abriter le compost"),
    "Arrosage": ("Arroser le soir", "Récupérer la pluie", "Poser un goutte-à-goutte"),
    "Semences": ("Sécher les graines", "Trier les graines", "Échanger des semences"),
    "Outils": ("Affûter une bêche", "Ranger la cabane", "Réparer une brouette"),
    "Accueil": ("Accueillir un jardinier", "Partager les parcelles", "Tenir le portail"),
}
"""Practices, by category."""
SUBJECTS: Final[Mapping[str, str]] = {
    "Greffe": "le greffon, le porte-greffe et la ligature de raphia du pommier",
    "Compost": "le tas de compost, les épluchures, la paille et la fourche",
    "Arrosage": "l’arrosage, le tuyau, la citerne de pluie et les semis assoiffés",
    "Semences": "les graines, les sachets, l’étiquette et la boîte à semences",
    "Outils": "la bêche, la lime, la cabane à outils et la brouette",
    "Accueil": "le nouveau jardinier, le portail, la clé et les parcelles",
}
DETAILS: Final = (
    "On s’y met à deux, le samedi, après le tour des planches.",
    "Compter une petite heure, gants aux mains.",
    "Le matériel est dans la cabane, derrière le portail.",
    "Par grand vent on remet au samedi suivant.",
    "Noter le jour dans le cahier, puis prévenir les voisins de parcelle.",
    "Mieux vaut peu et souvent que beaucoup d’un coup.",
    "Une photo avant, une photo après : on voit ce qui a changé.",
    "Les enfants peuvent aider, avec un adulte à côté.",
    "En cas de doute, demander avant de commencer.",
    "Ce qui reste sert à la planche d’à côté.",
)
FORGOTTEN: Final = "Vidanger la pompe"
"""A reference that nobody has looked at since January."""
WANTED: Final = "Tailler en hiver"
"""A page that three others link to, and that nobody writes before September."""
TRIED: Final = "Retourner le compost"
"""The practice that members try, month after month, until it is adopted."""
FAILING: Final = "Arroser le soir"
"""One that had been tested, and fails in the autumn."""
SHARED: Final = "Récupérer la pluie"
"""One that two people tried, of whom one wants to be named nowhere soon after."""
SORTED: Final = "Trier les graines"
"""One that two people tried, of whom one is erased later."""
EXPERIENCES: Final[Mapping[int, tuple[tuple[str, str, str, str], ...]]] = {
    3: ((TRIED, "Agathe Morvan", "worked", "potager du pont"),),
    4: (
        (TRIED, "Birger Aas", "worked", "école"),
        (SHARED, OPTED_OUT, "worked", "serre"),
        (SHARED, "Iris Delorme", "worked", "cour"),
    ),
    6: ((TRIED, "Clémence Joubert", "partly", "potager du pont"), (SORTED, ERASED, "worked", "cave")),
    7: ((TRIED, "Dov Perlmann", "worked", "école"), (SORTED, "Jonas Whitlock", "worked", "serre")),
    8: ((TRIED, "Estelle Nkomo", "worked", "balcon"),),
    9: ((FAILING, "Farid Haddad", "not", "talus"),),
    10: ((FAILING, "Gwenola Riou", "not", "serre"), (FAILING, "Hugo Marchetti", "not", "talus")),
}
"""What is tried in each month: practice, who, how it went, and where."""

QUESTIONS: Final[Mapping[int, tuple[tuple[str, str], ...]]] = {
    1: (("Agathe Morvan", "Comment retourner un tas de compost trop humide ?"),),
    2: (("Birger Aas", "Quelle ligature tient une greffe de pommier ?"),),
    3: (
        ("Thaïs Lombard", "Où range-t-on la lime de la bêche ?"),
        ("Dov Perlmann", "Qui sait sécher des graines de tomate ?"),
    ),
    4: (
        ("Estelle Nkomo", "Combien de paille pour nourrir le compost ?"),
        ("Kenza Ouali", "Quelle citerne pour récupérer la pluie ?"),
    ),
    5: (
        ("Farid Haddad", "Comment tamiser le compost sans poussière ?"),
        ("Ulysse Fromentin", "À qui demander une clé du portail ?"),
    ),
    6: (("Gwenola Riou", "Quel tuyau pour un goutte-à-goutte de trente mètres ?"),),
    7: (
        ("Hugo Marchetti", "Comment abriter le compost en plein soleil ?"),
        ("Iris Delorme", "Comment trier les graines abîmées ?"),
    ),
    8: (("Victoire Sané", "Comment greffer un vieux pommier en couronne ?"),),
    9: (("Jonas Whitlock", "Comment réparer la roue d’une brouette ?"),),
    10: (("Agathe Morvan", "Que faire du compost qui gèle ?"),),
    11: (("Wassim Cherif", "Comment partager une parcelle à trois ?"),),
    12: (("Birger Aas", "Comment garder des semences de haricot ?"),),
}
"""What is asked in each month, and by whom."""
ANSWERS: Final[Mapping[str, str]] = {
    "Comment retourner un tas de compost trop humide ?": TRIED,
    "Où range-t-on la lime de la bêche ?": "Affûter une bêche",
    "Qui sait sécher des graines de tomate ?": "Sécher les graines",
    "Combien de paille pour nourrir le compost ?": "Nourrir le compost",
    "Comment tamiser le compost sans poussière ?": "Tamiser le compost",
    "À qui demander une clé du portail ?": "Tenir le portail",
    "Quel tuyau pour un goutte-à-goutte de trente mètres ?": "Poser un goutte-à-goutte",
    "Comment abriter le compost en plein soleil ?": "Abriter le compost",
    "Comment trier les graines abîmées ?": SORTED,
    "Comment réparer la roue d’une brouette ?": "Réparer une brouette",
    "Que faire du compost qui gèle ?": TRIED,
}
"""The pages with which questions are answered, in the month after they were asked. The others stay open."""
SEARCHED: Final = "champignonnière en cave voûtée"
"""What people look for in June, on different days, and nobody has written."""
CALLED: Final[Mapping[int, tuple[str, str]]] = {11: ("quiet", EXPERT), 12: ("newcomer", "Wassim Cherif")}
"""Whom the coordinator calls, why, and in which month."""
CONTACTS: Final[Mapping[int, tuple[str, str]]] = {
    4: ("Thaïs Lombard", OPTED_OUT),
    6: ("Ulysse Fromentin", ERASED),
    9: ("Victoire Sané", "Inga Solheim"),
}
"""Who is given whom to be shown around by, and in which month."""
SHORT, DUE = True, False
PROPOSED: Final[Mapping[int, Mapping[str, tuple[str, bool]]]] = {
    3: {TRIED: ("tested", SHORT)},
    4: {TRIED: ("tested", DUE), SHARED: ("tested", DUE)},
    # The other one who tried it has opted out.
    5: {SHARED: ("tested", SHORT)},
    6: {SHARED: ("tested", SHORT), SORTED: ("tested", SHORT)},
    7: {SHARED: ("tested", SHORT), SORTED: ("tested", DUE), TRIED: ("adopted", SHORT)},
    8: {SHARED: ("tested", SHORT), SORTED: ("tested", DUE), TRIED: ("adopted", DUE)},
    9: {SHARED: ("tested", SHORT), SORTED: ("tested", DUE)},
    10: {SHARED: ("tested", SHORT), SORTED: ("tested", DUE), FAILING: ("emerging", DUE)},
    # The other one who tried it is erased.
    11: {SHARED: ("tested", SHORT), SORTED: ("tested", SHORT), FAILING: ("emerging", DUE)},
    12: {SHARED: ("tested", SHORT), SORTED: ("tested", SHORT), FAILING: ("emerging", DUE)},
}
"""The next status that evidence speaks for in each month, and whether one experience is still missing."""
