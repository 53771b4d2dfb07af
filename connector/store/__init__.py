"""The mirror's database: engine, schema and migrations, then a room per subject.

SQLite in WAL mode; written with SQLAlchemy Core, so that another database is a matter of its dialect.
"""

from connector.store.accounts import Account, AccountStore
from connector.store.capture_jobs import CaptureJobRecord, CaptureJobStore
from connector.store.drafts import DraftEvent, DraftRecord, DraftStore, NewDraft
from connector.store.erasures import Erasure, ErasureStore
from connector.store.follow_ups import FollowUpRecord, FollowUpStore, NewFollowUp
from connector.store.link_feedback import LinkFeedback, LinkFeedbackStore
from connector.store.links import LinkStore
from connector.store.no_links import NoLinksList, NoLinksStore
from connector.store.notes import NotesStore, StoredNotes
from connector.store.pages import PageStore
from connector.store.renderings import RenderingStore, StoredRendering
from connector.store.revisions import RevisionStore
from connector.store.site import SiteStore
from connector.store.store import Store
from connector.store.sync_state import SyncState, SyncStateStore

__all__ = [
    "Account",
    "AccountStore",
    "CaptureJobRecord",
    "CaptureJobStore",
    "DraftEvent",
    "DraftRecord",
    "DraftStore",
    "Erasure",
    "ErasureStore",
    "FollowUpRecord",
    "FollowUpStore",
    "LinkFeedback",
    "LinkFeedbackStore",
    "LinkStore",
    "NewDraft",
    "NewFollowUp",
    "NoLinksList",
    "NoLinksStore",
    "NotesStore",
    "PageStore",
    "RenderingStore",
    "RevisionStore",
    "SiteStore",
    "Store",
    "StoredNotes",
    "StoredRendering",
    "SyncState",
    "SyncStateStore",
]
