"""Health: is our copy of the wiki complete and in step? And a word about what this is."""

from flask import Blueprint, render_template

from connector.errors import IndexNotBuiltError, ModelMismatchError
from search.indexer import IndexStats
from webui.current import current_services
from webui.errors import Trouble, trouble_of


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/health", "health", health)
    blueprint.add_url_rule("/about", "about", about)


def health() -> str:
    """Show the state of the mirror, of the index and of the drafts."""
    services = current_services()
    store = services.store
    trouble: Trouble | None = None
    stats: IndexStats | None = None
    detail = ""
    try:
        stats = services.index.stats()
        services.index.check()
    except (IndexNotBuiltError, ModelMismatchError) as e:
        trouble, detail = trouble_of(e), str(e)
    return render_template(
        "health.html",
        pages=store.pages.count(),
        revisions=store.revisions.count(),
        source=store.site.source(),
        last_sync=store.site.last_sync(),
        index=stats,
        drafts=store.drafts.counts(),
        trouble=trouble,
        detail=detail,
    )


def about() -> str:
    """Say what Compagnon is."""
    return render_template("about.html")
