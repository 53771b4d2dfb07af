"""Who does something on these pages: who has signed in, or the name that people give where nobody signs in.

A name that is given holds for as long as the browser is open. It says who did what among people who trust
each other and proves nothing: what is published goes through the wiki's own accounts.
"""

from flask import Blueprint, request, session

from capture.lines import visible
from webui.rights.readers import current_reader

NAME_FIELD = "your-name"
NAMELESS = "web page"
"""Who did it, when nobody has said."""
_LONGEST = 80
_KEPT = "name"


def add_to(blueprint: Blueprint) -> None:
    """Let the pages show the name in its field."""
    blueprint.context_processor(lambda: {"your_name": given_name()})


def given_name() -> str:
    """Return the name of who has signed in, or the one that the visitor has given, or an empty text."""
    account = current_reader().account
    if account is not None:
        return account.name
    name = session.get(_KEPT, "")
    return name if isinstance(name, str) else ""


def actor() -> str:
    """Return who sends this form, and remember the name that stands in it.

    A form without the field changes nothing; an empty field forgets the name.
    """
    sent = request.form.get(NAME_FIELD)
    if sent is not None and current_reader().account is None:
        name = visible(sent)[:_LONGEST].strip()
        if name != given_name():
            session[_KEPT] = name
    return given_name() or NAMELESS
