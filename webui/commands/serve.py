"""`compagnon serve`."""

import click

from webui.commands.options import pass_config
from webui.commands.output import say
from webui.config import Config


@click.command()
@click.option("--host", help="Address to listen on.  [default: the setting web.host, 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port.  [default: the setting web.port, 8642]")
@pass_config
def serve(config: Config, *, host: str | None, port: int | None) -> None:
    """Serve the web pages and the JSON API, until Ctrl+C.

    With the setting wiki.sync_every it also keeps mirror and index in step with the wiki.
    """
    from webui.bootstrap import build_services
    from webui.security import LOOPBACK_HOSTS, is_for_this_machine_only, refuse_private
    from webui.server import serve_forever

    address = host or config.text("web.host")
    services = build_services(Config(config.folder, {**config.values, "web.host": address}))
    # What is wrong in their settings is said now, not to a member.
    services.language_model  # noqa: B018
    services.extractor  # noqa: B018
    site = services.site()
    # A wiki that has its extension asks for its own members, and is answered; nobody else is.
    shown_to_all = address not in LOOPBACK_HOSTS and is_for_this_machine_only(config)
    if site is not None and site.private and shown_to_all and not config.extension_secret():
        raise refuse_private(name=site.name)
    try:
        serve_forever(
            services,
            host=address,
            port=port or config.number("web.port"),
            or_next_port=port is None,
            ready=lambda url: say(f"Compagnon answers at {url}  (Ctrl+C stops it)"),
        )
    finally:
        services.close()
