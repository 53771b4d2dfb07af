"""The table of the API's operations: routes, checks, the OpenAPI document and the page /api come from it.

To add one: write its function, put the shape of its answer into `webui/api/schemas`, and add an `Operation`
to the table of its subject (`webui/api/*_operations.py`), or a new such table to `OPERATIONS`. What is said
there of parameters and roles is enforced (`webui.api.enforcement`): the function itself need not check them
again. Texts in `N_` are shown on the page `/api` in the language of who reads it: translate them. The tests
ask for the row in `docs/reference/http-api.md`, and schemathesis tries what is new.
"""

from typing import Final

from webui.api.ask_operations import ASK_OPERATIONS
from webui.api.community_operations import COMMUNITY_OPERATIONS
from webui.api.digest_operations import DIGEST_OPERATIONS
from webui.api.gadget_operations import GADGET_OPERATIONS
from webui.api.knowledge_operations import KNOWLEDGE_OPERATIONS
from webui.api.life_operations import LIFE_OPERATIONS
from webui.api.link_operations import LINK_OPERATIONS
from webui.api.meeting_operations import MEETING_OPERATIONS
from webui.api.member_operations import MEMBER_OPERATIONS
from webui.api.notes_operations import NOTES_OPERATIONS
from webui.api.operation import Operation
from webui.api.plan_operations import PLAN_OPERATIONS
from webui.api.search_operations import SEARCH_OPERATIONS
from webui.api.service_operations import SERVICE_OPERATIONS
from webui.api.tending_operations import TENDING_OPERATIONS
from webui.api.wiki_operations import WIKI_OPERATIONS

OPERATIONS: Final[tuple[Operation, ...]] = (
    *SEARCH_OPERATIONS,
    *MEMBER_OPERATIONS,
    *LIFE_OPERATIONS,
    *ASK_OPERATIONS,
    *LINK_OPERATIONS,
    *NOTES_OPERATIONS,
    *COMMUNITY_OPERATIONS,
    *MEETING_OPERATIONS,
    *PLAN_OPERATIONS,
    *KNOWLEDGE_OPERATIONS,
    *TENDING_OPERATIONS,
    *DIGEST_OPERATIONS,
    *SERVICE_OPERATIONS,
    *WIKI_OPERATIONS,
    *GADGET_OPERATIONS,
)
"""All of them, in the order in which they are read."""
