"""The pages that people read: search, suggested links, meeting notes and drafts, health."""

from flask import Blueprint

from webui.pages import about, capture, drafts, health, links, search

blueprint = Blueprint("pages", __name__)
for part in (search, links, capture, drafts, health, about):
    part.add_to(blueprint)
