"""The template that shows what somebody tried, as wikitext: the template and its documentation.

It needs no extension. Names of parameters and words of the outcome come from
`connector.practice_experiences`, which reads and writes the pages.
"""

import json
from collections.abc import Collection, Mapping
from typing import Final

from connector.practice_experiences import OUTCOME_WORDS, PARAMETERS, TEMPLATES

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "intro": "What somebody tried, on the page of a practice, in its section of experiences.",
        "use": "How to use it",
        "by": "Who tried it",
        "on": "Day",
        "outcome": "Outcome",
        "context": "Where",
        "note": "Note",
        "by about": "Name of the person; may be left out.",
        "on about": "The day, as 2026-03-31.",
        "outcome about": "One of: {words}. Without it, Compagnon does not count the experience.",
        "context about": "In a few words, where it was tried.",
        "note about": "What they say of it.",
        "by example": "First Last",
        "context example": "Saturday workshop",
        "note example": "Six tables were enough for thirty visitors.",
    },
    "fr": {
        "intro": "Ce que quelqu’un a essayé, sur la page d’une pratique, dans sa section des expériences.",
        "use": "Utilisation",
        "by": "Par",
        "on": "Jour",
        "outcome": "Issue",
        "context": "Lieu",
        "note": "Note",
        "by about": "Nom de la personne ; facultatif.",
        "on about": "Le jour, sous la forme 2026-03-31.",
        "outcome about": "Au choix : {words}. Sans elle, Compagnon ne compte pas l’expérience.",
        "context about": "En quelques mots, là où cela a été essayé.",
        "note about": "Ce qu’elle ou il en dit.",
        "by example": "Prénom Nom",
        "context example": "atelier du samedi",
        "note example": "Six tables ont suffi pour trente visiteurs.",
    },
}
_LINE: Final = ("on", "by", "context")


def experience_template_text(*, language: str) -> str:
    """Return the template: a line that says the outcome, the day, who and where, and the note below it.

    What is left out leaves nothing behind, and the day is written as its readers do: `#dateformat` is a
    function of MediaWiki itself.
    """
    names = PARAMETERS[language]
    values = {name: f"{{{{{{{names[name]}|}}}}}}" for name in names}
    values["on"] = f"{{{{#dateformat:{values['on']}|dmy}}}}"
    line = "".join(f' <span style="margin-left:0.6em">{values[name]}</span>' for name in _LINE)
    return (
        '<includeonly><div class="compagnon-experience" style="border-left:3px solid #a2a9b1; '
        f"padding:0 0 0 0.8em; margin:0.5em 0\">'''{{{{{{{names['outcome']}|—}}}}}}'''{line}"
        f"<div>{values['note']}</div></div></includeonly><noinclude>{{{{/doc}}}}</noinclude>"
    )


def experience_documentation(*, language: str, extensions: Collection[str]) -> str:
    """Return the template's documentation, with TemplateData where the wiki reads it."""
    words, names = _WORDS[language], PARAMETERS[language]
    examples = {
        "by": words["by example"],
        "on": "2026-03-31",
        "outcome": OUTCOME_WORDS[language]["worked"],
        "context": words["context example"],
        "note": words["note example"],
    }
    example = "\n".join(f"|{names[name]}={value}" for name, value in examples.items())
    listed = "\n".join(f"; <code>{names[name]}</code>\n: {_about(name, language)}" for name in names)
    told = _template_data(language) if "TemplateData" in extensions else listed
    return (
        f"{words['intro']}\n\n== {words['use']} ==\n"
        f"<pre>\n{{{{{TEMPLATES[language]}\n{example}\n}}}}\n</pre>\n\n{told}"
    )


def _about(name: str, language: str) -> str:
    return _WORDS[language][f"{name} about"].format(words=", ".join(OUTCOME_WORDS[language].values()))


def _template_data(language: str) -> str:
    words = _WORDS[language]
    told = {}
    for name, called in PARAMETERS[language].items():
        known: dict[str, object] = {"label": words[name], "description": _about(name, language)}
        known["type"] = {"on": "date", "note": "string"}.get(name, "line")
        if name == "outcome":
            known["suggestedvalues"] = [*OUTCOME_WORDS[language].values()]
            known["required"] = True
        told[called] = known
    data = {"description": words["intro"], "params": told, "format": "block"}
    return f"<templatedata>\n{json.dumps(data, ensure_ascii=False, indent=chr(9))}\n</templatedata>"
