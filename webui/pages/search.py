"""The search page: a question in one's own words, answered by practices and by the people who know them."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from flask import Blueprint, current_app, render_template, request

from connector.errors import InvalidQueryError, PageNotFoundError
from connector.model import Site
from connector.practice import Status, from_wikitext
from connector.store import Store
from search.results import SearchResult
from webui.current import current_services
from webui.errors import trouble_of
from webui.language import current_language
from webui.pages.asking import community_talk, talk_of
from webui.pages.parameters import TOP_K_MAX, flag, pageid, top_k

ANSWERS = 10
EXAMPLES = 3
RELATED = 10
# Enough to vary the examples from one day to the next, few enough to be read at each visit.
_EXAMPLE_POOL = 24
_QUOTES = re.compile('["“”„«»]')
_KEPT = "compagnon-example-questions"


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/", "search", search)
    blueprint.add_url_rule("/answer", "answer", answer)
    blueprint.add_url_rule("/related", "related", related)


def search() -> str | tuple[str, int]:
    """Answer `?q=`, or invite a question."""
    question = request.args.get("q", "").strip()
    if not question:
        store = current_services().store
        examples = _example_questions().of_today(store, current_language())
        return render_template("search.html", question="", examples=examples)
    wanted, practices_only = top_k(ANSWERS), flag("practices_only")
    services = current_services()
    try:
        result = services.searcher.search(question, top_k=wanted, practices_only=practices_only)
    except InvalidQueryError as e:
        # The question is the visitor's to repair: it stays in its field, with the reason under it.
        trouble = trouble_of(e)
        page = render_template("search.html", question=question, trouble=trouble, detail=str(e))
        return page, trouble.status
    more = min(wanted * 2, TOP_K_MAX) if len(result.hits) == wanted and wanted < TOP_K_MAX else None
    return render_template(
        "search.html",
        question=question,
        result=result,
        more=more,
        practices_only=practices_only,
        answer=services.answers.quoted(result),
        without_quotes=_without_quotes(question) if not result.hits else None,
        is_being_written=services.answers.are_written and result.answerable,
        **_places_to_ask(result),
    )


def answer() -> str:
    """Answer `?q=` with the answer alone, written where a language model is configured: a part of a page."""
    services = current_services()
    result = services.searcher.search(
        request.args.get("q", ""), top_k=ANSWERS, practices_only=flag("practices_only")
    )
    return render_template("answer.html", answer=services.answers.best(result))


def related() -> str:
    """Show the pages that are about what the page of `?pageid=` is about."""
    services = current_services()
    number = pageid()
    page = services.store.pages.get(number) if number is not None else None
    if page is None:
        raise PageNotFoundError(f"no page {number} in the mirror", pageid=number)
    if page.redirect_target is not None:
        page = services.store.pages.require(page.title)
    found = services.searcher.related(page.pageid, top_k=top_k(RELATED))
    return render_template("related.html", page=page, related=found)


def _without_quotes(question: str) -> str | None:
    """Return a question whose phrases in quotes stand nowhere without its quotes; None when it has none."""
    bare = " ".join(_QUOTES.sub(" ", question).split())
    return bare if _QUOTES.search(question) and bare else None


def _places_to_ask(result: SearchResult) -> dict[str, Any]:
    """Return where the community can be asked, when nothing answers and a live wiki is there."""
    services = current_services()
    site = services.site()
    if result.answerable or site is None or not services.can_publish:
        return {}
    nearest = talk_of(site, result.hits[0].title, result.query) if result.hits else None
    return {"community": community_talk(site, result.query), "nearest_talk": nearest}


def _example_questions() -> "ExampleQuestions":
    kept: ExampleQuestions = current_app.extensions.setdefault(_KEPT, ExampleQuestions())
    return kept


class ExampleQuestions:
    """Titles of practices to ask for, read from the mirror once after each sync."""

    def __init__(self) -> None:
        self._pools: dict[str, tuple[datetime | None, list[str]]] = {}

    def of_today(self, store: Store, language: str) -> list[str]:
        """Return a few titles in a language, other ones each day."""
        site, last_sync = store.site.get(), store.site.last_sync()
        if site is None:
            return []
        read_after, pool = self._pools.get(language, (None, []))
        if read_after is None or read_after != last_sync:
            pool = list(islice(_practice_titles(store, site, language), _EXAMPLE_POOL))
            self._pools[language] = last_sync, pool
        day = datetime.now(UTC).date().toordinal()
        return random.Random(day).sample(pool, min(EXAMPLES, len(pool)))  # noqa: S311  # variety, not secrecy


def _practice_titles(store: Store, site: Site, language: str) -> Iterator[str]:
    """Yield titles of living practices that are written in a language."""
    content = [number for number, namespace in site.namespaces.items() if namespace.content] or [0]
    for page in store.pages.iterate(namespaces=content):
        if "{{" not in page.wikitext:
            continue
        practice = from_wikitext(page.title, page.wikitext, site=site)
        if practice and practice.language == language and practice.status is not Status.RETIRED:
            yield page.title
