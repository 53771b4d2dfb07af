"""A word about what this is."""

from flask import Blueprint, render_template


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/about", "about", about)


def about() -> str:
    """Say what Compagnon is."""
    return render_template("about.html")
