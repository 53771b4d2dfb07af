"""How people sign in here, as the settings say."""

from enum import StrEnum

from webui.config import Config


class SignInMode(StrEnum):
    """One of the ways."""

    OFF = "off"
    """Nobody signs in: whoever reaches the pages may do all."""
    OAUTH = "oauth"
    """The wiki says who they are, and lets the service act in their name (Extension:OAuth)."""
    BOT_PASSWORD = "bot-password"  # noqa: S105 - the name of a way
    """They show a bot password of theirs, which the wiki checks."""
    PROXY = "proxy"
    """The proxy in front knows who they are."""


def sign_in_mode(config: Config) -> SignInMode:
    """Return it; without a live wiki there is nobody to ask who somebody is."""
    wanted = config.text("web.sign_in")
    if wanted == "off" or config.optional_text("wiki.api_url") is None:
        return SignInMode.OFF
    if wanted == "proxy":
        return SignInMode.PROXY
    return SignInMode.OAUTH if config.optional_text("web.oauth_client") else SignInMode.BOT_PASSWORD
