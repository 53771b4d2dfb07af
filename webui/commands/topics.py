"""`compagnon topics`: what the community knows about, who knows it, and who must not leave."""

from typing import Any

import click

from connector.errors import IndexNotBuiltError
from webui.commands.options import json_option, pass_config, top_k_option
from webui.commands.output import plural, print_json, say
from webui.config import Config


@click.command(short_help="Show what the community knows about, and who.")
@click.argument("topic", required=False)
@click.option("--person", metavar="NAME", help="The topics that this person knows about.")
@top_k_option(20)
@json_option
@pass_config
def topics(config: Config, topic: str | None, *, person: str | None, top_k: int, as_json: bool) -> None:
    """Show the people who know about a TOPIC; without one, all topics, those that fewest people hold first.

    A topic is a category of the wiki, or a practice that is in none. Its absence factor is how many people
    would have to leave until more than half of its pages have nobody left who knows them.
    """
    from webui.api.topic_shapes import topics_shape
    from webui.bootstrap import build_services

    if topic is not None and person is not None:
        raise click.UsageError("give a TOPIC or --person NAME, not both")
    if not config.exists:
        raise IndexNotBuiltError(
            f"there is nothing in {config.folder} yet: run `compagnon sync`, then `compagnon index`"
        )
    services = build_services(config)
    try:
        site = services.site()
        language = site.language if site is not None else "en"
        answer = topics_shape(services.topics, language=language, topic=topic, person=person, top_k=top_k)
    finally:
        services.close()
    if as_json:
        print_json(answer)
        return
    for each in answer["topics"]:
        _print_topic(each)
    if not answer["topics"]:
        say(f"{person} is not known to know about a topic." if person else "There are no topics yet.")


def _print_topic(topic: dict[str, Any]) -> None:
    say(topic["name"], bold=True, nl=False)
    say(f"  {plural(topic['pages'], 'page')}, {plural(topic['people'], 'person', 'people')}", nl=False)
    held = ", ".join(topic["holders"])
    factor = topic["absence_factor"]
    say(f", absence factor {factor} ({held})" if factor else ", most pages have nobody left")
    for evidence in topic.get("evidence", ()):
        say(f"   {evidence['title']}: {evidence['why']}")
    for expert in topic.get("experts", ()):
        say(f"\n{expert['name']}", bold=True)
        for evidence in expert["evidence"]:
            say(f"   {evidence['title']}: {evidence['why']}")
