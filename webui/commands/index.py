"""`compagnon index`."""

import click

from connector.errors import IndexNotBuiltError
from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config

_WAIT_SECONDS = 60


@click.command()
@json_option
@pass_config
def index(config: Config, *, as_json: bool) -> None:
    """Bring the search index in step with the mirror.

    Only what changed is read. A lost or damaged index, or another model in the settings, heals by running it.
    """
    from webui.api.shapes import index_shape
    from webui.bootstrap import build_services
    from webui.owner import OwnerClient
    from webui.progress import progress_bar

    if not config.exists:
        raise IndexNotBuiltError(f"there is nothing in {config.folder} to index yet: run `compagnon sync`")
    services = build_services(config)
    try:
        owner = services.index_lock.owner()
        if owner is not None and owner.url is not None:
            shape = OwnerClient(owner).update_index(reread=True)
        else:
            with (
                services.index_lock.acquire(exclusive=True, wait_seconds=_WAIT_SECONDS),
                progress_bar() as progress,
            ):
                shape = index_shape(services.update_index(progress=progress))
    finally:
        services.close()
    if as_json:
        print_json(shape)
        return
    pages, chunks = plural(shape["pages_indexed"], "page"), plural(shape["chunks_embedded"], "new chunk")
    say(f"Indexed {pages} ({chunks}), removed {shape['pages_removed']}.")
