"""Asking for a password on the terminal."""

import warnings
from getpass import GetPassWarning

import click

from connector.errors import ConfigError


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
