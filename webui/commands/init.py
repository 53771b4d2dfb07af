"""`compagnon init`."""

import os
import warnings
from getpass import GetPassWarning
from urllib.parse import urlsplit

import click

from connector.errors import ConfigError, WikiLoginError
from webui.commands.options import pass_config
from webui.commands.output import say
from webui.config import Config


@click.command()
@click.option(
    "--wiki", "api_url", metavar="URL", help="Address of the wiki's api.php; asked for when left out."
)
@click.option(
    "--user",
    metavar="NAME@APP",
    help="Account that reads a private wiki, as a bot password (Special:BotPasswords).",
)
@pass_config
def init(config: Config, *, api_url: str | None, user: str | None) -> None:
    """Connect a wiki: check its address and account, and keep them.

    The password is asked for, or taken from COMPAGNON_WIKI_PASSWORD. Run it again to give a new one.
    """
    from connector.transport import ApiAddress
    from webui.bootstrap import build_services

    known = config.optional_text("wiki.api_url")
    if api_url is None:
        api_url = click.prompt("Address of the wiki's api.php", default=known)
    # One way to write an address: the same wiki is then the same wiki the next time.
    api_url = ApiAddress.parse(api_url).url
    # A wiki that moves to https stays the same wiki.
    if known is not None and urlsplit(known)[1:] != urlsplit(api_url)[1:]:
        raise ConfigError(f"{config.folder} belongs to {known}: use another data directory, with --data")
    password = os.environ.get("COMPAGNON_WIKI_PASSWORD") if user else None
    if user and not password:
        password = ask_for_password(user)
    # MediaWiki takes "Name@app" with the secret, or "Name" with "app@secret" (Manual:Bot passwords).
    if user and "@" not in f"{user}{password}":
        raise WikiLoginError(
            f"{user} is no bot password's name, such as {user}@compagnon: make one on the wiki's page "
            "Special:BotPasswords; an account's own password is never kept here",
            user=user,
        )
    # Nothing is kept before the wiki has answered: a wrong address leaves no trace.
    trial = build_services(Config(config.folder, {**config.values, "wiki.api_url": api_url}))
    wiki = trial.connect(user=user, password=password)
    site = wiki.site()
    config.make_folder()
    config.keep({"wiki.api_url": api_url} | ({"wiki.user": user} if user else {}))
    if password:
        config.keep_wiki_password(password)
    say(f"Connected to {site.name} ({site.language}). Next: compagnon sync")


def ask_for_password(user: str) -> str:
    """Ask for a bot password, unseen.

    Raises:
        ConfigError: there is no terminal to ask on.
    """
    with warnings.catch_warnings():
        # Without a terminal getpass would go on, and show what is typed.
        warnings.simplefilter("error", GetPassWarning)
        try:
            password: str = click.prompt(f"Bot password of {user}", hide_input=True)
        except GetPassWarning as e:
            raise ConfigError(
                f"there is no terminal to ask for the bot password of {user}: set COMPAGNON_WIKI_PASSWORD"
            ) from e
    return password
