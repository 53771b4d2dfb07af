"""`compagnon sync`."""

from pathlib import Path

import click

from connector.errors import ConfigError
from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config


@click.command()
@click.option(
    "--dump",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read a MediaWiki XML export (.xml, .xml.bz2, .xml.gz) instead of the live wiki.",
)
@click.option(
    "--allow-shrink",
    is_flag=True,
    help="Go on although more than a fifth of the pages are gone from the wiki.",
)
@json_option
@pass_config
def sync(config: Config, *, dump: Path | None, allow_shrink: bool, as_json: bool) -> None:
    """Bring the mirror in step with the wiki, or with an export of it."""
    from connector.dump import DumpWiki
    from webui.api.shapes import sync_shape
    from webui.bootstrap import build_services
    from webui.progress import progress_bar

    if dump is None and config.optional_text("wiki.api_url") is None:
        raise ConfigError(
            "no wiki is connected: run `compagnon init --wiki https://.../api.php`, or give --dump"
        )
    services = build_services(config)
    try:
        wiki = services.wiki() if dump is None else DumpWiki(dump)
        with progress_bar() as progress:
            report = services.sync(wiki, progress=progress, allow_shrink=allow_shrink)
    finally:
        services.close()
    if as_json:
        print_json(sync_shape(report))
        return
    say(
        f"{plural(report.added, 'page')} added, {report.updated} updated, {report.moved} moved, "
        f"{report.purged} removed, {report.unchanged} unchanged. Next: compagnon index"
    )
