"""Words that open a thing to do: French infinitives and present forms, English imperatives."""

import re

from capture.lines import folded, word_set

# French verbs of tasks by their stem, as they stand in the minutes of associations and companies.
# Without the verbs that report what was said (annoncer, expliquer, rappeler, présenter, proposer ...).
_FRENCH_STEMS = word_set(
    """
    achet ajout amen analys appel apport archiv arrang assur attend aur cherch clarifi clos
    collect command commenc communiqu compar complet configur confirm consult contact contrôl convoqu
    coordonn copi corrig cre creus dat décal déclar défin demand démarr dépos désign diffus discut
    distribu document donn dress écr édit édite effectu élabor emprunt encaiss engag envoi envoy essay
    établ étudi évalu explor ferm fin finalis fix formalis forward gér group héberg identifi
    imprim inscr install invit lanc liste list livr lou mail maj mett met migr modifi mont négoci
    nettoy nomm not obten offr organis ouvr pay paye partag particip planifi post pos pouss
    prend prép prépar prévien préven prév prévoi prolong promouv publi rachet
    rapport rassembl réalis récupér rédig réfléch regard régl relanc rel relis remont
    rempl remplac renouvel renouvell appell renseign répar répond reprend réserv résoud résoudr respect résum
    retourn retrouv réun revo renvoi renvoy sign sond souscri suiv supprim synthétis tent termin
    test traduir trait transfér transmett transmet transport trouv valid vérif vérifi vers voi vot
    """
)
_INFINITIVE = re.compile(r"^(?:(?:re|ré|r)?[a-zàâäéèêëîïôöûüç'’-]{2,}(?:er|ir|oir|dre|tre|ire|vre|ure))$")
_NOT_INFINITIVES = word_set(
    """
    however another either whether whoever whatever never remember better wherever whenever neither
    rather further later earlier lower hire fire wire more before where there here are were sure
    hier hiver premier dernier atelier papier cahier calendrier janvier fevrier courrier quartier
    chantier entier metier leader user server docker cluster newsletter computer paper other over under
    after their her per super master number avoir pouvoir devoir vouloir falloir soir noir espoir tiroir
    couloir etre lettre autre notre votre quatre centre titre ventre faire-part memoire histoire
    territoire laboratoire obligatoire ire voiture structure facture culture lecture nature mesure
    future allure figure heure ordre cadre membre nombre chambre septembre livre contre entre encontre
    plaisir desir avenir pour leur fleur sur dur cher fer mer hiver ver vers enfer clair air pair chair
    """
)
_THIRD = re.compile(
    r"^(?:s[’']|se |nous |vous |leur |lui |les |la |le |l[’'])?(?:"
    + "|".join(sorted({folded(stem) for stem in _FRENCH_STEMS}, key=len, reverse=True))
    + r")(?:e|es|t|d|ent|ra|ront|era|eront|ira|iront|s|it|oit|oie|ie|is|ne|nt|nd|dra|dront|tra)?$",
    re.I,
)
_FRENCH_PLAIN = word_set(
    """
    fait fera feront voit verra prend prendra envoie enverra tient tiendra vient viendra suit suivra
    ecrit ecrira lit relit met mettra
    """
)

_ENGLISH = word_set(
    """
    add address agree announce apply approve arrange ask assign assess attend backup book bring build
    buy call cancel change check circulate clarify clean close collect coordinate comment communicate
    compare compile complete confirm connect consider consult contact continue convert coordinate copy
    create decide define deliver deploy describe design determine develop discuss distribute document
    draft edit email engage ensure establish estimate evaluate examine explain explore file fill
    finalise finalize find finish fix follow forward gather generate get give group help host identify
    implement improve include inform inquire install introduce investigate invite join keep launch
    liaise list look mail maintain make manage meet merge migrate monitor move notify obtain open order
    organise organize outline pay ping plan post prepare present print produce propose provide publish
    purchase push put raise reach read recruit refactor register release remind remove renew reply
    report request research reserve resolve respond restart review revise rewrite run schedule send set
    setup share sign sort start submit suggest summarise summarize talk tell test track transfer
    translate try update upgrade upload verify vote work write
    """
)


def first_word(text: str) -> str:
    """Return the first word of a text, in lower case, with its accents."""
    found = re.match(r"^[^\w]*([\w'’-]+)", text)
    return found.group(1).casefold() if found else ""


def is_infinitive(word: str) -> bool:
    """Whether a word looks like a French infinitive ("relancer", "mettre")."""
    return bool(_INFINITIVE.match(word)) and folded(word) not in _NOT_INFINITIVES


def opens_french_task(text: str) -> bool:
    """Whether a text starts with a French infinitive, as tasks and steps do."""
    words = text.casefold().split()[:3]
    if not words:
        return False
    word = first_word(text)
    if word in ("se", "s", "ne", "re", "bien", "ré") and len(words) > 1:
        return any(is_infinitive(following.strip(",.:;")) for following in words[1:])
    if re.match(r"^(?:s|l|d|n)['’]", word):
        return is_infinitive(word[2:])
    return is_infinitive(word)


def opens_english_task(text: str) -> bool:
    """Whether a text starts with an English imperative, as tasks and steps do."""
    return first_word(text) in _ENGLISH


def commits_in_french(text: str) -> bool:
    """Whether what follows a name says what the person does or will do ("envoie le mail", "se renseigne")."""
    words = text.split()
    if not words:
        return False
    word = words[0].casefold().strip(",.:;")
    if word in ("se", "nous", "vous", "leur", "lui", "les", "la", "le") and len(words) > 1:
        word = words[1].casefold().strip(",.:;")
    word = re.sub(r"^(?:s|l|d|n)['’]", "", word)
    word = folded(word)  # "achète" and "acheter" have one stem
    return word in _FRENCH_PLAIN or bool(_THIRD.match(word))


def commits_in_english(text: str) -> bool:
    """Whether what follows "will" or "to" is something that a person does ("send the list")."""
    words = re.sub(
        r"^(?:also|then|now|just|probably|definitely|try to|work on|go|take a look|be|please)\s+",
        "",
        text.casefold(),
    ).split()
    return bool(words) and words[0].strip(",.:;") in _ENGLISH
