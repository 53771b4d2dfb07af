"""The mirror's database: engine, schema and migrations, then a room per subject.

SQLite in WAL mode; written with SQLAlchemy Core, so that another database is a matter of its dialect.
"""

from connector.store.drafts import DraftEvent, DraftRecord, DraftStore, StoredNotes
from connector.store.pages import PageStore
from connector.store.revisions import RevisionStore
from connector.store.site import SiteStore
from connector.store.store import Store

__all__ = [
    "DraftEvent",
    "DraftRecord",
    "DraftStore",
    "PageStore",
    "RevisionStore",
    "SiteStore",
    "Store",
    "StoredNotes",
]
