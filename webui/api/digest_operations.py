"""The operations of the weekly digest."""

from typing import Final

from connector.errors import MailError
from connector.store.subscriptions import LONGEST_ADDRESS
from webui.api import digest_routes
from webui.api.operation import N_, Body, Operation
from webui.language import LANGUAGES
from webui.rights.roles import Role

DIGEST_OPERATIONS: Final = (
    Operation(
        name="digest",
        method="GET",
        path="/api/v1/digest",
        subject="community",
        summary=N_("The digest: what happened last week"),
        description=N_("Of what who asks may read."),
        answer=digest_routes.digest,
        answers={200: "digest"},
        role=Role.MEMBER,
    ),
    Operation(
        name="digest_wish",
        method="GET",
        path="/api/v1/me/digest",
        subject="community",
        summary=N_("Where you get the digest by mail"),
        answer=digest_routes.wish,
        answers={200: "digest-wish"},
        role=Role.MEMBER,
    ),
    Operation(
        name="want_digest",
        method="POST",
        path="/api/v1/me/digest",
        subject="community",
        summary=N_("Get the digest by mail"),
        description=N_("The address gets a link first, which confirms it."),
        answer=digest_routes.want,
        answers={200: "digest-wish", 202: "digest-wish"},
        body=Body(
            what=N_("the address"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["address"],
                    "properties": {
                        "address": {"type": "string", "minLength": 1, "maxLength": LONGEST_ADDRESS},
                        "language": {"type": "string", "enum": list(LANGUAGES)},
                    },
                }
            },
        ),
        errors=(MailError, 409),
        role=Role.MEMBER,
    ),
    Operation(
        name="end_digest",
        method="POST",
        path="/api/v1/me/digest/status",
        subject="community",
        summary=N_("Get the digest no more"),
        description=N_("Your address is forgotten."),
        answer=digest_routes.end,
        answers={200: "digest-wish"},
        body=Body(
            what=N_("what is to be done"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["action"],
                    "properties": {"action": {"type": "string", "enum": list(digest_routes.ACTIONS)}},
                }
            },
        ),
        role=Role.MEMBER,
    ),
)
