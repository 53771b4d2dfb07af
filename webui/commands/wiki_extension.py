"""`compagnon wiki-setup --extension`: what the wiki's administrator pastes into LocalSettings.php."""

from pathlib import Path

import webui
from webui.commands.output import say
from webui.config import Config

_MANIFEST = Path(webui.__file__).resolve().parent / "extension" / "Compagnon" / "extension.json"


def show_extension(config: Config) -> None:
    """Print the lines, with the secret that wiki and service share, made now where there is none.

    Raises:
        ConfigError: the secret can neither be read nor made.
    """
    secret = config.make_extension_secret()
    say("# The secret is for this file only: keep it from being read by others, and out of version control.")
    say(f"wfLoadExtension( 'Compagnon', {_php(str(_MANIFEST))} );")
    say(f"$wgCompagnonUrl = {_php(_address(config))};")
    say(f"$wgCompagnonSecret = {_php(secret)};")
    say(
        "\nPaste these lines at the end of the wiki's LocalSettings.php. If the wiki runs on another "
        "machine, copy the extension's folder there, and give the address under which it reaches us.",
        err=True,
    )


def _address(config: Config) -> str:
    # The wiki's server asks, not its readers: what stands in front of the pages for them is no way for it.
    host = config.text("web.host")
    own = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
    return f"http://{own}:{config.number('web.port')}"


def _php(text: str) -> str:
    """Write a text as PHP does in single quotes, where only two characters mean something else."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
