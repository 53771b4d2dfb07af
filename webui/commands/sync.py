"""`compagnon sync`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.errors import ConfigError, SearchError
from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config
from webui.setting_values import LONGEST_ROUND_SECONDS, SHORTEST_ROUND_SECONDS

if TYPE_CHECKING:
    from connector.sync import SyncReport
    from webui.bootstrap import Services


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
@click.option("--sweep", is_flag=True, help="Compare every page with the wiki now, due or not.")
@click.option(
    "--watch",
    metavar="SECONDS",
    type=click.IntRange(SHORTEST_ROUND_SECONDS, LONGEST_ROUND_SECONDS),
    help="Keep going, the index too: look again after so many seconds, until Ctrl+C.",
)
@json_option
@pass_config
def sync(
    config: Config, *, dump: Path | None, allow_shrink: bool, sweep: bool, watch: int | None, as_json: bool
) -> None:
    """Bring the mirror in step with the wiki, or with an export of it.

    It reads what changed since the last time, and everything where that is due (setting wiki.sweep_every). A
    sync that was cut off goes on where it stopped.
    """
    from connector.dump import DumpWiki
    from webui.api.shapes import sync_shape
    from webui.bootstrap import build_services
    from webui.progress import progress_bar
    from webui.watch import watch_wiki

    if dump is not None and watch is not None:
        raise click.UsageError("an export does not change: --watch is for the live wiki")
    if dump is None and config.optional_text("wiki.api_url") is None:
        raise ConfigError(
            "no wiki is connected: run `compagnon init --wiki https://.../api.php`, or give --dump"
        )
    services = build_services(config)
    try:
        if watch is not None:
            watch_wiki(
                services,
                every_seconds=watch,
                sweep_first=sweep,
                allow_shrink=allow_shrink,
                tell=lambda report: (
                    print_json(sync_shape(report.sync))
                    if as_json
                    else say(_sentence(report.sync, indexed=report.pages_indexed))
                ),
            )
            return
        wiki = services.wiki() if dump is None else DumpWiki(dump)
        with progress_bar() as progress:
            report = services.sync(
                wiki, progress=progress, allow_shrink=allow_shrink, sweep=True if sweep else None
            )
        lags = not as_json and _index_lags(services)
    finally:
        services.close()
    if as_json:
        print_json(sync_shape(report))
    else:
        say(f"{_sentence(report)}{' Next: compagnon index' if lags else ''}")


def _index_lags(services: "Services") -> bool:
    try:
        comparison = services.index_comparison()
    except SearchError:
        return True  # `compagnon index` mends it, or says why not
    return comparison is None or not comparison.in_step


def _sentence(report: "SyncReport", *, indexed: int | None = None) -> str:
    parts = [
        f"{plural(report.added, 'page')} added",
        f"{report.updated:,} updated",
        f"{report.moved:,} moved",
        f"{report.purged:,} removed",
        f"{report.unchanged:,} unchanged",
    ]
    if report.rendered:
        parts.append(f"{report.rendered:,} rendered")
    if report.mended:
        parts.append(f"{plural(report.mended, 'text')} mended")
    if indexed is not None:
        parts.append(f"{plural(indexed, 'page')} indexed")
    return f"{', '.join(parts)}."
