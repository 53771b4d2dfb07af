"""The pages that people read: search, questions, practices, links, gardening, notes and drafts, health."""

from flask import Blueprint

from webui.pages import (
    about,
    actor,
    api,
    capture,
    community,
    drafts,
    follow_ups,
    gardening,
    health,
    hit_feedback,
    links,
    me,
    oauth_sign_in,
    own_publishing,
    practice,
    questions,
    review_words,
    search,
    sign_in,
    tokens,
)

blueprint = Blueprint("pages", __name__)
for part in (
    search,
    hit_feedback,
    questions,
    practice,
    links,
    gardening,
    community,
    capture,
    drafts,
    own_publishing,
    follow_ups,
    health,
    about,
    actor,
    review_words,
    sign_in,
    oauth_sign_in,
    tokens,
    me,
    api,
):
    part.add_to(blueprint)
