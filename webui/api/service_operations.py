"""The operations of the service itself: how it is, and what it can be asked."""

from typing import Final

from connector.errors import IndexBusyError, IndexNotBuiltError, ModelMismatchError
from webui.api import routes, service_routes
from webui.api.operation import N_, Operation, switch
from webui.rights.roles import Role

SERVICE_OPERATIONS: Final = (
    Operation(
        name="ready",
        method="GET",
        path="/api/v1/ready",
        subject="service",
        summary=N_("Whether questions can be answered now"),
        description=N_("Status 503, and why, while they cannot. It tells nothing of the wiki."),
        answer=service_routes.ready,
        answers={200: "ready", 503: "ready"},
        caller="anybody",
    ),
    Operation(
        name="health",
        method="GET",
        path="/api/v1/health",
        subject="service",
        summary=N_("Whether mirror and index are in step with the wiki"),
        answer=routes.health,
        answers={200: "health"},
        role=Role.ADMINISTRATOR,
    ),
    Operation(
        name="index",
        method="POST",
        path="/api/v1/index",
        subject="service",
        summary=N_("Bring the index in step with the mirror, for the command line of the same machine"),
        answer=routes.index,
        answers={200: "index"},
        parameters=(switch("reread", N_("1 to read again which model the settings say")),),
        errors=(IndexBusyError, IndexNotBuiltError, ModelMismatchError),
        caller="owner",
    ),
    Operation(
        name="openapi",
        method="GET",
        path="/api/v1/openapi.json",
        subject="service",
        summary=N_("This description, as an OpenAPI 3.1 document"),
        answer=service_routes.openapi,
        answers={200: "openapi"},
        caller="anybody",
    ),
)
