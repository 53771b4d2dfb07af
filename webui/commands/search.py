"""`compagnon search`, `compagnon experts` and `compagnon related`: what is asked of the index."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from connector.errors import IndexNotBuiltError
from webui.commands.options import json_option, pass_config, top_k_option
from webui.commands.output import plural, print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from webui.bootstrap import Services

_FALLBACKS = {
    "unavailable": "The language model does not answer",
    "refused": "The language model refuses to answer",
    "unreadable": "What the language model answered cannot be read",
    "unsupported": "No page supports what the language model wrote",
    "no answer": "The language model found no answer",
}


@click.command(short_help="Find the pages, and the people, that answer.")
@click.argument("question")
@click.option("--practices", is_flag=True, help="Only pages that are practices.")
@click.option(
    "--answer/--no-answer", default=True, help="Say first what answers, if anything does (default)."
)
@top_k_option(10)
@json_option
@pass_config
def search(
    config: Config, question: str, *, practices: bool, answer: bool, top_k: int, as_json: bool
) -> None:
    """Find the practices, and the people, that answer a QUESTION in French or English.

    What stands in quotes must stand on a page so: 'tool "loan desk"'.
    """

    def locally(services: "Services") -> dict[str, Any]:
        from webui.api.shapes import search_shape

        answers = services.answers if answer else None
        result = services.searcher.search(question, top_k=top_k, practices_only=practices)
        return search_shape(result, answers=answers)

    found = answered(
        config,
        locally,
        "/api/v1/search",
        q=question,
        top_k=top_k,
        practices_only=int(practices),
        answer=int(answer),
    )
    if as_json:
        print_json(found)
    else:
        _print_found(found)


@click.command(short_help="Find the people who know, with the proof.")
@click.argument("question")
@top_k_option(5)
@json_option
@pass_config
def experts(config: Config, question: str, *, top_k: int, as_json: bool) -> None:
    """Find the people who know about a QUESTION, with the pages that prove it."""

    def locally(services: "Services") -> dict[str, Any]:
        from webui.api.shapes import experts_shape

        return experts_shape(services.searcher.experts(question, top_k=top_k))

    found = answered(config, locally, "/api/v1/experts", q=question, top_k=top_k)
    if as_json:
        print_json(found)
        return
    if not found["experts"]:
        say("Nobody is known for this.")
    _print_experts(found["experts"])


@click.command(short_help="Find the pages about what a page is about.")
@click.argument("title")
@top_k_option(5)
@json_option
@pass_config
def related(config: Config, title: str, *, top_k: int, as_json: bool) -> None:
    """Find the pages that are about what the page TITLE is about."""
    from webui.bootstrap import build_services

    _check_there_is_something(config)
    services = build_services(config)
    try:
        page, site = services.store.pages.require(title), services.site()
    finally:
        services.close()
    if site is None:
        raise IndexNotBuiltError("there is nothing to search in yet: run `compagnon sync`")

    def locally(services: "Services") -> dict[str, Any]:
        from webui.api.shapes import related_shape

        return related_shape(page, services.searcher.related(page.pageid, top_k=top_k), site)

    found = answered(config, locally, f"/api/v1/pages/{page.pageid}/related", top_k=top_k)
    if as_json:
        print_json(found)
        return
    if not found["related"]:
        say("No page comes near this one.")
    for number, other in enumerate(found["related"], 1):
        say(f"{number}. {other['title']}", bold=True, nl=False)
        say(f"  [{other['status']}]" if other["status"] else "")
        say(f"   {other['url']}")


def answered(
    config: Config, locally: Callable[["Services"], dict[str, Any]], path: str, **parameters: str | int
) -> dict[str, Any]:
    """Answer from the index here, or have the running service answer, which has its model loaded.

    Args:
        config: of the data directory.
        locally: answers here.
        path: where the service answers the same.
        parameters: what it is asked.

    Raises:
        IndexNotBuiltError: nothing was synced or indexed in this data directory.
    """
    from webui.bootstrap import build_services
    from webui.owner import OwnerClient

    _check_there_is_something(config)
    services = build_services(config)
    try:
        owner = services.index_lock.owner()
        if owner is not None and owner.url is not None:
            return OwnerClient(owner).get(path, **parameters)
        services.index.check()
        with services.index_lock.acquire(exclusive=False, wait_seconds=30):
            return locally(services)
    finally:
        services.close()


def _check_there_is_something(config: Config) -> None:
    if not config.exists:
        raise IndexNotBuiltError(
            f"there is nothing in {config.folder} yet: run `compagnon sync`, then `compagnon index`"
        )


def _print_found(found: dict[str, Any]) -> None:
    for correction in found["corrections"]:
        read_as = ", ".join(f"“{word}”" for word in correction["read_as"])
        say(f"No page has “{correction['typed']}”: also searched for {read_as}.")
    if found.get("answer"):
        _print_answer(found["answer"])
    if not found["hits"]:
        say("No page answers this.")
    elif not found["answerable"]:
        say("Nobody seems to have written about this yet. The nearest pages:\n")
    for number, hit in enumerate(found["hits"], 1):
        say(f"{number}. {hit['title']}", bold=True, nl=False)
        say(f"  {hit['section']}" if hit["section"] else "", nl=False)
        say(f"  [{hit['status']}]" if hit["status"] else "")
        say(f"   {hit['snippet']}\n   {hit['url']}")
        if hit["same"]:
            say(f"   Also on: {', '.join(page['title'] for page in hit['same'])}")
    _print_experts(found["experts"])


def _print_answer(answer: dict[str, Any]) -> None:
    """Print the sentences, each with the numbers of its sources, and the sources under them."""
    sources: dict[str, str] = {}
    for sentence in answer["sentences"]:
        marks = []
        for source in sentence["sources"]:
            above = " › ".join(part for part in (source["title"], source["section"]) if part)
            sources.setdefault(source["url"], above)
            marks.append(f"[{list(sources).index(source['url']) + 1}]")
        say(f"{sentence['text']} {' '.join(marks)}")
    for number, (url, above) in enumerate(sources.items(), 1):
        say(f"   [{number}] {above}: {url}")
    if answer["written"]:
        say("Written by a language model; each sentence was checked against the pages it names.")
    elif answer["fallback"] is not None:
        say(f"{_FALLBACKS[answer['fallback']]}: these sentences are quoted from the pages.")
    if answer["left_out"]:
        number = answer["left_out"]
        say(
            f"{plural(number, 'sentence')} {'was' if number == 1 else 'were'} left out "
            f"because no page supports {'it' if number == 1 else 'them'}."
        )
    say()


def _print_experts(people: list[dict[str, Any]]) -> None:
    for person in people:
        say(f"\n{person['name']}", bold=True)
        for evidence in person["evidence"]:
            say(f"   {evidence['title']}: {evidence['why']}")
