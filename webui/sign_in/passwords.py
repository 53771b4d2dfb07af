"""Bot passwords: telling one from somebody's own password, which has no business here, and trying one.

https://www.mediawiki.org/wiki/Manual:Bot_passwords: MediaWiki takes "Name@app" with the secret, or "Name"
with "app@secret"; a secret is 32 digits and letters up to w, or more (`BotPassword::canonicalizeLoginData`).
"""

import re
from typing import TYPE_CHECKING

from webui.sign_in.credentials import BotPassword

if TYPE_CHECKING:
    from connector.wiki import WikiUser
    from webui.sign_in.own_wiki import Connect

_SECRET = re.compile(r"[0-9a-w]{32,}")


def read_bot_password(account: str, password: str) -> BotPassword | None:
    """Return what is a bot password by its form; None for anything else, which is then sent nowhere."""
    account, password = account.strip(), password.strip()
    app, _, secret = password.rpartition("@")
    if app and account:
        account, password = f"{account}@{app}", secret
    name, _, app = account.rpartition("@")
    if not name.strip() or not app.strip() or not _SECRET.fullmatch(password):
        return None
    return BotPassword(user=account, password=password)


def user_of(given: BotPassword, connect: "Connect") -> "WikiUser":
    """Return whom the wiki knows by a bot password.

    Raises:
        WikiLoginError: the wiki refuses it.
        WikiUnavailableError: the wiki does not answer.
    """
    return connect(user=given.user, password=given.password, patient=False).me()
