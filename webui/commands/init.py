"""`compagnon init`."""

import os

import click

from connector.errors import ConfigError
from webui.commands.options import pass_config
from webui.config import Config, load_config


@click.command()
@click.option(
    "--wiki", "api_url", prompt="Address of the wiki's api.php", help="Address of the wiki's api.php."
)
@click.option("--user", help="Account that reads a private wiki, as a bot password: Name@app.")
@pass_config
def init(config: Config, *, api_url: str, user: str | None) -> None:
    """Connect a wiki. Its password is asked for, or taken from COMPAGNON_WIKI_PASSWORD."""
    from webui.bootstrap import build_services

    known = config.optional_text("wiki.api_url")
    if known is not None and known != api_url:
        raise ConfigError(f"{config.folder} belongs to {known}: use another data directory, with --data")
    password = os.environ.get("COMPAGNON_WIKI_PASSWORD") if user else None
    if user and not password:
        password = click.prompt(f"Bot password of {user}", hide_input=True)
    # Nothing is kept before the wiki has answered: a wrong address leaves no trace.
    trial = build_services(Config(config.folder, {**config.values, "wiki.api_url": api_url}))
    wiki = trial.connect(user=user, password=password)
    site = wiki.site()
    config.make_folder()
    config.keep({"wiki.api_url": api_url} | ({"wiki.user": user} if user else {}))
    if password:
        config.keep_wiki_password(password)
    load_config(config.folder)
    click.echo(f"Connected to {site.name} ({site.language}). Next: compagnon sync")
