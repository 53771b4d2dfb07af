"""The search page: a question in one's own words, answered by practices and by the people who know them."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from flask import Blueprint, current_app, render_template, request

from connector.errors import InvalidQueryError, PageNotFoundError
from connector.model import PageHead, Site
from connector.practice import Status, from_wikitext
from connector.store import Store
from search.readable import Readable
from search.results import Hit, SearchResult
from webui.community_list import may_see_list, told_people
from webui.current import current_services
from webui.errors import trouble_of
from webui.language import current_language
from webui.pages.asking import community_talk, talk_of
from webui.pages.hit_feedback import said_of
from webui.pages.parameters import TOP_K_MAX, pageid, top_k
from webui.pages.search_filters import Narrowing, chips, filter_form, narrowing
from webui.rights.pages import head_of, readable_page
from webui.rights.readers import current_reader
from webui.rights.roles import Role
from webui.unanswered import count_unanswered

ANSWERS = 10
EXAMPLES = 3
RELATED = 10
_WORDS_TOLD = 6
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
        readable = current_reader().readable
        examples = _example_questions().of_today(store, current_language(), readable=readable)
        return render_template("search.html", question="", examples=examples)
    wanted, narrowed = top_k(ANSWERS), narrowing()
    services, reader = current_services(), current_reader()
    try:
        result = _search(question, top_k=wanted, narrowed=narrowed)
    except InvalidQueryError as e:
        # The question is the visitor's to repair: it stays in its field, with the reason under it.
        trouble = trouble_of(e)
        page = render_template("search.html", question=question, trouble=trouble, detail=str(e))
        return page, trouble.status
    count_unanswered(result, narrowed=narrowed.address() != {})
    more = min(wanted * 2, TOP_K_MAX) if len(result.hits) == wanted and wanted < TOP_K_MAX else None
    facets = services.searcher.facets(readable=reader.readable)
    return render_template(
        "search.html",
        question=question,
        result=result,
        wanted=wanted,
        more=more,
        practices_only=narrowed.practices_only,
        narrowed=narrowed.address(),
        unnarrowed=replace(narrowed, practices_only=not narrowed.practices_only).address(),
        chips=chips(narrowed, facets, question=question),
        filters=filter_form(narrowed, facets),
        words_found={hit.pageid: words_found(hit) for hit in result.hits},
        said=said_of(result.query),
        is_member=reader.role >= Role.MEMBER,
        sees_questions=may_see_list(),
        is_narrowed=narrowed.address() != {},
        answer=services.answers.quoted(result),
        without_quotes=_without_quotes(question) if not result.hits else None,
        is_being_written=services.answers.are_written and result.answerable,
        **_places_to_ask(result),
    )


def words_found(hit: Hit) -> list[str]:
    """Return which words of the question stand in the passage that is shown, as they stand there."""
    found: dict[str, str] = {}
    for start, end in sorted(hit.marks):
        word = hit.snippet[start:end].strip()
        if word:
            found.setdefault(word.casefold(), word)
    return [*found.values()][:_WORDS_TOLD]


def _search(question: str, *, top_k: int, narrowed: Narrowing) -> SearchResult:
    result = current_services().searcher.search(
        question,
        top_k=top_k,
        practices_only=narrowed.practices_only,
        filters=narrowed.filters,
        readable=current_reader().readable,
    )
    return replace(result, experts=told_people(result.experts))


def answer() -> str:
    """Answer `?q=` with the answer alone, written where a language model is configured: a part of a page."""
    result = _search(request.args.get("q", ""), top_k=ANSWERS, narrowed=narrowing())
    return render_template("answer.html", answer=current_services().answers.best(result))


def related() -> str:
    """Show the pages that are about what the page of `?pageid=` is about."""
    number = pageid()
    if number is None:
        raise PageNotFoundError("give the number of a page: ?pageid=")
    page = readable_page(number)
    found = current_services().searcher.related(
        page.pageid, top_k=top_k(RELATED), readable=current_reader().readable
    )
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
        self._pools: dict[str, tuple[datetime | None, list[PageHead]]] = {}

    def of_today(self, store: Store, language: str, *, readable: Readable) -> list[str]:
        """Return a few titles in a language, other ones each day, of pages that somebody may read."""
        site, last_sync = store.site.get(), store.site.last_sync()
        if site is None:
            return []
        read_after, pool = self._pools.get(language, (None, []))
        if read_after is None or read_after != last_sync:
            pool = list(islice(_practices(store, site, language), _EXAMPLE_POOL))
            self._pools[language] = last_sync, pool
        known = readable.among(pool)
        titles = [page.title for page in pool if page.pageid in known]
        day = datetime.now(UTC).date().toordinal()
        return random.Random(day).sample(titles, min(EXAMPLES, len(titles)))  # noqa: S311  # variety, not secrecy


def _practices(store: Store, site: Site, language: str) -> Iterator[PageHead]:
    """Yield living practices that are written in a language."""
    content = [number for number, namespace in site.namespaces.items() if namespace.content] or [0]
    for page in store.pages.iterate(namespaces=content):
        if "{{" not in page.wikitext:
            continue
        practice = from_wikitext(page.title, page.wikitext, site=site)
        if practice and practice.language == language and practice.status is not Status.RETIRED:
            yield head_of(page)
