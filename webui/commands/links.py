"""`compagnon links`."""

from typing import TYPE_CHECKING, Any

import click

from connector.errors import IndexBusyError, PageNotFoundError
from webui.commands.options import json_option, pass_config, top_k_option
from webui.commands.output import print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from connector.model import Page
    from webui.bootstrap import Services

# Links need no index: what needs one is left out rather than waited for.
_WAIT_SECONDS = 2.0


@click.command()
@click.argument("title")
@top_k_option(10)
@json_option
@pass_config
def links(config: Config, title: str, *, top_k: int, as_json: bool) -> None:
    """Suggest links that the page called TITLE could have."""
    from webui.bootstrap import build_services

    if not config.exists:
        raise PageNotFoundError(f"there is no page in {config.folder} yet: run `compagnon sync`", title=title)
    services = build_services(config)
    try:
        shape = _find(services, services.store.pages.require(title), top_k=top_k)
    finally:
        services.close()
    if as_json:
        print_json(shape)
        return
    if not shape["suggestions"]:
        say(f"No link to suggest in “{shape['title']}”.")
    for suggestion in shape["suggestions"]:
        # Of its surroundings only its own line: the lines of a table or a list would be a riddle.
        before = suggestion["context_before"].rpartition("\n")[2]
        after = suggestion["context_after"].partition("\n")[0]
        say(f"…{before}", nl=False)
        say(f"[[{suggestion['link_text']}]]", bold=True, nl=False)
        say(f"{after}…\n   → {suggestion['link_target']}  {suggestion['score']:.2f}")
    if shape["see_also"]:
        say("See also:")
    for other in shape["see_also"]:
        say(f"   {other['title']}  {other['score']:.2f}", bold=True)
        if other["sentence"]:
            say(f"      {other['sentence']}")


def _find(services: "Services", page: "Page", *, top_k: int) -> dict[str, Any]:
    """Find links here, or have the running service find them: the vectors are open in one process alone."""
    from webui.api.shapes import links_shape
    from webui.owner import OwnerClient
    from webui.see_also import see_also

    owner = services.index_lock.owner()
    if owner is not None and owner.url is not None:
        return OwnerClient(owner).get(f"/api/v1/pages/{page.pageid}/links", top_k=top_k)
    suggestions = services.links.suggest(page, top_k=top_k)
    try:
        with services.index_lock.acquire(exclusive=False, wait_seconds=_WAIT_SECONDS):
            others = see_also(services, page, beside=suggestions)
    except IndexBusyError as e:
        say(f"Pages to see also are left out: {e}", err=True)
        others = []
    return links_shape(page, suggestions, others)
