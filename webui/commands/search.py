"""`compagnon search` and `compagnon experts`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from connector.errors import IndexNotBuiltError
from webui.commands.options import json_option, pass_config, top_k_option
from webui.commands.output import print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from webui.bootstrap import Services
    from webui.owner import OwnerClient


@click.command(short_help="Find the pages, and the people, that answer.")
@click.argument("question")
@top_k_option(10)
@json_option
@pass_config
def search(config: Config, question: str, *, top_k: int, as_json: bool) -> None:
    """Find the practices, and the people, that answer a QUESTION in French or English."""

    def locally(services: "Services") -> dict[str, Any]:
        from webui.api.shapes import search_shape

        return search_shape(services.searcher.search(question, top_k=top_k))

    answer = answered(config, locally, lambda owner: owner.get("/api/v1/search", q=question, top_k=top_k))
    if as_json:
        print_json(answer)
        return
    if not answer["hits"]:
        say("No page answers this.")
    for number, hit in enumerate(answer["hits"], 1):
        say(f"{number}. {hit['title']}", bold=True, nl=False)
        say(f"  {hit['section']}" if hit["section"] else "")
        say(f"   {hit['snippet']}\n   {hit['url']}")
    _print_experts(answer["experts"])


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

    answer = answered(config, locally, lambda owner: owner.get("/api/v1/experts", q=question, top_k=top_k))
    if as_json:
        print_json(answer)
        return
    if not answer["experts"]:
        say("Nobody is known for this.")
    _print_experts(answer["experts"])


def answered(
    config: Config,
    locally: Callable[["Services"], dict[str, Any]],
    by_owner: Callable[["OwnerClient"], dict[str, Any]],
) -> dict[str, Any]:
    """Answer from the index here, or have the running service answer, which has its model loaded.

    Raises:
        IndexNotBuiltError: nothing was synced or indexed in this data directory.
    """
    from webui.bootstrap import build_services
    from webui.owner import OwnerClient

    if not config.exists:
        raise IndexNotBuiltError(
            f"there is nothing in {config.folder} yet: run `compagnon sync`, then `compagnon index`"
        )
    services = build_services(config)
    owner = services.index_lock.owner()
    if owner is not None and owner.url is not None:
        return by_owner(OwnerClient(owner))
    try:
        services.index.check()
        with services.index_lock.acquire(exclusive=False, wait_seconds=30):
            return locally(services)
    finally:
        services.close()


def _print_experts(people: list[dict[str, Any]]) -> None:
    for person in people:
        say(f"\n{person['name']}", bold=True)
        for evidence in person["evidence"]:
            say(f"   {evidence['title']}: {evidence['why']}")
