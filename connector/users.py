"""Who somebody is in the wiki: their number there, which stays when they are renamed, and their groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from connector.api import Api, Reply

_ASKED: Final = {"list": "users", "usprop": "groups|blockinfo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiUser:
    """An account of the wiki, as it is now."""

    id: int
    name: str
    groups: tuple[str, ...]
    """Also those that go without saying: "*", "user", "autoconfirmed"."""
    blocked: bool
    """From the whole wiki; who may only not edit some pages is not."""


def read_users(api: Api, *, ids: Sequence[int] = (), names: Sequence[str] = ()) -> list[WikiUser]:
    """Return those of some accounts that exist and are not hidden (https://www.mediawiki.org/wiki/API:Users).

    Args:
        api: the wiki.
        ids: numbers of accounts, fifty at most; or
        names: names of accounts, likewise. What cannot be a name is nobody's.

    Raises:
        WikiUnavailableError, WikiLoginError, ApiError: see `Api.call`.
    """
    if ids:
        wanted: dict[str, Any] = {"ususerids": "|".join(map(str, ids))}
    else:
        wanted = {"ususers": "".join(f"\x1f{name.replace(chr(0x1F), '')}" for name in names)}
    users = api.call("query", {**_ASKED, **wanted})["query"]["users"]
    return [_user(user, user["userid"]) for user in users if "userid" in user and not user.get("missing")]


def read_me(api: Api) -> WikiUser:
    """Return the account that asks (https://www.mediawiki.org/wiki/API:Userinfo).

    Raises:
        WikiUnavailableError, WikiLoginError, ApiError: see `Api.call`.
    """
    info = api.call("query", {"meta": "userinfo", "uiprop": "groups|blockinfo"})["query"]["userinfo"]
    return _user(info, info["id"])


def _user(user: Reply, number: int) -> WikiUser:
    return WikiUser(
        id=number,
        name=user["name"],
        groups=tuple(user["groups"]),
        blocked="blockid" in user and not user.get("blockpartial"),
    )
