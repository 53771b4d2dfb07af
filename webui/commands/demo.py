"""`compagnon demo`."""

from importlib.resources import as_file, files
from urllib.parse import urlencode

import click

from webui.commands.options import pass_config
from webui.commands.output import say
from webui.config import Config


@click.command(short_help="Try Compagnon on a sample community.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port.  [default: 8642, or the next free one]")
@pass_config
def demo(config: Config, *, port: int | None) -> None:
    """Try Compagnon on the sample community that comes with it: no wiki, no account."""
    from connector.dump import DumpWiki
    from webui.bootstrap import build_services
    from webui.progress import progress_bar
    from webui.server import serve_forever

    services = build_services(config)
    try:
        with as_file(files("webui") / "sample" / "community.xml") as sample, progress_bar() as progress:
            services.sync(DumpWiki(sample), progress=progress)
        with services.index_lock.acquire(exclusive=True, wait_seconds=5), progress_bar() as progress:
            services.update_index(progress=progress)
        serve_forever(
            services,
            host="127.0.0.1",
            port=port or config.number("web.port"),
            or_next_port=port is None,
            ready=_say_what_to_try,
        )
    finally:
        services.close()


def _say_what_to_try(url: str) -> None:
    # Encoded: a terminal may end a link at the first accent, and servers refuse one that is pasted into curl.
    french = urlencode({"q": "la cafetière fait sauter le disjoncteur"})
    english = urlencode({"q": "how do we welcome new volunteers"})
    say(
        f"Ask in French:  {url}/?{french}\n"
        f"Ask in English: {url}/?{english}\n"
        f"Paste meeting notes: {url}/capture  (an example: webui/sample/notes-fr.md; Ctrl+C stops)"
    )
