"""Writing in the wiki through the API: under the own account of who asks, one thing at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.exceptions import Conflict, Forbidden

from connector.errors import (
    CaptureError,
    EditConflictError,
    EditRefusedError,
    GrantEndedError,
    WikiLoginError,
    WikiUnavailableError,
)
from connector.wiki import MediaWiki
from webui.api.json_bodies import text_in
from webui.current import current_services
from webui.pages.own_publishing import CredentialsWantedError, own_wiki_with

LONGEST_ACCOUNT: Final = 255
WRITING_ERRORS: Final = (
    WikiUnavailableError,
    WikiLoginError,
    GrantEndedError,
    EditConflictError,
    EditRefusedError,
    409,
)
"""What an operation may be refused with that writes in the wiki."""
ACCOUNT_IN_BODY: Final[Mapping[str, Mapping[str, Any]]] = {
    "account": {"type": "string", "maxLength": LONGEST_ACCOUNT},
    "password": {"type": "string", "maxLength": LONGEST_ACCOUNT},
}
"""Properties of a body: an account written Name@app and its bot password, for who lets us keep neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAccount:
    """The account that a body brings along; both are empty where it brings none."""

    name: str
    password: str = field(repr=False)


def account_in(body: dict[str, Any]) -> GivenAccount:
    """Return the account that a body brings along.

    Raises:
        BadRequest: its name or its password is no text, or too long.
    """
    return GivenAccount(
        name=text_in(body, "account", longest=LONGEST_ACCOUNT),
        password=text_in(body, "password", longest=LONGEST_ACCOUNT),
    )


@contextmanager
def wiki_of_asker(given: GivenAccount) -> Iterator[MediaWiki]:
    """Lend the wiki under the account of who asks: the one given, or what they granted or let us keep.

    Raises:
        Conflict: there is no wiki behind this copy, or the page cannot take what is to be written.
        Forbidden: there is no account that it could be written under.
        ConnectorError: as `webui.pages.own_publishing.own_wiki_with`, and what is done with the wiki.
    """
    if not current_services().can_publish:
        raise Conflict("no wiki stands behind this copy: nothing can be written")
    try:
        with own_wiki_with(given.name, given.password) as wiki:
            yield wiki
    except CredentialsWantedError as e:
        raise Forbidden(
            "this is written in the wiki under your own account: sign in and let us act for you, "
            'or give a bot password: {"account": "Name@app", "password": ...}'
        ) from e
    except CaptureError as e:
        if type(e) is not CaptureError:
            raise
        raise Conflict(str(e)) from e
