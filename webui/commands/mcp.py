"""`compagnon mcp`."""

import click

from webui.commands.options import pass_config
from webui.config import Config


@click.command()
@click.option("--url", help="A running service to ask instead, with the token in COMPAGNON_TOKEN.")
@pass_config
def mcp(config: Config, *, url: str | None) -> None:
    """Offer search, practices and experts to a language model, over MCP on standard input and output.

    With --url the service says what the token's owner may read. Without it this data directory is read, all
    of it: by the process that serves it, if one does.
    """
    from webui.tools.server import make_server
    from webui.tools.sources import LocalSource, RemoteSource

    source = LocalSource(config) if url is None else RemoteSource(url, config.person_token())
    try:
        make_server(source).run("stdio")
    finally:
        source.close()
