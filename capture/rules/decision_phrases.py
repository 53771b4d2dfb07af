"""Phrases that say of a sentence that something was decided, or proposed, or not decided yet.

Matched on folded text, in French and English.
"""

import re

NUMBER = r"(?:\s?(?:[#n°-]{0,2}\s?\d{1,4}(?:\.\d{1,3})?|\(\s?#?\d{1,4}\s?\)))?"
"""What may stand between a marker and its colon: "Décision n°3 :"."""

PROPOSED = re.compile(
    rf"^[^\w(\[]{{0,4}}(?:proposed(?: resolution)?|proposal|draft (?:proposal|resolution)|"
    rf"proposition|proposé|motion|suggestion){NUMBER}\s?(?::|–|—|->|=>|→|"
    rf"-(?=\s))\s*(?P<rest>\S.*)$",
    re.I | re.S,
)
"""A line that is marked as a proposal."""

SAID_DECIDED = re.compile(
    r"\b(?:il (?:est|a ete) (?:donc |finalement |aussi |egalement |ensuite )?(?:decide|convenu|acte|vote|"
    r"approuve|adopte|entendu)|(?:on|nous|le (?:ca|cd|bureau|conseil|comite|groupe|collectif)(?: \w+)?|"
    r"l'(?:assemblee(?: generale)?|ag|equipe|association|asso)|les (?:membres|presents|personnes presentes|"
    r"participants)|tout le monde|la commission)(?: \w+)? (?:a |avons |ont |)(?:donc |finalement |bien |)"
    r"(?:decide|decidons|decident|convenu|acte|actons|vote|votent|valide|valident|validons|adopte|adoptent|"
    r"approuve|approuvent|tranche|optons|donne son accord)\b"
    r"|(?:l'assemblee(?: generale)?|le (?:bureau|conseil|comite))(?:,[^.;]{0,200},|\b[^.;,]{0,40}) decide "
    r"(?:de|d'|que|qu')"
    r"|decision (?:est |a ete |)(?:prise|retenue|unanime|collective)"
    r"|(?:est|sont|a ete|ont ete) (?:\w+ )?(?:adoptee?s?|approuvee?s?|validee?s?|votee?s?|actee?s?|"
    r"retenue?s?|elue?s?|refusee?s?|rejetee?s?|reconduite?s?)(?: (?:a l'unanimite|par|a la majorite|en "
    r"seance)|\b)"
    r"|\b(?:adoptee?s?|approuvee?s?|validee?s?|votee?s?|elue?s?) (?:par (?:(?:le|la|l') ?(?:bureau|conseil|"
    r"ca|cd|comite|assemblee|ag|commission|groupe)|tou(?:s|tes)|les (?:membres|"
    r"presents|participants)|\d{1,4} voix)|a "
    r"l'unanimite|a la majorite|a main levee)"
    r"|^(?:donc,? |finalement,? )?(?:on|nous) (?:a|avons) (?:\w+ )?(?:choisi|retenu|opte pour)\b"
    r"|a l'unanimite|accord (?:unanime|general|de tou(?:s|tes))|(?:on|nous) (?:est|sommes) (?:tous |toutes )?"
    r"d'accord (?:pour|sur|que)|tout le monde est d'accord (?:pour|sur|que)|tou(?:s|tes) d'accord pour"
    r"|(?:le|notre) choix (?:se porte|s'est porte) sur|(?:un |il y a )?consensus (?:pour|sur|autour de)\b"
    r"|(?:aucune|sans|pas d') ?(?:opposition|objection)s?\b(?! entre)"
    r"|on (?:part|reste) (?:donc |plutot |finalement )?(?:sur|avec)\b|on (?:valide|garde|retient|choisit|"
    r"opte) (?:donc |finalement )?(?:la|le|les|l'|un|une|cette|ce|pour)\b"
    r"|(?:we|the (?:group|board|committee|team|council|members?|meeting|chairs?)|everyone|all|it (?:was|"
    r"is|has been)) (?:have |has |had |all |also |then |finally |unanimously )?(?:agreed|"
    r"decided|resolved|approved|voted|settled|chose|adopted)\b"
    r"|(?:motion|resolution|proposal|minutes|budget|report)s? (?:\w+ )?(?:(?:was|were|is|are|has "
    r"been|have been) )?(?:passed|passes|carried|carries|approved|adopted|accepted|unanimously)\b"
    r"|(?:passed|approved|adopted|carried|accepted) (?:unanimously|by consensus|by (?:the "
    r")?(?:board|group|vote)|without objection)|unanimously (?:approved|agreed|passed|adopted|"
    r"elected)"
    r"|\bmoved (?:by|to|that)\b.{1,160}\bseconded\b"
    r"|^(?:agreed|decided|resolved),? (?:to|that|on|against)\b|^(?:decide|convenu|acte) (?:de|d'|que|qu')"
    r"|without objections?|no objections?[,;:]|(?:there (?:was|is)|we have|we reached) (?:a "
    r")?(?:rough |general |clear )?consensus (?:to|that|on|for)|(?:the )?consensus (?:is|was) (?:to|that)"
    r"|decision (?:was |is |has been )?(?:made|taken|reached) (?:to|that)|the decision (?:is|was) (?:to|that)"
    r"|^(?:ok(?:ay)?,? |so,? |then,? |alright,? |great,? )*(?:let's|we'll|we will) (?:go|stick|stay) "
    r"(?:ahead )?with\b|^(?:ok(?:ay)?,? )?(?:we're|we are) going with\b)"
)
"""Somebody says that it is decided."""

SAID_PROPOSED = re.compile(
    r"\b(?:il est propose|(?:je|on|nous) (?:propose|proposons) (?:de|que|d')|i(?:'d like to| "
    r"would like to)? propose (?:that|to|we|a)|my proposal is|it (?:was|is) proposed (?:that|to))"
)
"""Somebody proposes it."""

NOT_YET = re.compile(
    r"\b(?:pas (?:encore )?(?:(?:ete|definitivement) )*(?:decide|tranche|vote|valide|choisi|retenu)|not "
    r"(?:yet )?(?:agreed|decided)|n'(?:a|est|ont|avons|avait) (?:pas|rien) |didn't|did not|haven't|have not|"
    r"hasn't|whenever|until|critical|important|i (?:think|mean|disagree|believe|guess|hope)|maybe|"
    r"at the time|early on|(?:have|let|has) the (?:group|board|team)|to be "
    r"(?:decided|agreed)|a (?:decider|valider|voter)|if (?:we|it|everyone)|should (?:we|it) |if "
    r"we |when we |as soon as |once (?:we|it) |before (?:we|it) "
    r"|whether|need to (?:decide|agree)|needs to be|can we|could we|if there (?:are|"
    r"is) no|unless|si (?:on|nous|tout)"
    r"|des (?:que|qu')|une fois (?:que|qu')|reste a|avant (?:de|que|d')|(?:seance|reunion|ag) precedente|"
    r"derniere (?:seance|reunion|ag)|(?:last|previous) "
    r"(?:meeting|call)|devr(?:a|ont) etre|pourr(?:a|ont|ait|"
    r"aient) etre)"
)
"""It is not, or it only may be."""

REFERS_BACK = re.compile(
    r"^(?:cette|la (?:presente)?|ladite|this|the) ?(?:resolution|proposition|motion|deliberation|"
    r"modification|decision|proposal)s? (?:est|a ete|sont|was|is|has been|passed|carried|adoptee|approuvee)\b"
)
"""The sentence says that it was decided, and another one says what."""

LEAD_IN = re.compile(
    r"^(?:(?:il|elle) (?:est|a été) (?:donc |finalement )?(?:décidé|convenu|acté|voté)\s*(?:de |"
    r"d[’']|que |qu[’']|:)\s*|(?:on|nous) (?:a |avons )?(?:donc |finalement )?(?:décidé|décidons|"
    r"décide|convenu|acté)\s*(?:de |d[’']|que |qu[’']|:)\s*|"
    r"(?:we|the (?:group|board|team)|it was|it is) (?:have |has |all |also )?(?:agreed|decided|"
    r"resolved)\s*(?:that |to |:)\s*)",
    re.I,
)
"""What stands before the thing decided, and says nothing of it."""
