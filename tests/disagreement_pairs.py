"""Invented pairs of sentences, each labelled by hand: does following one go against the other?

The French ones of `PAIRS` were looked at while the rules were made (`SEEN`); its English ones, and the French
ones that were written afterwards, were only measured (`UNSEEN`).
"""

from typing import Final, NamedTuple

from search.language import Language


class Pair(NamedTuple):
    """Two sentences of two pages, and whether they give opposite advice."""

    language: Language
    left: str
    right: str
    disagree: bool


PAIRS: Final = (
    # They disagree.
    Pair(
        "fr",
        "Rincez les bocaux à l’eau bouillante avant de les remplir.",
        "Ne rincez jamais les bocaux à l’eau bouillante avant de les remplir.",
        True,
    ),
    Pair(
        "en",
        "Always unplug the laser cutter before cleaning the lens.",
        "Do not unplug the laser cutter before cleaning the lens.",
        True,
    ),
    Pair(
        "fr",
        "Laissez la porte du four ouverte pendant le refroidissement.",
        "Gardez la porte du four fermée pendant le refroidissement.",
        True,
    ),
    Pair(
        "en",
        "Leave the valve open while the boiler heats up.",
        "Keep the valve closed while the boiler heats up.",
        True,
    ),
    Pair(
        "fr",
        "Faites tremper les graines de haricot pendant 12 heures.",
        "Les graines de haricot trempent pendant 24 heures.",
        True,
    ),
    Pair(
        "en",
        "Let the varnish dry for 2 days before the second coat.",
        "The varnish dries for 6 hours before the second coat.",
        True,
    ),
    Pair(
        "fr",
        "Il faut graisser la chaîne avant de régler le dérailleur.",
        "Il faut graisser la chaîne après avoir réglé le dérailleur.",
        True,
    ),
    Pair("en", "Salt the dough before the first rise.", "Salt the dough after the first rise.", True),
    Pair(
        "fr",
        "L’inscription des bénévoles est obligatoire pour tenir la caisse.",
        "L’inscription des bénévoles est facultative pour tenir la caisse.",
        True,
    ),
    Pair(
        "en",
        "Wearing gloves is mandatory at the grinding wheel.",
        "Gloves are optional at the grinding wheel.",
        True,
    ),
    Pair(
        "fr",
        "Il est recommandé de congeler le levain pendant les vacances.",
        "Il est déconseillé de congeler le levain pendant les vacances.",
        True,
    ),
    Pair(
        "en",
        "Composting citrus peel in the worm bin works well.",
        "Avoid composting citrus peel in the worm bin.",
        True,
    ),
    Pair(
        "fr",
        "La permanence vélo a lieu le mardi soir.",
        "La permanence vélo se tient le jeudi soir.",
        True,
    ),
    Pair(
        "en",
        "The tool library opens on Saturday morning.",
        "The tool library opens on Wednesday morning.",
        True,
    ),
    Pair(
        "fr",
        "Le compte rendu est public dès le lendemain.",
        "Le compte rendu reste privé dès le lendemain.",
        True,
    ),
    Pair(
        "en",
        "Invite at least five people to the retrospective.",
        "Invite at most five people to the retrospective.",
        True,
    ),
    Pair(
        "fr",
        "On peut tailler le figuier en hiver.",
        "On ne peut pas tailler le figuier en hiver.",
        True,
    ),
    Pair(
        "en",
        "Newcomers should speak during the first circle.",
        "Newcomers should not speak during the first circle.",
        True,
    ),
    Pair(
        "fr",
        "Chauffez la colle à 180 °C avant de presser.",
        "Chauffez la colle à 120 °C avant de presser.",
        True,
    ),
    Pair(
        "en",
        "Tighten the spokes to 100 kg of tension.",
        "Tighten the spokes to 60 kg of tension.",
        True,
    ),
    Pair(
        "fr",
        "N’utilisez pas d’huile alimentaire sur la machine à coudre.",
        "Utilisez de l’huile alimentaire sur la machine à coudre.",
        True,
    ),
    Pair(
        "en",
        "Never send the agenda without asking the members first.",
        "Send the agenda without asking the members first.",
        True,
    ),
    Pair(
        "fr",
        "Les restes cuits sont autorisés dans le composteur partagé.",
        "Les restes cuits sont interdits dans le composteur partagé.",
        True,
    ),
    Pair(
        "en",
        "The workshop fee is paid in advance by every participant.",
        "The workshop is free for every participant.",
        True,
    ),
    Pair(
        "fr",
        "Seuls les référents ouvrent l’armoire à outils.",
        "Tous les bénévoles ouvrent l’armoire à outils.",
        True,
    ),
    Pair(
        "en",
        "Store seed potatoes in a warm room until planting.",
        "Store seed potatoes in a cold room until planting.",
        True,
    ),
    Pair(
        "fr",
        "Vissez le support à l’intérieur du caisson.",
        "Vissez le support à l’extérieur du caisson.",
        True,
    ),
    Pair(
        "en",
        "Print the badges before the doors open at 18:00.",
        "Print the badges before the doors open at 9:30.",
        True,
    ),
    Pair(
        "fr",
        "Le prêt d’outils dure trois semaines.",
        "Le prêt d’outils dure 10 jours.",
        True,
    ),
    Pair(
        "en",
        "Wash wool by hand, never in the machine.",
        "Wool is fine in the machine, wash it on the delicate programme.",
        True,
    ),
    Pair(
        "fr",
        "Démontez la pile avant d’ouvrir le boîtier du téléphone.",
        "Inutile de démonter la pile pour ouvrir le boîtier du téléphone.",
        True,
    ),
    Pair(
        "en",
        "A facilitator takes part in the vote.",
        "The facilitator stays out of the vote.",
        True,
    ),
    # They do not.
    Pair(
        "fr",
        "Ne rincez jamais les pinceaux à l’eau bouillante.",
        "Rincez les bocaux à l’eau bouillante.",
        False,
    ),
    Pair(
        "en",
        "Do not unplug the freezer before cleaning it.",
        "Unplug the laser cutter before cleaning it.",
        False,
    ),
    Pair(
        "fr",
        "Laissez la porte ouverte pendant le refroidissement.",
        "Ne fermez pas la porte pendant le refroidissement.",
        False,
    ),
    Pair(
        "en",
        "Keep the valve closed while the boiler heats up.",
        "Do not open the valve while the boiler heats up.",
        False,
    ),
    Pair(
        "fr",
        "Faites tremper les graines de haricot pendant 12 heures.",
        "Faites tremper les graines de courge pendant 24 heures.",
        False,
    ),
    Pair(
        "en",
        "Let the varnish dry for 2 days before the second coat.",
        "Let the varnish dry for 48 hours before the second coat.",
        False,
    ),
    Pair(
        "fr",
        "S’il pleut, ne sortez pas les tables.",
        "S’il fait beau, sortez les tables.",
        False,
    ),
    Pair(
        "en",
        "If the dough is sticky, do not add water.",
        "If the dough is dry, add water.",
        False,
    ),
    Pair(
        "fr",
        "Le comité se réunit le premier lundi du mois.",
        "Le bureau se réunit le dernier lundi du mois.",
        False,
    ),
    Pair(
        "en",
        "The repair café opens on Saturday morning.",
        "The tool library opens on Wednesday morning.",
        False,
    ),
    Pair(
        "fr",
        "Évitez de congeler le levain.",
        "Ne congelez pas le levain.",
        False,
    ),
    Pair(
        "en",
        "Avoid composting citrus peel.",
        "Never compost citrus peel.",
        False,
    ),
    Pair(
        "fr",
        "Avant de graisser la chaîne, nettoyez-la.",
        "Après avoir graissé la chaîne, essuyez-la.",
        False,
    ),
    Pair(
        "en",
        "Before the meeting, send the agenda to the members.",
        "After the meeting, send the minutes to the members.",
        False,
    ),
    Pair(
        "fr",
        "La grande salle accueille 40 personnes.",
        "La petite salle accueille 12 personnes.",
        False,
    ),
    Pair(
        "en",
        "The small drill takes bits up to 10 mm.",
        "The large drill takes bits up to 13 mm.",
        False,
    ),
    Pair(
        "fr",
        "Pourquoi ne pas rincer les bocaux à l’eau bouillante ?",
        "Rincez les bocaux à l’eau bouillante.",
        False,
    ),
    Pair(
        "en",
        "We tried not to salt the dough before the first rise.",
        "Salt the dough before the first rise.",
        False,
    ),
    Pair(
        "fr",
        "N’oubliez pas de couper le courant avant d’ouvrir le tableau.",
        "Coupez le courant avant d’ouvrir le tableau.",
        False,
    ),
    Pair(
        "en",
        "Do not forget to label every box with its owner.",
        "Label every box with its owner.",
        False,
    ),
    Pair(
        "fr",
        "Le samedi, l’atelier ouvre à 9 h 30.",
        "Le dimanche, l’atelier ouvre à 14 h.",
        False,
    ),
    Pair(
        "en",
        "In winter the garden closes at 17:00.",
        "In summer the garden closes at 21:00.",
        False,
    ),
    Pair(
        "fr",
        "Ne serrez pas les vis en plastique à la perceuse.",
        "Serrez les vis en acier à la perceuse.",
        False,
    ),
    Pair(
        "en",
        "Do not glue polyethylene with epoxy.",
        "Glue oak with epoxy.",
        False,
    ),
    Pair(
        "fr",
        "Prévoyez 30 minutes pour le tour de table.",
        "Le tour de table dure une demi-heure.",
        False,
    ),
    Pair(
        "en",
        "Plan one hour for the retrospective.",
        "Plan 60 minutes for the retrospective.",
        False,
    ),
    Pair(
        "fr",
        "Sans formation, personne n’utilise la scie à ruban.",
        "Avec la formation, chacun utilise la scie à ruban.",
        False,
    ),
    Pair(
        "en",
        "Without training nobody uses the band saw.",
        "The band saw is used after training.",
        False,
    ),
    Pair(
        "fr",
        "Le bénévole qui ouvre le local note l’heure.",
        "Le bénévole qui ferme le local note l’heure.",
        False,
    ),
    Pair(
        "en",
        "Whoever opens the shed signs the sheet.",
        "Whoever closes the shed signs the sheet.",
        False,
    ),
    Pair(
        "fr",
        "Il ne reste plus que deux clés pour le local de la rue Basse.",
        "Le local de la rue Basse a deux clés.",
        False,
    ),
    Pair(
        "en",
        "Not only members but also guests may borrow books.",
        "Members and guests may borrow books.",
        False,
    ),
    Pair(
        "fr",
        "Étape 3 : vissez le panneau du fond.",
        "Étape 5 : vissez le panneau du fond.",
        False,
    ),
    Pair(
        "en",
        "The 2024 budget had 1,500 euros for tools.",
        "The 2025 budget had 1,800 euros for tools.",
        False,
    ),
)
LATER: Final = (
    Pair(
        "fr",
        "Affûtez le ciseau avec la pierre mouillée.",
        "N’affûtez pas le ciseau avec la pierre mouillée.",
        True,
    ),
    Pair("fr", "Arrosez les semis le matin, jamais le soir.", "Arrosez les semis le soir.", True),
    Pair(
        "fr", "Comptez 20 minutes pour le cercle d’ouverture.", "Le cercle d’ouverture prend une heure.", True
    ),
    Pair("fr", "Le vote se fait toujours à main levée.", "Le vote ne se fait jamais à main levée.", True),
    Pair("fr", "Stockez les pommes dans un local chaud.", "Stockez les pommes dans un local froid.", True),
    Pair(
        "fr",
        "Il faut au moins trois relecteurs par fiche.",
        "Il faut au plus trois relecteurs par fiche.",
        True,
    ),
    Pair(
        "fr",
        "L’accès à l’atelier bois est gratuit pour les voisins.",
        "L’accès à l’atelier bois est payant pour les voisins.",
        True,
    ),
    Pair(
        "fr",
        "Il est interdit de démarrer la fraiseuse porte ouverte.",
        "On peut démarrer la fraiseuse porte ouverte.",
        True,
    ),
    Pair(
        "fr",
        "Le cuir se nettoie avec de l’eau savonneuse.",
        "Ne nettoyez pas le cuir avec de l’eau savonneuse.",
        True,
    ),
    Pair(
        "fr",
        "Relancez les absents une semaine après la réunion.",
        "Relancez les absents dès le lendemain de la réunion.",
        True,
    ),
    Pair(
        "fr",
        "Affûtez le ciseau avec la pierre mouillée.",
        "N’affûtez pas la scie avec la pierre mouillée.",
        False,
    ),
    Pair("fr", "Arrosez les semis le matin.", "N’arrosez pas les cactus le matin.", False),
    Pair(
        "fr",
        "Comptez 20 minutes pour le cercle d’ouverture.",
        "Comptez 40 minutes pour le cercle de clôture.",
        False,
    ),
    Pair(
        "fr",
        "Quand le four est froid, ouvrez la porte.",
        "Quand le four est chaud, n’ouvrez pas la porte.",
        False,
    ),
    Pair("fr", "Ne laissez pas la batterie branchée la nuit.", "Débranchez la batterie la nuit.", False),
    Pair("fr", "Il ne faut pas moins de trois relecteurs.", "Il faut au moins trois relecteurs.", False),
    Pair(
        "fr",
        "Le trésorier ne signe pas seul les chèques.",
        "Le trésorier signe les chèques avec une autre personne.",
        False,
    ),
    Pair(
        "fr",
        "Nous avons décidé de ne plus imprimer l’affiche.",
        "Imprimez l’affiche une semaine avant.",
        False,
    ),
    Pair("fr", "Pensez à fermer le gaz.", "N’oubliez pas de fermer le gaz.", False),
    Pair("fr", "La réunion publique dure deux heures.", "La réunion du bureau dure une heure.", False),
)
SEEN: Final = PAIRS[::2]
UNSEEN: Final = (*PAIRS[1::2], *LATER)
