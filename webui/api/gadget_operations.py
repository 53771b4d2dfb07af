"""The operations for the wiki's gadget: asked by browsers, from the wiki's own pages, about public pages."""

from typing import Final

from connector.errors import IndexBusyError, IndexNotBuiltError, ModelMismatchError
from webui.api import gadget_routes
from webui.api.operation import N_, Operation, pageid
from webui.api.wiki_operations import WRITTEN_TEXT

GADGET_OPERATIONS: Final = (
    Operation(
        name="box",
        method="GET",
        path="/api/v1/gadget/box",
        subject="wiki",
        summary=N_("The same of what anybody may read, for the wiki’s own pages"),
        answer=gadget_routes.box,
        answers={200: "wiki-box"},
        parameters=(pageid(where="query", required=True),),
        errors=(IndexNotBuiltError, ModelMismatchError, IndexBusyError),
        caller="gadget",
    ),
    Operation(
        name="links",
        method="POST",
        path="/api/v1/gadget/links",
        subject="wiki",
        summary=N_("Links for a text that is being written, among pages that anybody may read"),
        answer=gadget_routes.links,
        answers={200: "wiki-links"},
        body=WRITTEN_TEXT,
        errors=(IndexNotBuiltError, 503),
        caller="gadget",
    ),
)
