"""Which function answers at which address of the API."""

from flask import Blueprint

from webui.api import capture_routes, gadget_routes, gardening_routes, routes, wiki_routes
from webui.security import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
# Nothing here acts in the name of a session that could be abused.
csrf.exempt(blueprint)
blueprint.add_url_rule("/search", "search", routes.search)
blueprint.add_url_rule("/experts", "experts", routes.experts)
blueprint.add_url_rule("/topics", "topics", routes.topics)
blueprint.add_url_rule("/titles", "titles", routes.titles)
blueprint.add_url_rule("/pages/<pageid>/related", "related", routes.related)
blueprint.add_url_rule("/links", "links", routes.links)
blueprint.add_url_rule("/links", "links_of_text", routes.links_of_text, methods=["POST"])
blueprint.add_url_rule("/pages/<pageid>/links", "links_of_page", routes.links_of_page)
blueprint.add_url_rule("/gardening", "gardening", gardening_routes.gardening)
blueprint.add_url_rule("/health", "health", routes.health)
blueprint.add_url_rule("/capture", "capture", capture_routes.capture, methods=["POST"])
blueprint.add_url_rule("/notes", "notes", capture_routes.notes, methods=["POST"])
blueprint.add_url_rule("/jobs/<job_id>", "job", capture_routes.job)
blueprint.add_url_rule("/follow-ups", "follow_ups", capture_routes.follow_ups)
blueprint.add_url_rule("/index", "index", routes.index, methods=["POST"])

wiki_blueprint = Blueprint("wiki_api", __name__, url_prefix="/api/v1/wiki")
csrf.exempt(wiki_blueprint)  # no session is asked: the wiki signs each request
wiki_blueprint.before_request(wiki_routes.require_claim)
wiki_blueprint.add_url_rule("/box", "box", wiki_routes.box)
wiki_blueprint.add_url_rule("/links", "links", wiki_routes.links, methods=["POST"])
wiki_blueprint.add_url_rule("/feedback", "feedback", wiki_routes.feedback, methods=["POST"])
wiki_blueprint.add_url_rule("/search", "search", wiki_routes.search)

gadget_blueprint = Blueprint("gadget_api", __name__, url_prefix="/api/v1/gadget")
csrf.exempt(gadget_blueprint)  # no session is asked, and nothing is kept
gadget_blueprint.before_request(gadget_routes.require_wiki)
gadget_blueprint.after_request(gadget_routes.allow_wiki)
gadget_blueprint.add_url_rule("/box", "box", gadget_routes.box)
gadget_blueprint.add_url_rule("/links", "links", gadget_routes.links, methods=["POST"])
