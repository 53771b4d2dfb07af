"""The mirror's database: engine, schema and migrations, then a room per subject.

SQLite in WAL mode; written with SQLAlchemy Core, so that another database is a matter of its dialect.
"""

from connector.store.access_tokens import AccessToken, AccessTokenStore
from connector.store.accounts import Account, AccountStore
from connector.store.capture_jobs import CaptureJobRecord, CaptureJobStore
from connector.store.drafts import DraftEvent, DraftRecord, DraftStore, NewDraft
from connector.store.erasures import Erasure, ErasureStore
from connector.store.follow_ups import FollowUpRecord, FollowUpStore, NewFollowUp
from connector.store.hit_feedback import HitFeedback, HitFeedbackStore, HitVerdict
from connector.store.link_feedback import LinkFeedback, LinkFeedbackStore
from connector.store.links import LinkStore
from connector.store.no_links import NoLinksList, NoLinksStore
from connector.store.notes import NotesStore, StoredNotes
from connector.store.pages import PageStore
from connector.store.questions import Question, QuestionState, QuestionStore
from connector.store.renderings import RenderingStore, StoredRendering
from connector.store.revisions import RevisionStore
from connector.store.sign_ins import SignIn, SignInStore
from connector.store.site import SiteStore
from connector.store.store import Store
from connector.store.sync_state import SyncState, SyncStateStore

__all__ = [
    "AccessToken",
    "AccessTokenStore",
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
    "HitFeedback",
    "HitFeedbackStore",
    "HitVerdict",
    "LinkFeedback",
    "LinkFeedbackStore",
    "LinkStore",
    "NewDraft",
    "NewFollowUp",
    "NoLinksList",
    "NoLinksStore",
    "NotesStore",
    "PageStore",
    "Question",
    "QuestionState",
    "QuestionStore",
    "RenderingStore",
    "RevisionStore",
    "SignIn",
    "SignInStore",
    "SiteStore",
    "Store",
    "StoredNotes",
    "StoredRendering",
    "SyncState",
    "SyncStateStore",
]
