"""The search page: a question in one's own words, answered by practices and by the people who know them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from flask import Blueprint, current_app, render_template, request

from connector.errors import InvalidQueryError
from connector.model import Site
from connector.practice import Status, from_wikitext
from connector.store import Store
from webui.current import current_services
from webui.errors import trouble_of
from webui.language import current_language
from webui.pages.parameters import TOP_K_MAX, top_k

ANSWERS = 10
EXAMPLES = 3
# Enough to vary the examples from one day to the next, few enough to be read at each visit.
_EXAMPLE_POOL = 24
_KEPT = "compagnon-example-questions"


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/", "search", search)


def search() -> str | tuple[str, int]:
    """Answer `?q=`, or invite a question."""
    question = request.args.get("q", "").strip()
    if not question:
        store = current_services().store
        examples = _example_questions().of_today(store, current_language())
        return render_template("search.html", question="", examples=examples)
    wanted = top_k(ANSWERS)
    services = current_services()
    try:
        result = services.searcher.search(question, top_k=wanted)
    except InvalidQueryError as e:
        # The question is the visitor's to repair: it stays in its field, with the reason under it.
        trouble = trouble_of(e)
        page = render_template("search.html", question=question, trouble=trouble, detail=str(e))
        return page, trouble.status
    more = min(wanted * 2, TOP_K_MAX) if len(result.hits) == wanted and wanted < TOP_K_MAX else None
    return render_template("search.html", question=question, result=result, more=more)


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
