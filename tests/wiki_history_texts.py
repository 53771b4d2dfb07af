"""Words for random histories: an invented community of people who build, grow and mend things."""

import random

PEOPLE = ("Odile Garance", "Basile Ormond", "Nadège Fresnel", "Yann Le Goff", "Éléonore d’Ys")
TEMPLATES = ("Encadré outil", "Encadré saison", "Encadré d’atelier")
TITLES = (
    "Affûter un ciseau",
    "Bouturer le romarin",
    "Cadre à miel",
    "Découpe à l’aiguille",
    "Étanchéité du toit",
    "Four à pain",
    "Greffe en écusson",
    "Haie sèche",
    "Joint « à sec »",
    "Lasure & vernis",
    "Mortier de chaux",
    "Noue (toiture)",
    "Paillage d’automne",
    "Réparer une chambre à air",
    "Semis sous châssis",
    "Taille en vert",
)
_DETAILS = (
    "",
    "",
    "",
    "",
    "",
    " (essai)",
    " (bis)",
    "/Annexe",
    " à l’ancienne",
    " : la suite",
    " n° 2",
    " ç ß œ",
)
_VERBS = ("On nettoie", "Il faut vérifier", "Pensez à préparer", "Nous avons remplacé", "Mieux vaut ranger")
_THINGS = (
    "les outils",
    "la bâche",
    "le manche en frêne",
    "les caisses à pommes",
    "l’établi du fond",
    "la meule",
)
_TIMES = ("avant l’hiver.", "chaque lundi.", "dès qu’il gèle.", "à deux, jamais seul.", "après chaque usage.")


def make_title(rng: random.Random) -> str:
    """A title without its namespace; there are a few hundred."""
    return rng.choice(TITLES) + rng.choice(_DETAILS)


def make_text(rng: random.Random, *, number: int) -> str:
    """A page that no other has: its number stands in it."""
    parts = [f"Fiche n° {number}. {_sentence(rng)} Voir [[{make_title(rng)}]]."]
    if rng.random() < 0.4:
        parts.append(f"{{{{{rng.choice(TEMPLATES)}|[[{rng.choice(TITLES)}]]}}}}")
    for section in range(rng.randrange(3)):
        parts.append(
            f"== Étape {section + 1} ==\n" + " ".join(_sentence(rng) for _ in range(rng.randrange(1, 5)))
        )
    if rng.random() < 0.1:
        parts.append("* " + " ".join(_sentence(rng) for _ in range(300)))
    if rng.random() < 0.5:
        parts.append(f"[[Catégorie:Lot {rng.randrange(5)}]]")
    return "\n\n".join(parts)


def _sentence(rng: random.Random) -> str:
    return f"{rng.choice(_VERBS)} {rng.choice(_THINGS)} {rng.choice(_TIMES)}"
