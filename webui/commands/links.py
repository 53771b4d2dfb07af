"""`compagnon links`."""

import click

from connector.errors import PageNotFoundError
from webui.commands.options import json_option, pass_config, top_k_option
from webui.commands.output import print_json, say
from webui.config import Config


@click.command()
@click.argument("title")
@top_k_option(10)
@json_option
@pass_config
def links(config: Config, title: str, *, top_k: int, as_json: bool) -> None:
    """Suggest links that the page called TITLE could have."""
    from webui.api.shapes import links_shape
    from webui.bootstrap import build_services
    from webui.see_also import see_also

    if not config.exists:
        raise PageNotFoundError(f"there is no page in {config.folder} yet: run `compagnon sync`", title=title)
    services = build_services(config)
    try:
        page = services.store.pages.require(title)
        shape = links_shape(page, services.links.suggest(page, top_k=top_k), see_also(services, page))
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
