"""Pages about three subjects, in French and English, invented; two of them contradict each other."""

from typing import Final

from connector.model import Page
from tests.builders import make_page

SHARPEN: Final = """Un ciseau à bois qui coupe mal fatigue et abîme la planche.
== Pierre ==
Affûtez le ciseau à bois avec la pierre mouillée. Gardez un angle de 25 degrés.
== Cuir ==
Passez le tranchant du ciseau sur le cuir, dix fois de chaque côté, sans appuyer, puis essuyez la lame.
"""
WORKSHOP: Final = """L’atelier bois prête ses ciseaux le mardi.
== Entretien ==
N’affûtez jamais le ciseau à bois avec la pierre mouillée. Rangez chaque ciseau dans son étui.
"""
SHARPEN_ENGLISH: Final = """A chisel that cuts badly tires the hand and damages the plank of Kervern oak.
== Stone ==
Rub the chisel on the stone at an angle of 25 degrees, with the bottle of Kervern oil beside it, then turn it.
"""
SHARPEN_FRENCH: Final = """Un burin qui coupe mal fatigue la main et endommage la planche de chêne de Kervern.
== Pierre ==
Frottez le burin sur la pierre avec un angle de 25 degrés, la bouteille d’huile Kervern à côté, puis tournez.
== Assurance ==
L’association déclare chaque accident à la mutuelle dans les cinq jours, avec le formulaire jaune du tiroir.
"""
_SUBJECTS: Final = {
    "Vélo": "Le vélo a une roue, une chaîne, un frein. On répare la roue du vélo, puis le frein du vélo.",
    "Jardin": "Le compost du jardin nourrit les semis. On arrose le compost et les semis du jardin.",
    "Couture": "La machine à coudre pique le tissu. On change l’aiguille de la machine, on plie le tissu.",
}


def subject_pages(*, first: int, each: int = 4) -> list[Page]:
    """Some pages of each of three subjects, numbered one after the other."""
    return [
        make_page(first + n, f"{name} {'ABCDEFGH'[n // len(_SUBJECTS)]}", text)
        for n, (name, text) in enumerate(list(_SUBJECTS.items()) * each)
    ]
