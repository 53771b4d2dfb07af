"""Phrases by which people say, without headings, what the problem was, what they did, and what came of it.

Matched on folded text. A phrase counts only where it is hard to read otherwise: a draft is made from
several of them together.
"""

import re

from capture.lines import folded

_WE = (
    r"(?:on|nous|we|they|i|je|l'equipe|l'atelier|l'asso|l'association|the team|our team|the group|le groupe)"
)

_CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "cautions",
        re.compile(
            r"^(?:attention|gare|veiller|bien penser|penser|ne pas|eviter|prevoir|il (?:faut|"
            r"faudra) (?:eviter|veiller|faire attention|bien|penser)|surtout|careful|be careful|"
            r"beware|watch out|don't|do not|avoid|"
            r"never|make sure|always (?:check|keep|remember)|remember to|take care|keep in mind|"
            r"warning|caution)\b"
            r"|\b(?:attention a|attention aux|ne pas oublier|ne jamais|a eviter|il faut (?:faire "
            r"attention|veiller|eviter|bien penser)|point de vigilance|(?:le|un) risque (?:est|"
            r"c'est)|"
            r"(?:le|un) piege|(?:la|une|seule) limite (?:est|:\s?\w+|c'est)|be careful|watch out for|"
            r"don't forget|do not forget|make sure (?:to|that|you)|the (?:catch|risk|pitfall|"
            r"downside) (?:is|was)|only caveat|needs care)\b"
        ),
    ),
    (
        "results",
        re.compile(
            r"^(?:resultat|resultats|result|results|bilan|outcome)\b|^depuis,? (?:on|nous|plus|"
            r"il|les|le|la|ca|c'est|ce|lors|que)\b|^since (?:then|we|that|last)\b"
            r"|\b(?:(?:du|comme) resultat|as a result|the result (?:is|was)|le resultat (?:est|"
            r"c'est)|ca (?:marche|a marche|fonctionne|a permis|nous a permis|a change)|cela (?:a "
            r"permis|nous a permis|fonctionne)|"
            r"(?:a|ont|avons|avait) (?:bien |tres bien |beaucoup |vraiment )?(?:diminue|baisse|"
            r"augmente|double|triple|reduit|gagne|progresse|divise|economise)|divise(?:e|es|s)? "
            r"par|multiplie(?:e|es|s)? par|gain de|"
            r"on (?:gagne|economise|perd moins|a gagne|est passe(?:s)? de)|nous (?:gagnons|avons "
            r"gagne|sommes passes de)|we (?:saved|save|gained|went from|cut|now (?:take|spend|"
            r"need|lose|have|get))|(?:dropped|fell|rose|went (?:up|down|from)|grew|halved|"
            r"doubled|decreased|increased|improved) (?:from|by|to)|"
            r"now (?:takes?|works|only takes)|it (?:works|worked|has worked) (?:well|great|fine|"
            r"better)|works (?:well|better|fine|great)|plus (?:aucun|personne|jamais)|no longer|"
            r"no more|instead of \d|au lieu de \d)\b"
        ),
    ),
    (
        "problem",
        re.compile(
            r"^(?:probleme|problem|difficulte|constat|issue)\b.{0,25}(?::|est|is|was|c'est)"
            r"|\b(?:(?:le|notre|un|principal|vrai|gros) (?:probleme|souci|point noir)(?: (?:\w+ "
            r"){0,2})?(?:est|etait|c'est|c'etait|:\s?\w+|vient)|(?:the|our|one|main|big) (?:problem|"
            r"issue|trouble|difficulty|challenge|pain point) (?:is|was|we had|with)|"
            r"(?:on|nous) (?:avait|avions|a|avons|a eu|a du|avons eu) (?:du mal|des difficultes|"
            r"des soucis|un souci|des problemes|un probleme)|(?:difficile|complique|impossible|"
            r"penible) (?:de|d'|pour|a)|(?:on|nous) (?:perdait|perdions|perd|perdons|oubliait|"
            r"manquait|manquions|n'arrivait|n'arrivions|n'arrive|ne savait|ne savions|ne "
            r"retrouvait|galerait|galere)|"
            r"personne ne (?:savait|sait|pouvait|retrouvait|voulait|repondait)|(?:il|elle|ca) "
            r"(?:manquait|manque|n'y avait (?:pas|plus|aucun))|"
            r"we (?:struggled|had trouble|had problems|were losing|kept losing|kept|could not|"
            r"couldn't|lost|wasted|never knew|used to lose|used to waste|used to forget)|nobody "
            r"(?:knew|could|wanted|answered)|no one (?:knew|could)|"
            r"(?:it was|was|is|it is|it's) (?:too |very |really )?(?:hard|difficult|impossible|"
            r"painful|slow|confusing) (?:to|for)|kept (?:failing|breaking|getting lost|"
            r"forgetting))\b"
        ),
    ),
    (
        "tools",
        re.compile(
            r"^(?:outils?|materiel|tools?|materials?|equipment|logiciels?)\b\s?:"
            r"|\b(?:(?:on|nous) (?:utilise|utilisons|se sert|s'appuie sur|travaille avec)|"
            r"(?:avec|via|grace a) (?:l'outil|le logiciel|le tableur|l'application|l'appli)|il "
            r"(?:faut|vous faut) (?:juste |simplement )?(?:un|une|des|du|de la) \w+|"
            r"we (?:use|are using|rely on)|(?:using|with) (?:the|a|our) (?:tool|spreadsheet|app|"
            r"script|template|software|form)|you (?:only |just )?need (?:a|an|some|two|three))\b"
        ),
    ),
    (
        "solution",
        re.compile(
            r"^(?:solution|astuce|tip|idee|pratique|practice|la methode|our "
            r"approach)\b.{0,25}(?::|est|is|was|c'est)"
            rf"|\b(?:la solution|the (?:solution|fix|trick|answer|idea) (?:is|was)|{_WE} (?:a|"
            rf"ont|avons|have|has|had|ai)(?: \w+ment)?(?: donc| alors| aussi| since| then| now| "
            rf"finally)? (?:mis en place|mise en place|instaure|cree|installe|organise|teste|"
            rf"essaye|adopte|lance|ajoute|fabrique|ecrit|redige|imprime|prepare|monte|commence a|"
            rf"choisi de|accroche|affiche|achete|colle|decoupe|demande a|dessine|etiquete|fixe|laisse|loue|"
            rf"pose|"
            rf"partage|propose|range|recupere|regroupe|trace|trie|"
            r"decide de|pris l'habitude|remplace|change|introduced|set up|created|adopted|"
            r"started|tried|tested|switched|moved|built|written|put|added|replaced|made|begun|"
            r"changed)|"
            r"[a-z-]{2,} a (?:mis en place|instaure|cree|installe|fabrique|apporte|construit|bricole|"
            r"invente|eu l'idee)|[a-z-]{2,} (?:brought|introduced|built|designed|came up with)|"
            r"^(?:du coup|alors|donc|finalement|c'est pourquoi|so|therefore),? (?:on|nous|we) (?:a|avons|"
            r"have|has)?\b|"
            r"mis(?:e)? en place (?:un|une|des|d'un|d'une|de)|(?:desormais|dorenavant|"
            r"maintenant),? (?:on|nous|chaque|chacun|c'est|le|la|les|il)|a la place,? (?:on|"
            r"nous)|"
            r"we (?:introduced|set up|created|started|switched to|moved to|began|tried|now|put "
            r"(?:a|up|in)|built|wrote|added|replaced|made a|changed|solved|fixed)|what (?:works|"
            r"worked|helped) (?:is|was|best|for us)|ce qui (?:marche|a marche|fonctionne|a aide)|"
            r"to (?:fix|solve|avoid|address) (?:this|that|it)|pour (?:resoudre|regler|eviter) "
            r"(?:ca|cela|ce|le|les|la))\b"
        ),
    ),
    (
        "steps",
        re.compile(
            r"^(?:d'abord|tout d'abord|premierement|en premier|ensuite|puis|enfin|pour finir|"
            r"apres,|apres cela|etape \d|first(?:ly)?|secondly|second,|third,|then|next,|after "
            r"that|finally|lastly|step \d)\b"
            r"|^\d(?:er|e|eme|nd|rd|th|st)? etape\b"
        ),
    ),
    (
        "context",
        re.compile(
            r"^(?:contexte|context|background|dans le cadre|a l'origine|au depart|jusqu'ici|"
            r"jusqu'a present|historiquement|until now|originally|previously|before,|avant,)\b|"
            r"\b(?:dans le cadre (?:de|du|des)|in the context of)\b"
        ),
    ),
)

_TELLS = re.compile(
    r"(?:retours? d'experience|retex|\brex\b|pratique|practice|astuce|tutoriel|tuto\b|how (?:we|"
    r"to)|comment (?:on|nous|faire)|mode operatoire|procedure|methode|bonnes? pratiques?|fiche|"
    r"what worked|lessons? learn|experience)"
)


def cue_of(sentence: str) -> str | None:
    """Return the field of a practice that a sentence's own words point to; None when they point nowhere."""
    flat = folded(sentence[:800])
    if flat.endswith("?"):
        return None
    return next((field for field, pattern in _CUES if pattern.search(flat)), None)


def tells_of_practice(heading: str) -> bool:
    """Whether a heading announces how something is done ("Retour d'expérience : ...", "How we ...")."""
    return bool(_TELLS.search(folded(heading[:200])))
