"""The operations for who keeps the community going."""

from typing import Final

from community.overview import MONTHS
from connector.errors import IndexBusyError, IndexNotBuiltError, ModelMismatchError
from webui.api import community_routes
from webui.api.operation import N_, Operation, Parameter
from webui.rights.roles import Role

COMMUNITY_OPERATIONS: Final = (
    Operation(
        name="community",
        method="GET",
        path="/api/v1/community",
        subject="community",
        summary=N_(
            "What the next meeting should talk about, whom to call, what is at risk, what moved, and the load"
        ),
        description=N_(
            "Of what who asks may read. Who has opted out is in no figure. Who wrote within thirty days of "
            "the wiki’s first edit founded it, and is no newcomer. What is still being worked out is not "
            "waited for: “pending” names it, and a later answer has it."
        ),
        answer=community_routes.community,
        answers={200: "community"},
        parameters=(
            Parameter(
                name="months",
                what=N_("how many months of the load"),
                schema={
                    "type": "integer",
                    "minimum": 1,
                    "maximum": community_routes.MOST_MONTHS,
                    "default": MONTHS,
                },
            ),
            Parameter(
                name="since",
                what=N_("the day since which it is told what moved; without one, that of the last meeting"),
                schema={"type": "string", "format": "date", "pattern": r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$"},
                example="2026-03-03",
            ),
        ),
        errors=(IndexNotBuiltError, ModelMismatchError, IndexBusyError),
        role=Role.COORDINATOR,
    ),
)
