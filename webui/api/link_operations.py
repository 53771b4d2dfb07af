"""The operations of links and gardening, for those who tend the wiki's pages."""

from typing import Final

from connector.errors import IndexNotBuiltError, PageNotFoundError
from search.gardening import KINDS
from webui.api import gardening_routes, routes
from webui.api.operation import N_, TOP_K_MAX, Body, Operation, Parameter, offset, pageid, top_k
from webui.rights.roles import Role

_TITLE: Final = Parameter(
    name="title", what=N_("the title of a page"), schema={"type": "string"}, example="Ranger les outils"
)

LINK_OPERATIONS: Final = (
    Operation(
        name="links",
        method="GET",
        path="/api/v1/links",
        subject="links",
        summary=N_("Links that a page could have, and pages to see also"),
        description=N_("Of the page of a title, or of a number."),
        answer=routes.links,
        answers={200: "links"},
        parameters=(_TITLE, pageid(where="query", required=False), top_k(routes.SUGGESTIONS)),
        errors=(PageNotFoundError, IndexNotBuiltError),
        role=Role.EDITOR,
    ),
    Operation(
        name="links_of_page",
        method="GET",
        path="/api/v1/pages/<pageid>/links",
        subject="links",
        summary=N_("Links that the page of a number could have"),
        answer=routes.links_of_page,
        answers={200: "links"},
        parameters=(pageid(where="path", required=True), top_k(routes.SUGGESTIONS)),
        errors=(PageNotFoundError, IndexNotBuiltError),
        role=Role.EDITOR,
    ),
    Operation(
        name="links_of_text",
        method="POST",
        path="/api/v1/links",
        subject="links",
        summary=N_("Links that a text could have that is not saved; nothing is kept"),
        answer=routes.links_of_text,
        answers={200: "links"},
        body=Body(
            what=N_("the text, and the title or the number of the page that it is to be"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["wikitext"],
                    "properties": {
                        "wikitext": {"type": "string"},
                        "title": {"type": ["string", "null"], "maxLength": routes.LONGEST_TITLE},
                        "pageid": {
                            "type": ["integer", "null"],
                            "minimum": 1,
                            "maximum": routes.LARGEST_PAGEID,
                        },
                        "top_k": {"type": "integer", "minimum": 1, "maximum": TOP_K_MAX},
                    },
                }
            },
        ),
        errors=(PageNotFoundError, IndexNotBuiltError),
        role=Role.EDITOR,
    ),
    Operation(
        name="gardening",
        method="GET",
        path="/api/v1/gardening",
        subject="links",
        summary=N_("Pages by what they lack, those first where an edit is worth most"),
        answer=gardening_routes.gardening,
        answers={200: "gardening"},
        parameters=(
            Parameter(
                name="kind",
                what=N_("what they lack"),
                schema={"type": "string", "enum": list(KINDS), "default": KINDS[0]},
            ),
            top_k(gardening_routes.PAGES),
            offset(gardening_routes.OFFSET_MAX),
        ),
        errors=(IndexNotBuiltError,),
        role=Role.EDITOR,
    ),
)
