"""The operations for the wiki's extension: each request carries a claim that the wiki has signed."""

from typing import Final, get_args

from connector.errors import (
    IndexBusyError,
    IndexNotBuiltError,
    ModelMismatchError,
    NotOfferedError,
    PageNotFoundError,
)
from connector.store.link_feedback import Reason, Verdict
from webui.api import panel_requests, wiki_routes
from webui.api.operation import N_, Body, Operation, pageid, question, top_k

_PAGEID: Final = {"type": "integer", "minimum": 0, "maximum": panel_requests.LARGEST_PAGEID - 1}
_REVID: Final = {"type": "integer", "minimum": 0, "maximum": panel_requests.LARGEST_REVID - 1}
_SEARCHING: Final = (IndexNotBuiltError, ModelMismatchError, IndexBusyError)

WRITTEN_TEXT: Final = Body(
    what=N_("the text that is being written; the numbers are 0 for a new page"),
    media_types={
        "application/json": {
            "type": "object",
            "required": ["pageid", "revid", "title", "wikitext"],
            "properties": {
                "pageid": _PAGEID,
                "revid": _REVID,
                "title": {"type": "string", "maxLength": panel_requests.LONGEST_TITLE},
                "wikitext": {"type": "string"},
            },
        }
    },
)

WIKI_OPERATIONS: Final = (
    Operation(
        name="box",
        method="GET",
        path="/api/v1/wiki/box",
        subject="wiki",
        summary=N_("Practices, other pages and people that have to do with a page"),
        answer=wiki_routes.box,
        answers={200: "wiki-box"},
        parameters=(pageid(where="query", required=True),),
        errors=(*_SEARCHING, PageNotFoundError),
        caller="wiki",
    ),
    Operation(
        name="links",
        method="POST",
        path="/api/v1/wiki/links",
        subject="wiki",
        summary=N_("Links, and pages to see also, for a text that is being written"),
        answer=wiki_routes.links,
        answers={200: "wiki-links"},
        body=WRITTEN_TEXT,
        errors=(IndexNotBuiltError, 503),
        caller="wiki",
    ),
    Operation(
        name="feedback",
        method="POST",
        path="/api/v1/wiki/feedback",
        subject="wiki",
        summary=N_("Keep what an editor says of an offered link"),
        answer=wiki_routes.feedback,
        answers={204: None},
        body=Body(
            what=N_("the link, and what is said of it"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["pageid", "revid", "target_pageid", "link_text", "verdict"],
                    "properties": {
                        "pageid": _PAGEID,
                        "revid": _REVID,
                        "target_pageid": _PAGEID,
                        "link_text": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": panel_requests.LONGEST_WORDS,
                        },
                        "verdict": {"type": "string", "enum": list(get_args(Verdict))},
                        "reason": {"enum": [*get_args(Reason), None]},
                    },
                }
            },
        ),
        errors=(NotOfferedError,),
        caller="wiki",
    ),
    Operation(
        name="search",
        method="GET",
        path="/api/v1/wiki/search",
        subject="wiki",
        summary=N_("Pages that answer, and people"),
        answer=wiki_routes.search,
        answers={200: "wiki-search"},
        parameters=(question(), top_k(wiki_routes.HITS)),
        errors=_SEARCHING,
        caller="wiki",
    ),
)
