"""The pages that people read: search, links, gardening, meeting notes and drafts, follow-ups, health."""

from flask import Blueprint

from webui.pages import (
    about,
    actor,
    capture,
    drafts,
    follow_ups,
    gardening,
    health,
    links,
    review_words,
    search,
)

blueprint = Blueprint("pages", __name__)
for part in (search, links, gardening, capture, drafts, follow_ups, health, about, actor, review_words):
    part.add_to(blueprint)
