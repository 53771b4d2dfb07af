"""The words by which people who write notes say what a part of them is, in French and English.

Everything is matched on folded text (`capture.lines.folded`: no case, no accents). The words come from the
headings and labels of published minutes (associations, W3C groups, open source boards) and from the practice
template; they say nothing about any one community.
"""

import re
from enum import StrEnum

from capture.lines import folded


class Role(StrEnum):
    """What a section of the notes holds, as its heading or label says."""

    PRESENT = "present"
    ABSENT = "absent"
    CHAIR = "chair"
    SCRIBE = "scribe"
    ACTIONS = "actions"
    DECISIONS = "decisions"
    PROPOSALS = "proposals"
    QUESTIONS = "questions"
    AGENDA = "agenda"
    DATE = "date"
    META = "meta"
    """Place, links, recording, next meeting: about the meeting and not said in it."""
    CONTEXT = "context"
    PROBLEM = "problem"
    SOLUTION = "solution"
    STEPS = "steps"
    TOOLS = "tools"
    RESULTS = "results"
    CAUTIONS = "cautions"


PRACTICE_ROLES = (
    Role.CONTEXT,
    Role.PROBLEM,
    Role.SOLUTION,
    Role.STEPS,
    Role.TOOLS,
    Role.RESULTS,
    Role.CAUTIONS,
)
"""Roles whose values are the names of a practice's fields."""

PEOPLE_ROLES = (Role.PRESENT, Role.ABSENT, Role.CHAIR, Role.SCRIBE)

_WHO = (
    r"(?:(?:les |the |liste des |list of |)(?:personnes?|membres?|people|members|administrateurs|"
    r"administratrices|board members|directors) )?"
)
_ROLES: tuple[tuple[Role, str], ...] = (
    (
        Role.ABSENT,
        rf"(?:etaient |les |the )?{_WHO}(?:absents?|absentes?|absences?|excuses?|excusees?|absents? "
        rf"excuses?|absents?(?: et| ou|/|,) ?excuses?|"
        r"excuses?(?: et| ou|/|,) ?absents?|regrets|apologies(?: for absence)?|absentees?|not "
        r"present|not attending|missing|not there|pas la|manquaient|"
        r"unable to attend|non presents?|ont donne (?:leur )?(?:pouvoir|procuration)|pouvoirs?|"
        r"procurations?)",
    ),
    (
        Role.PRESENT,
        rf"(?:etaient |les |the )?{_WHO}(?:presents?|presentes?|presences?|participants?|participantes?|"
        rf"participation|attendees?|"
        r"attendance|attending|in attendance|roll ?call|emargement|feuille de presence|liste de "
        r"presence|tour de presence|"
        r"call attendees|also (?:there|present|attending)|(?:aussi|egalement) (?:la|presente?s?)|"
        r"invites?|guests?|visiteurs?|visitors?|observateurs?|observers|who (?:is|"
        r"was) (?:here|there)|there|here|etaient la|qui est la)"
        r"(?: (?:a|de|lors de|at|in) (?:la |the )?(?:reunion|meeting|seance|call))?(?: \(.*\))?",
    ),
    (
        Role.CHAIR,
        r"chair(?:person|man|woman|s)?|moderators?|moderation|facilitators?|facilitation|animation|anime par|"
        r"animateurs?|animatrices?|president(?:e)? de (?:seance|la seance)|host",
    ),
    (
        Role.SCRIBE,
        r"scribes?|notes?(?: by| taker| takers)?|note-?takers?|minutes(?: taken)?(?: by)?|"
        r"secretaire(?: de seance)?|secretariat(?: de seance)?|prise de notes?|"
        r"redaction|redacteurs?|redactrices?|redige par|notes prises par",
    ),
    (
        Role.ACTIONS,
        r"(?:(?:new|open|nouvelles?|liste des|list of|summary of|releve des?|releve d'|"
        r"recapitulatif des?|suivi des?|plan d'|points? d'|prochaines|"
        r"next|previous|old|pending|outstanding|precedentes|review of|revue des|recap des|rappel "
        r"des|les|our|my) ?)*"
        r"(?:actions?|action items?|action points?|actions? (?:items? )?(?:needed|required|a "
        r"mener|a faire|a venir|decidees?|prevues?|"
        r"precedentes?|en cours|ouvertes?|summary|prioritaires|urgentes|restantes)|"
        r"todos?|to ?-?do(?: list)?|a faire|taches?(?: "
        r"(?:a faire|prioritaires|urgentes|restantes|en cours))?|tasks?|next steps?|"
        r"prochaines etapes|suites? a donner|suites?|who does what|qui fait quoi|follow[- ]?ups?|assignments)"
        r"(?: (?:from|de|of|du|des|pour|for|by|par|depuis|a|lors|at|since|issues) .{1,40})?",
    ),
    (
        Role.DECISIONS,
        r"(?:(?:key|main|summary of|releve des?|liste des|les|principales|recapitulatif des?|all|the) ?)*"
        r"(?:decisions?|resolutions?|decision items?|decisions? (?:made|taken|prises?|adoptees?|"
        r"reached)|agreements?|conclusions? et decisions|"
        r"votes?|deliberations?|points? decides?|ce qu(?:'|e l')on a decide|what we decided|motions?)",
    ),
    (
        Role.PROPOSALS,
        r"(?:les |open |our )?(?:propositions?|proposals?|proposed(?: resolutions?)?|suggestions?)",
    ),
    (
        Role.QUESTIONS,
        r"(?:(?:les|open|unresolved|outstanding|remaining|autres) )*(?:questions?|questions? "
        r"(?:ouvertes?|en suspens|a traiter|en attente|restantes?)|"
        r"open (?:issues|points)|points? (?:ouverts?|en suspens)|parking lot|interrogations)",
    ),
    (
        Role.AGENDA,
        r"(?:github |proposed |draft |today'?s )?(?:agenda|ordre du jour|odj|sommaire|table of "
        r"contents|table des matieres|contents|toc|"
        r"menu|points? a l'ordre du jour|programme|topics|sujets)(?: (?:precedent|previous|du "
        r"jour|de la reunion))?(?: \(.*\))?",
    ),
    (
        Role.DATE,
        r"(?:date|meeting date|date and time|date et heure|date/time|meeting date/time|quand|"
        r"when|le|date de la reunion)",
    ),
    (
        Role.META,
        r"(?:lieu|location|where|place|ou|heure|time|horaires?|duree|(?:meeting )?duration|debut|"
        r"fin|start|end|links?|liens?|"
        r"video|audio|audio/video(?: of the meeting)?|recording|enregistrement|zoom|visio|jitsi|"
        r"(?:date (?:de la |of the )?)?(?:prochaine|next)(?: \w+)? (?:reunion|meeting|call|"
        r"rencontre|seance|rendez-vous|cd|ca|ag)|"
        r"prochaines (?:reunions|dates|rencontres)|next meeting date(?:/time)?|"
        r"previous meeting|reunion precedente|appendix|annexes?|resources?|ressources|"
        r"references?|etherpad|pad|irc log|"
        r"log|status|statut|version|license|licence|auteurs?|authors?|tags?|attachments?|pieces? "
        r"jointes?)(?: .{0,25})?",
    ),
    (
        Role.CONTEXT,
        r"(?:le |the |our |notre )?(?:contexte|context|background|situation(?: de depart| "
        r"initiale)?|constats?|etat des lieux|point de depart|pourquoi(?: ce sujet)?|"
        r"why|motivation|rappel du contexte|current situation|setting|where we started)",
    ),
    (
        Role.PROBLEM,
        r"(?:le |les |the |our |notre )?(?:problemes?|problem(?: statement)?s?|problematique|"
        r"difficultes?|soucis?|enjeux?|challenges?|pain points?|besoins?|"
        r"needs?|obstacles?|freins?|ce qui n'allait pas|ce qui coincait|ce qui bloquait|what was "
        r"wrong|what did not work|the issue)(?: .{0,30})?",
    ),
    (
        Role.SOLUTION,
        r"(?:la |les |the |our |notre |une )?(?:solutions?(?: (?:retenue|trouvee|adoptee|"
        r"proposee|chosen|found|adopted))?|approche|approach|reponse|"
        r"pratiques?(?: mise en place)?|(?:our |the )?practices?|ce qu(?:'|e l')(?:on|nous) (?:a|"
        r"avons) (?:fait|mis en place|essaye|teste)|"
        r"what (?:we|they) (?:did|do|tried|changed)|what worked|ce qui a marche|ce qui marche|"
        r"astuces?|tips?|bonnes? pratiques?|"
        r"good practices?|best practices?|methode|method|idee retenue)",
    ),
    (
        Role.STEPS,
        r"(?:les |the |our )?(?:etapes?|steps?|procedures?|mode operatoire|marche a suivre|"
        r"deroule|deroulement|mise en oeuvre|mise en place|recette|"
        r"how to(?: do it)?|how (?:we do it|it goes|it went|it works|we did it)|comment (?:faire|"
        r"on fait|on s'y "
        r"prend|ca marche|proceder)|implementation|instructions?|"
        r"protocole|process|processus|check-?list|pas a pas|step by step)",
    ),
    (
        Role.TOOLS,
        r"(?:les |the |our )?(?:outils?(?: (?:utilises?|necessaires?))?|tools?(?: (?:used|"
        r"needed))?|materiels?(?: (?:necessaire|utilise))?|materials?|"
        r"equipements?|equipment|logiciels?|software|fournitures|supplies|what (?:you|we) need(?:ed)?|"
        r"ce qu'il (?:faut|vous faut))",
    ),
    (
        Role.RESULTS,
        r"(?:les |the |our )?(?:resultats?(?: (?:obtenus?|constates?))?|results?|bilan|outcomes?|"
        r"effets?|benefices?|benefits?|"
        r"lecons?(?: apprises?| tirees?)?|lessons?(?: learned| learnt)?|enseignements?|"
        r"retours?(?: d'experience)?|impacts?|"
        r"ce que (?:ca|cela) (?:a )?(?:change|donne|apporte)|what (?:we learned|changed|"
        r"happened)|apprentissages?|takeaways?)",
    ),
    (
        Role.CAUTIONS,
        r"(?:les |the |our )?(?:points? (?:de vigilance|d'attention)|vigilances?|attention|"
        r"cautions?|warnings?|pitfalls?|pieges?(?: a eviter)?|risques?|risks?|"
        r"limites?|limits?|limitations?|caveats?|a eviter|a surveiller|what to avoid|watch ?out|"
        r"mises? en garde|precautions?|"
        r"erreurs a eviter|gotchas?|ne pas faire|things to (?:avoid|watch))",
    ),
)
_COMPILED = tuple((role, re.compile(rf"(?:{pattern})\Z")) for role, pattern in _ROLES)

# "présent·e·s", "présent(e)s", "présent-e-s", "présent.e.s", "présents/présentes" -> "presents"
_INCLUSIVE = re.compile(r"(?<=[a-z])[·•.(\-/](?:e|ne|te|le|ve|trice|euse)[)·•.\-]*(s?)\)?(?![a-z])")
_DOUBLED = re.compile(r"\b([a-z]{4,}?)s?\s*/\s*\1\w{0,3}")
_PLURAL_HINT = re.compile(r"\((?:s|e|es|x|ne|nes)\)")
_NUMBERING = re.compile(
    r"^\s*(?:(?:point|item|topic|sujet|section|"
    r"partie)\s+)?(?:n[°o]\s*)?(?:\(?(?:\d{1,2}(?:\.\d{1,2}){0,3}|[ivx]{1,4}|"
    r"[a-z])\s*[.)\]:–—-]+|\d{1,2}(?:\.\d{1,2}){1,3})\s*(?=\S)",
    re.I,
)
_EDGES = re.compile(r"^[^\w(«\"“'’`#@\[{]+|[\s:;,\-–—_*=#>]+$")
_COUNT = re.compile(r"\s*[(\[]\s*\d+[^)\]]{0,20}[)\]]\s*$|\s*[:–-]?\s*\d+\s*$")
_LABEL = re.compile(r"^([^:]{2,60}?)\s?:")
_TOPIC_PREFIX = re.compile(
    r"^\s*(?:sub-?topic|topic|sujet|theme|thème|th[eè]me|agenda item|item|point(?: "
    r"n?°?\s*\d{1,2})?|pratique|practice|fiche|atelier)\s*[:–—]\s+",
    re.I,
)


def clean_heading(text: str) -> str:
    """Return a heading without its numbering, its "Topic:" and what stands around it."""
    cleaned = _NUMBERING.sub("", text.strip())
    cleaned = _TOPIC_PREFIX.sub("", cleaned)
    cleaned = _NUMBERING.sub("", cleaned)
    cleaned = re.sub(r"^[^\w(«\"“'’`#@\[{¿¡.]+", "", cleaned)
    return re.sub(r"[\s:;,–—_*=#>-]+$", "", cleaned)


def label_role(text: str) -> Role | None:
    """Say what a line says of itself before its colon ("Problème : ..."); None when it says nothing."""
    label = _LABEL.match(text)
    return role_of(label.group(1)) if label else None


def role_of(heading: str) -> Role | None:
    """Say what a section with this heading (or label) holds; None when the words do not tell.

    Args:
        heading: A heading as it is written: "2) Décisions prises :", "Présent·e·s (5)".
    """
    if len(heading) > 120:
        return None
    text = folded(clean_heading(heading))
    text = _PLURAL_HINT.sub("s", text)
    text = _INCLUSIVE.sub(r"\1", text)
    text = _DOUBLED.sub(r"\1s", text)
    text = _COUNT.sub("", text)
    text = re.sub(r"[^\w\s'/(),.&+-]+", " ", text)
    text = _EDGES.sub("", " ".join(text.split()))
    if not text:
        return None
    return next((role for role, pattern in _COMPILED if pattern.match(text)), None)
