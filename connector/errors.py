"""The error family of Compagnon.

A class exists only if a caller treats it differently; everything else is said by the message. Messages are
one line, in plain words, and say what to do when something can be done. Identifiers stay attributes.
"""

from typing import Literal


class CompagnonError(Exception):
    """Base of every error that Compagnon raises on purpose; its text is fit to be shown to a user."""


class ConfigError(CompagnonError):
    """A setting, a file of settings or a data directory is missing or wrong."""


class SignInWantedError(CompagnonError):
    """Only somebody who has signed in may do or see this."""


class NotAllowedError(CompagnonError):
    """Who asks has signed in, and may not do or see this."""


class MailError(CompagnonError):
    """Mail could not be sent, or nobody knows whether it was."""

    def __init__(self, message: str, *, refused: bool = False, maybe_sent: bool = False) -> None:
        super().__init__(message)
        self.refused = refused
        """Whether the server refuses this recipient or this text for good; others it may take."""
        self.maybe_sent = maybe_sent
        """Whether the server had the mail, and may have taken it."""


class ConnectorError(CompagnonError):
    """Base of what goes wrong between Compagnon and the wiki, or in the mirror."""


class WikiUnavailableError(ConnectorError):
    """The wiki cannot be reached, or does not answer as a MediaWiki API; trying later may help."""

    def __init__(self, message: str, *, url: str | None = None, maybe_saved: bool = False) -> None:
        super().__init__(message)
        self.url = url
        self.maybe_saved = maybe_saved
        """Whether it had been asked to save a page, and may have done so."""


class WikiLoginError(ConnectorError):
    """The wiki refuses the account, its password, or what the account asks to do."""

    def __init__(self, message: str, *, user: str | None = None) -> None:
        super().__init__(message)
        self.user = user


class GrantEndedError(WikiLoginError):
    """The wiki no longer takes what somebody had granted, or a bot password of theirs that was kept."""


class PageNotFoundError(ConnectorError):
    """No such page, in the wiki or in the mirror."""

    def __init__(self, message: str, *, title: str | None = None, pageid: int | None = None) -> None:
        super().__init__(message)
        self.title = title
        self.pageid = pageid


class EditConflictError(ConnectorError):
    """The page was created, changed or deleted by someone else since it was read; nothing was written."""

    def __init__(self, message: str, *, title: str, base_revid: int | None = None) -> None:
        super().__init__(message)
        self.title = title
        self.base_revid = base_revid


class EditRefusedError(ConnectorError):
    """The wiki will never accept this edit as it stands (a title it forbids, a filter, a protection)."""

    def __init__(self, message: str, *, title: str, code: str) -> None:
        super().__init__(message)
        self.title = title
        self.code = code


class StoreError(ConnectorError):
    """The database cannot be opened, read or written."""


class NotOfferedError(ConnectorError):
    """A verdict on a suggested link that was not offered for this revision, or the page has a newer one."""

    def __init__(self, message: str, *, pageid: int, revid: int) -> None:
        super().__init__(message)
        self.pageid = pageid
        self.revid = revid


class DumpError(ConnectorError):
    """A file given as a MediaWiki XML export is not one, or is cut short."""


class SuspiciousShrinkError(ConnectorError):
    """A sweep would purge so much of the mirror that a person must look first; nothing was purged."""

    def __init__(self, message: str, *, missing: int, known: int) -> None:
        super().__init__(message)
        self.missing = missing
        self.known = known


class SyncBusyError(ConnectorError):
    """Another process is syncing the same data folder; trying again later helps."""


class SyncStoppedError(ConnectorError):
    """A sync was told to stop, and did so between two batches; the next one goes on where it was."""


class SearchError(CompagnonError):
    """Base of what goes wrong in search."""


class IndexNotBuiltError(SearchError):
    """There is nothing to search in yet: `compagnon index` has not run."""


class IndexBusyError(SearchError):
    """Another process owns the index and could not be asked to do the work."""


class InvalidQueryError(SearchError):
    """The question cannot be searched: it is empty or too long."""


class ModelMismatchError(SearchError):
    """The index was built with another embedding model than the one in the settings."""

    def __init__(self, message: str, *, built_with: str, configured: str) -> None:
        super().__init__(message)
        self.built_with = built_with
        self.configured = configured


class LanguageModelError(SearchError):
    """The configured language model gave no answer that can be used; what needs none works on."""

    def __init__(self, message: str, *, kind: Literal["unavailable", "refused", "unreadable"]) -> None:
        super().__init__(message)
        self.kind = kind
        """Not reached or not in time; the address, the model or the key is wrong; an answer of no use."""


class CaptureError(CompagnonError):
    """Base of what goes wrong between meeting notes and practice pages."""


class UnreadableNotesError(CaptureError):
    """The notes are empty, too large, or in no format that Compagnon reads."""


class NotKeptError(CaptureError):
    """Notes, a job or a follow-up that are not kept, or not any more."""


class DraftNotFoundError(CaptureError):
    """No such draft."""

    def __init__(self, message: str, *, draft_id: int) -> None:
        super().__init__(message)
        self.draft_id = draft_id


class DraftStateError(CaptureError):
    """The draft is in a state (published, dropped, changed by someone else) that forbids what was asked."""

    def __init__(self, message: str, *, draft_id: int) -> None:
        super().__init__(message)
        self.draft_id = draft_id
