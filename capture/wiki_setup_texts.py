"""What a wiki needs for practices, as wikitext: the template, its documentation, its form, the categories.

None of it needs an extension; what a wiki has (TemplateData, Cargo, Semantic MediaWiki, Page Forms) is used.
Names of parameters and words of the status come from `connector.practice`, which reads and writes the pages.
"""

import json
from collections.abc import Collection, Mapping

from connector.practice import (
    FIELDS,
    PARAMETERS,
    TEMPLATE,
    Status,
    heading,
    parameter,
    status_word,
)

_SHOWN = ("status", "context", "contacts", "sources", "reviewed_by")
_STORED = {
    "status": "String",
    "context": "String",
    "contacts": "List (,) of String",
    "sources": "List (,) of String",
    "language": "String",
    "generated": "Boolean",
    "reviewed_by": "String",
}
"""Types of Cargo (https://www.mediawiki.org/wiki/Extension:Cargo/Storing_data)."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "box": "Practice",
        "status": "Status",
        "context": "Context",
        "contacts": "Who to ask",
        "sources": "Comes from",
        "language": "Language",
        "generated": "Drafted by a program",
        "reviewed_by": "Reviewed by",
        "status about": "How far the practice has come: {words}.",
        "context about": "In a few words, where this is practised.",
        "contacts about": "People to ask, separated by commas.",
        "sources about": "Where this comes from: meetings, pages, addresses; separated by commas.",
        "language about": "Language of the text: fr, en.",
        "generated about": "“yes” when a program drafted the text from notes.",
        "reviewed_by about": "Who read the draft and published it.",
        "intro": "The box at the top of a practice page. The sections below it are {sections}.",
        "use": "How to use it",
        "category": "Practices",
        "category about": "The practices of the community, each told on a page of its own.",
        "status category": "Status: {word}",
        "status category about": "Practices whose status is “{word}”.",
        "contact example": "First Last, First Last",
        "context example": "monthly workshops, 10 to 30 visitors",
        "source example": "Meeting of 3 March 2026",
        "create": "Create or complete a practice: give its title.",
        "category namespace": "Category",
    },
    "fr": {
        "box": "Pratique",
        "status": "Statut",
        "context": "Contexte",
        "contacts": "À qui demander",
        "sources": "Source",
        "language": "Langue",
        "generated": "Rédigée par un programme",
        "reviewed_by": "Relue par",
        "status about": "Où en est la pratique : {words}.",
        "context about": "En quelques mots, là où cela se pratique.",
        "contacts about": "Les personnes à qui demander, séparées par des virgules.",
        "sources about": "D’où cela vient : réunions, pages, adresses, séparées par des virgules.",
        "language about": "Langue du texte : fr, en.",
        "generated about": "« oui » quand un programme a rédigé le texte à partir de notes.",
        "reviewed_by about": "Qui a relu le brouillon et l’a publié.",
        "intro": "L’encadré en tête d’une page de pratique. Les sections qui le suivent sont {sections}.",
        "use": "Utilisation",
        "category": "Pratiques",
        "category about": "Les pratiques de la communauté, chacune racontée sur sa page.",
        "status category": "Statut : {word}",
        "status category about": "Les pratiques dont le statut est « {word} ».",
        "contact example": "Prénom Nom, Prénom Nom",
        "context example": "ateliers mensuels, 10 à 30 visiteurs",
        "source example": "Réunion du 3 mars 2026",
        "create": "Créer ou compléter une pratique : donnez son titre.",
        "category namespace": "Catégorie",
    },
}


def known_language(wiki_language: str) -> str:
    """Return `fr` or `en`: the language in which a wiki is set up."""
    return "fr" if wiki_language.lower().split("-")[0] == "fr" else "en"


def category_names(language: str) -> dict[Status | None, str]:
    """Return the name of the category of all practices (None), and of each status, without prefixes."""
    words = _WORDS[language]
    names: dict[Status | None, str] = {None: words["category"]}
    for status in Status:
        names[status] = words["status category"].format(word=status_word(status, language=language))
    return names


def template_text(*, language: str, extensions: Collection[str]) -> str:
    """Return the template: a box, the categories, and the data for whichever extension keeps them."""
    words = _WORDS[language]
    rows = "".join(
        f'|-\n! scope="row" | {words[name]}\n| {_value(name, language, default=_default(name, language))}\n'
        for name in _SHOWN
    )
    box = (
        '{| class="wikitable" style="float:right; clear:right; width:20em; max-width:100%; '
        f'margin:0 0 1em 1em"\n|+ {words["box"]}\n{rows}|}}'
    )
    status = _value("status", language, default=_default("status", language))
    prefix = words["category namespace"]
    categories = (
        f"[[{prefix}:{words['category']}]][[{prefix}:{words['status category'].format(word=status)}]]"
    )
    declared = _cargo_declaration(language) if "Cargo" in extensions else ""
    stored = _stored(language, extensions)
    return (
        f"<includeonly>{box}{stored}{categories}</includeonly><noinclude>{declared}{{{{/doc}}}}</noinclude>"
    )


def documentation_text(*, language: str, extensions: Collection[str]) -> str:
    """Return the template's documentation, with TemplateData where the wiki reads it."""
    words = _WORDS[language]
    sections = ", ".join(heading(name, language=language) for name in FIELDS)
    example = "\n".join(
        f"|{parameter(name, wiki_language=language)}={value}"
        for name, value in (
            ("status", status_word(Status.TESTED, language=language)),
            ("context", words["context example"]),
            ("contacts", words["contact example"]),
            ("sources", words["source example"]),
            ("language", language),
        )
    )
    listed = "\n".join(
        f"; <code>{parameter(name, wiki_language=language)}</code>\n: {_about(name, language)}"
        for name in PARAMETERS
    )
    told = _template_data(language) if "TemplateData" in extensions else listed
    return (
        f"{words['intro'].format(sections=sections)}\n\n== {words['use']} ==\n"
        f"<pre>\n{{{{{TEMPLATE}\n{example}\n}}}}\n</pre>\n\n{told}"
    )


def category_text(status: Status | None, *, language: str) -> str:
    """Return the page of the category of all practices (None), or of those with a status."""
    words = _WORDS[language]
    if status is None:
        return words["category about"]
    word = status_word(status, language=language)
    about = words["status category about"].format(word=word)
    return f"{about}\n\n[[{words['category namespace']}:{words['category']}]]"


def form_text(*, language: str) -> str:
    """Return the form of a practice (https://www.mediawiki.org/wiki/Extension:Page_Forms)."""
    words = _WORDS[language]
    statuses = ",".join(status_word(status, language=language) for status in Status)
    inputs = {
        "status": f"input type=dropdown|values={statuses}|default={_default('status', language)}",
        "language": f"input type=dropdown|values=fr,en|default={language}",
        "generated": "hidden",
        "reviewed_by": "hidden",
    }
    rows = "".join(
        f"|-\n! {words[name]}\n| {{{{{{field|{parameter(name, wiki_language=language)}"
        f"|{inputs.get(name, 'input type=text|size=60')}}}}}}}\n"
        for name in PARAMETERS
        if inputs.get(name) != "hidden"
    )
    hidden = "".join(
        f"{{{{{{field|{parameter(name, wiki_language=language)}|hidden}}}}}}\n"
        for name in PARAMETERS
        if inputs.get(name) == "hidden"
    )
    sections = "\n".join(
        f"'''{heading(name, language=language)}'''\n"
        f"{{{{{{section|{heading(name, language=language)}|level=2|rows=4|autogrow}}}}}}\n"
        for name in FIELDS
    )
    return (
        f"<noinclude>{words['create']}\n\n{{{{#forminput:form={TEMPLATE}}}}}</noinclude><includeonly>\n"
        f"{{{{{{for template|{TEMPLATE}}}}}}}\n"
        f'{{| class="formtable"\n{rows}|}}\n{hidden}{{{{{{end template}}}}}}\n\n{sections}\n'
        "{{{standard input|summary}}}\n\n{{{standard input|save}}} {{{standard input|preview}}} "
        "{{{standard input|changes}}} {{{standard input|cancel}}}\n</includeonly>"
    )


def _value(name: str, language: str, *, default: str) -> str:
    return f"{{{{{{{parameter(name, wiki_language=language)}|{default}}}}}}}"


def _default(name: str, language: str) -> str:
    return status_word(Status.EMERGING, language=language) if name == "status" else "—"


def _about(name: str, language: str) -> str:
    statuses = ", ".join(status_word(status, language=language) for status in Status)
    return _WORDS[language][f"{name} about"].format(words=statuses)


def _cargo_declaration(language: str) -> str:
    fields = "".join(f"|{name}={kind}" for name, kind in _STORED.items())
    return f"{{{{#cargo_declare:_table=practices{fields}}}}}"


def _stored(language: str, extensions: Collection[str]) -> str:
    """The same fields in English whatever the wiki: queries can be shared between wikis."""
    values = {name: _value(name, language, default="") for name in PARAMETERS}
    stored = ""
    if "Cargo" in extensions:
        fields = "".join(f"|{name}={value}" for name, value in values.items())
        stored += f"{{{{#cargo_store:_table=practices{fields}}}}}"
    if "SemanticMediaWiki" in extensions:
        separators = {"contacts": "|+sep=,", "sources": "|+sep=,"}
        fields = "".join(
            f"|Practice {name.replace('_', ' ')}={value}{separators.get(name, '')}"
            for name, value in values.items()
        )
        stored += f"{{{{#set:{fields}}}}}"
    return stored


def _template_data(language: str) -> str:
    words = _WORDS[language]
    told = {}
    for name in PARAMETERS:
        known: dict[str, object] = {"label": words[name], "description": _about(name, language)}
        known["type"] = "line"
        if name == "status":
            known["suggestedvalues"] = [status_word(status, language=language) for status in Status]
            known["default"] = _default(name, language)
        if name in ("status", "context", "contacts"):
            known["suggested"] = True
        told[parameter(name, wiki_language=language)] = known
    data = {"description": words["category about"], "params": told, "format": "block"}
    written = json.dumps(data, ensure_ascii=False, indent="\t")
    return f"<templatedata>\n{written}\n</templatedata>"
