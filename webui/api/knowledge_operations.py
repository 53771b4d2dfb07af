"""The operations of knowledge at a glance: the map, contradictions, twins."""

from typing import Final

from connector.errors import IndexBusyError, IndexNotBuiltError, ModelMismatchError, PageNotFoundError
from webui.api import knowledge_routes
from webui.api.operation import LARGEST_PAGEID, N_, Operation, Parameter, top_k
from webui.rights.roles import Role

_SEARCHING: Final = (IndexNotBuiltError, ModelMismatchError, IndexBusyError)


def _page(name: str, what: str) -> Parameter:
    schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_PAGEID}
    return Parameter(name=name, what=what, schema=schema, where="path", required=True, example=1)


KNOWLEDGE_OPERATIONS: Final = (
    Operation(
        name="map",
        method="GET",
        path="/api/v1/map",
        subject="search",
        summary=N_("The map: topics of pages that mean nearly the same, who knows them, how alive they are"),
        description=N_("Of what who asks may read."),
        answer=knowledge_routes.topic_map,
        answers={200: "map"},
        errors=_SEARCHING,
    ),
    Operation(
        name="contradictions",
        method="GET",
        path="/api/v1/contradictions",
        subject="community",
        summary=N_("Pages that give opposite advice, and that nobody has judged yet"),
        answer=knowledge_routes.contradictions,
        answers={200: "contradictions"},
        parameters=(top_k(knowledge_routes.LISTED),),
        errors=_SEARCHING,
        role=Role.COORDINATOR,
    ),
    Operation(
        name="twins",
        method="GET",
        path="/api/v1/twins",
        subject="community",
        summary=N_("Pages that say the same in French and in English"),
        answer=knowledge_routes.twins,
        answers={200: "twins"},
        parameters=(top_k(knowledge_routes.LISTED),),
        errors=_SEARCHING,
        role=Role.COORDINATOR,
    ),
    Operation(
        name="twin",
        method="GET",
        path="/api/v1/twins/<french>/<english>",
        subject="community",
        summary=N_("What one of two twins has and the other lacks"),
        answer=knowledge_routes.twin,
        answers={200: "twin"},
        parameters=(
            _page("french", N_("the number of the French page")),
            _page("english", N_("the number of the English page")),
        ),
        errors=(*_SEARCHING, PageNotFoundError),
        role=Role.COORDINATOR,
    ),
)
