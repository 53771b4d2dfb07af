"""Which function answers at which address of the API: as the table of operations says."""

from flask import Blueprint

from webui.api import gadget_routes, wiki_routes
from webui.api.enforcement import enforced
from webui.api.operations import OPERATIONS
from webui.security import csrf

_PREFIXES = {"api": "/api/v1", "wiki_api": "/api/v1/wiki", "gadget_api": "/api/v1/gadget"}

blueprint = Blueprint("api", __name__, url_prefix=_PREFIXES["api"])
# Nothing here acts in the name of a session that could be abused.
csrf.exempt(blueprint)

wiki_blueprint = Blueprint("wiki_api", __name__, url_prefix=_PREFIXES["wiki_api"])
csrf.exempt(wiki_blueprint)  # no session is asked: the wiki signs each request
wiki_blueprint.before_request(wiki_routes.require_claim)

gadget_blueprint = Blueprint("gadget_api", __name__, url_prefix=_PREFIXES["gadget_api"])
csrf.exempt(gadget_blueprint)  # no session is asked, and nothing is kept
gadget_blueprint.before_request(gadget_routes.require_wiki)
gadget_blueprint.after_request(gadget_routes.allow_wiki)

for _operation in OPERATIONS:
    _room = {"api": blueprint, "wiki_api": wiki_blueprint, "gadget_api": gadget_blueprint}[_operation.room]
    _room.add_url_rule(
        _operation.path.removeprefix(_PREFIXES[_operation.room]),
        _operation.name,
        enforced(_operation),
        methods=[_operation.method],
    )
