"""`compagnon gardening`: pages by what they lack."""

from typing import Any

import click

from connector.errors import IndexNotBuiltError
from webui.commands.options import json_option, pass_config, top_k_option
from webui.commands.output import plural, print_json, say
from webui.config import Config

# As `search.gardening.KINDS`, which would load the index's libraries for `--help`.
_KINDS = {"orphans": "orphans", "dead-ends": "dead_ends", "suggestions": "suggestions"}
_HEADINGS = {
    "orphans": "Pages that no other page links to",
    "dead_ends": "Pages that link to no other page",
    "suggestions": "Pages with good links to make",
}


@click.command(short_help="List pages by what they lack: links to them, links on them.")
@click.argument("kind", type=click.Choice(list(_KINDS)), default="orphans")
@top_k_option(20)
@click.option(
    "--offset", type=click.IntRange(0), default=0, show_default=True, help="After how many pages of the list."
)
@json_option
@pass_config
def gardening(config: Config, kind: str, *, top_k: int, offset: int, as_json: bool) -> None:
    """List pages by what they lack, those first where an edit is worth most.

    Orphans are pages that no other page links to, dead ends those that link to no other page, and suggestions
    those with at least two good links to make. `compagnon links TITLE` shows the links of one page.
    """
    from search.gardening import KINDS
    from webui.api.gardening_shape import gardening_shape
    from webui.bootstrap import build_services

    services = build_services(config)
    try:
        site = services.site()
        if site is None:
            raise IndexNotBuiltError(f"there is nothing in {config.folder} yet: run `compagnon sync`")
        chosen = next(each for each in KINDS if each == _KINDS[kind])
        queue = services.gardening.queue(chosen, limit=top_k, offset=offset)
        answer = gardening_shape(queue, site, offset=offset, can_edit=services.can_publish)
    finally:
        services.close()
    if as_json:
        print_json(answer)
        return
    say(f"{_HEADINGS[chosen]}: {answer['counts'][chosen]:,}")
    for page in answer["pages"]:
        _print_page(page, chosen)
    if answer["unsurveyed"]:
        unsurveyed = plural(answer["unsurveyed"], "page")
        say(f"\n{unsurveyed} not searched for links yet: the next `compagnon index` does it.")


def _print_page(page: dict[str, Any], kind: str) -> None:
    say(f"\n{page['title']}", bold=True, nl=False)
    say(f"  ({page['status']})" if page["status"] else "")
    if kind == "orphans":
        for other in page["mentioned_on"]:
            say(f"   could be linked from {other['title']}  {other['score']:.2f}")
        _say_more(page["mentions"] - len(page["mentioned_on"]), "page")
        if not page["mentions"]:
            say("   no page names it yet")
        return
    for other in page["leads_to"]:
        say(f"   → {other['title']}  {other['score']:.2f}")
    _say_more(page["links"] - len(page["leads_to"]), "link")
    if not page["leads_to"]:
        say("   no good link to suggest")


def _say_more(count: int, what: str) -> None:
    if count > 0:
        say(f"   and {plural(count, f'more {what}')}")
