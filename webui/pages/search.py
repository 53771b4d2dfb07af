"""The search page: a question in one's own words, answered by practices and by the people who know them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from flask import Blueprint, render_template, request

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


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/", "search", search)


def search() -> str | tuple[str, int]:
    """Answer `?q=`, or invite a question."""
    question = request.args.get("q", "").strip()
    if not question:
        return render_template("search.html", question="", examples=_examples())
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


def _examples() -> list[str]:
    """Return titles of practices to ask for, in the visitor's language, other ones each day."""
    store = current_services().store
    site = store.site.get()
    if site is None:
        return []
    pool = list(islice(_practice_titles(store, site, current_language()), _EXAMPLE_POOL))
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
