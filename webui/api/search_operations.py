"""The operations of searching."""

from typing import Final

from connector.errors import IndexBusyError, IndexNotBuiltError, ModelMismatchError, PageNotFoundError
from webui.api import routes
from webui.api.operation import LARGEST_PAGEID, N_, Operation, Parameter, pageid, question, switch, top_k

_SEARCHING: Final = (IndexNotBuiltError, ModelMismatchError, IndexBusyError)

_FILTERS: Final = (
    Parameter(
        name="status",
        what=N_("how far practices have come: one of these statuses"),
        schema={"type": "string", "maxLength": 255},
        repeatable=True,
        example="tested",
    ),
    Parameter(
        name="category",
        what=N_("a category that pages are in, or one of several"),
        schema={"type": "string", "maxLength": 255},
        repeatable=True,
        example="Accueil",
    ),
    Parameter(
        name="language",
        what=N_("the code of the language that pages are in, or one of several"),
        schema={"type": "string", "maxLength": 255},
        repeatable=True,
        example="fr",
    ),
    Parameter(
        name="namespace",
        what=N_("the number of the namespace that pages are in, or one of several"),
        schema={"type": "integer", "minimum": 0, "maximum": LARGEST_PAGEID},
        repeatable=True,
        example=0,
    ),
    Parameter(
        name="since",
        what=N_("a day: pages that were edited then or later"),
        schema={"type": "string", "format": "date"},
        example="2026-01-31",
    ),
)

SEARCH_OPERATIONS: Final = (
    Operation(
        name="search",
        method="GET",
        path="/api/v1/search",
        subject="search",
        summary=N_("Pages that answer a question, and the people who know"),
        description=N_(
            "What stands in quotes must stand on a page so. With answer=1 it may last 45 seconds."
        ),
        answer=routes.search,
        answers={200: "search"},
        parameters=(
            question(),
            top_k(routes.ANSWERS),
            switch("practices_only", N_("1 for practices only")),
            *_FILTERS,
            switch("answer", N_("1 for the sentences that answer, too")),
        ),
        errors=_SEARCHING,
    ),
    Operation(
        name="experts",
        method="GET",
        path="/api/v1/experts",
        subject="search",
        summary=N_("The people who know, with the pages that prove it"),
        answer=routes.experts,
        answers={200: "experts"},
        parameters=(question(), top_k(routes.EXPERTS)),
        errors=_SEARCHING,
    ),
    Operation(
        name="facets",
        method="GET",
        path="/api/v1/facets",
        subject="search",
        summary=N_("What a search can be narrowed by"),
        description=N_("Statuses, categories, languages and namespaces, with how many pages have each."),
        answer=routes.facets,
        answers={200: "facets"},
        errors=_SEARCHING,
    ),
    Operation(
        name="topics",
        method="GET",
        path="/api/v1/topics",
        subject="search",
        summary=N_("What the community knows about, and who"),
        description=N_("A topic with its people, or what one person knows about; with neither, all topics."),
        answer=routes.topics,
        answers={200: "topics"},
        parameters=(
            Parameter(
                name="topic", what=N_("a topic"), schema={"type": "string"}, example="Soirée réparation"
            ),
            Parameter(name="person", what=N_("a person’s name"), schema={"type": "string"}),
            top_k(routes.TOPICS),
        ),
        errors=(*_SEARCHING, PageNotFoundError),
    ),
    Operation(
        name="titles",
        method="GET",
        path="/api/v1/titles",
        subject="search",
        summary=N_("Pages whose title is being typed, redirects included"),
        answer=routes.titles,
        answers={200: "titles"},
        parameters=(
            Parameter(
                name="q",
                what=N_("the beginning of a title"),
                schema={"type": "string", "maxLength": routes.LONGEST_TITLE},
                required=True,
                example="acc",
            ),
            top_k(routes.COMPLETIONS),
        ),
        errors=_SEARCHING,
    ),
    Operation(
        name="related",
        method="GET",
        path="/api/v1/pages/<pageid>/related",
        subject="search",
        summary=N_("Pages about what a page is about"),
        answer=routes.related,
        answers={200: "related"},
        parameters=(pageid(where="path", required=True), top_k(routes.RELATED)),
        errors=(*_SEARCHING, PageNotFoundError),
    ),
)
