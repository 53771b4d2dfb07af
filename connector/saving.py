"""Saving a page: exactly one revision, never over somebody else's work, whatever happens on the way.

The wiki itself watches for conflicts (`baserevid`, `createonly`, `starttimestamp`). What it cannot do is tell
us that it has saved when its reply is lost: then we look for our revision before anything is sent again.
https://www.mediawiki.org/wiki/API:Edit
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from connector.api import Api, ApiError, Reply
from connector.change_tags import usable_tags
from connector.erased import MASK
from connector.errors import (
    CompagnonError,
    EditConflictError,
    EditRefusedError,
    WikiLoginError,
    WikiUnavailableError,
)
from connector.manners import Patience
from connector.replies import WIKITEXT
from connector.titles import one_title
from connector.transport import ReplyFault

_CONFLICTS = frozenset({"editconflict", "articleexists", "missingtitle", "pagedeleted"})
# The account may not edit, or not here, whatever the edit says.
_ACCOUNT_CODES = frozenset(
    {
        "permissiondenied",
        "writeapidenied",
        "blocked",
        "autoblocked",
        "systemblocked",
        "cantcreate",
        "cantcreate-anon",
        "noedit",
        "noedit-anon",
        "confirmemail",
        "mustbeloggedin",
        "readapidenied",
    }
)
# What MediaWiki replaces in any text that it receives (UtfNormal\\Validator::cleanUp).
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REVISIONS_TO_LOOK_AT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEdit:
    """A page as it is to be saved."""

    title: str
    wikitext: str
    """The whole text."""
    summary: str
    """Edit summary; brackets make links there."""
    base_revid: int | None
    """The revision that the text was made from; None for a page that must be new."""
    tags: tuple[str, ...] = ()
    """Change tags; those that the wiki does not have, or that the account may not give, are left out."""
    namespace: int = 0
    """The namespace that the page is meant for: a title that leads to another one is refused."""
    content_model: str = WIKITEXT
    """What kind of text it is ("wikitext", "javascript", "css"): a page of another kind is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedEdit:
    """What became of a `PageEdit`."""

    pageid: int
    title: str
    """The title as the wiki writes it."""
    revid: int
    """The revision that now holds the text."""
    merged: bool = False
    """Whether the wiki merged it with what someone else had saved meanwhile: read it again."""
    unchanged: bool = False
    """Whether the page already had this text, so that nothing was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """The page as it is when the work begins."""

    title: str
    began: str
    """The wiki's time, as it writes it."""
    token: str


def save_page(api: Api, edit: PageEdit) -> SavedEdit:
    """Save a page (see `PageWriter.save`).

    Raises:
        ApiError: the wiki refuses to answer what is asked around the edit.
        EditRefusedError: it holds what stands here for somebody who was erased; or as `PageWriter.save`.
    """
    text = _clean(edit.wikitext)
    _refuse_mask(edit)
    target = _look_up(api, edit)
    patience = api.patience()
    lost = renewed = False
    while True:
        try:
            with _maybe_saved(api, edit, sent=lost):
                fields = _fields(api, edit, target, text)
                reply = api.call("edit", fields, post=True, patience=patience, lost_is_final=True)["edit"]
        except ReplyFault as e:
            lost = True
            with _maybe_saved(api, edit, looking=True):
                saved = _find_ours(api, edit, target, text)
                if saved is None:
                    _wait(api, patience, e)
        except ApiError as e:
            if e.code == "badtoken" and not renewed:  # the session was renewed on the way
                with _maybe_saved(api, edit, sent=lost):
                    target, renewed, saved = replace(target, token=_token(api)), True, None
                continue
            saved = None
            if lost:
                # What stands in our way may be our own edit, or may have come after it.
                with _maybe_saved(api, edit, looking=True):
                    saved = _find_ours(api, edit, target, text, merged=e.code in _CONFLICTS)
            if saved is None:
                raise _refusal(e, edit, target, user=api.user) from e
        else:
            with _maybe_saved(api, edit, sent=lost):
                own = lost and "nochange" in reply
                saved = _find_ours(api, edit, target, text, merged=True) if own else None
                saved = saved or _read_reply(api, edit, reply)
        if saved is not None:
            return saved


def _look_up(api: Api, edit: PageEdit) -> _Target:
    """See which page the title means, and whether it is as the edit expects."""
    parameters = {"titles": one_title(edit.title), "prop": "info", "meta": "tokens", "curtimestamp": True}
    reply = api.call("query", parameters)
    pages = reply["query"].get("pages", [])
    if "interwiki" in reply["query"]:
        raise EditRefusedError(
            f"“{edit.title}” is a title in another wiki", title=edit.title, code="interwiki"
        )
    page: Reply = pages[0] if pages else {"invalid": True}
    if page.get("invalid") or page.get("special") or page["ns"] < 0:
        raise EditRefusedError(f"no page can be called “{edit.title}”", title=edit.title, code="invalidtitle")
    if page["ns"] != edit.namespace:
        raise EditRefusedError(
            f"“{edit.title}” would land in another namespace than it is meant for: choose another title",
            title=edit.title,
            code="wrongnamespace",
        )
    if page.get("contentmodel", WIKITEXT) != edit.content_model:
        raise EditRefusedError(
            f"“{edit.title}” is no page of {edit.content_model}",
            title=edit.title,
            code=f"not{edit.content_model}",
        )
    missing = bool(page.get("missing"))
    if missing and edit.base_revid is not None:
        raise _conflict("has been deleted since it was read", edit)
    if not missing and edit.base_revid is None:
        raise _conflict("exists already", edit)
    token = reply["query"]["tokens"]["csrftoken"]
    return _Target(title=page["title"], began=reply["curtimestamp"], token=token)


def _refuse_mask(edit: PageEdit) -> None:
    """Keep what was masked here out of the wiki: there it would take a name out of a text for good."""
    if any(MASK in text for text in (edit.title, edit.wikitext, edit.summary)):
        raise EditRefusedError(
            f"the page would say “{MASK}”, which stands here for somebody who was erased: take it out first",
            title=edit.title,
            code="erased-name",
        )


def _fields(api: Api, edit: PageEdit, target: _Target, text: str) -> Reply:
    tags = usable_tags(api, edit.tags)
    return {
        "title": target.title,
        "text": text,
        "summary": _summary(edit),
        "baserevid": edit.base_revid,
        "nocreate": edit.base_revid is not None,
        "createonly": edit.base_revid is None,
        "starttimestamp": target.began,
        "assertuser": api.user,
        # The wiki refuses a text that was damaged on the way.
        "md5": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "tags": "|".join(tags) or None,
        "token": target.token,
    }


def _token(api: Api) -> str:
    return str(api.call("query", {"meta": "tokens"})["query"]["tokens"]["csrftoken"])


def _read_reply(api: Api, edit: PageEdit, reply: Reply) -> SavedEdit:
    if reply.get("result") != "Success":
        reason = "asks a question that only a person can answer" if "captcha" in reply else "does not save it"
        code = "captcha" if "captcha" in reply else str(reply.get("code", "failure"))
        raise EditRefusedError(f"“{edit.title}”: the wiki {reason}", title=edit.title, code=code)
    pageid, title = reply["pageid"], reply["title"]
    if "nochange" in reply:
        page = api.call("query", {"pageids": pageid, "prop": "info"})["query"]["pages"][0]
        return SavedEdit(pageid=pageid, title=title, revid=page["lastrevid"], unchanged=True)
    merged = edit.base_revid is not None and reply["oldrevid"] != edit.base_revid
    return SavedEdit(pageid=pageid, title=title, revid=reply["newrevid"], merged=merged)


def _find_ours(
    api: Api, edit: PageEdit, target: _Target, text: str, *, merged: bool = False
) -> SavedEdit | None:
    """Look for the revision that an edit made although its reply was lost.

    It is the account's, newer than the base, and has the text as the wiki normalizes it (trimmed, signatures
    and `subst:` expanded); with `merged`, the summary is enough, for the text has somebody else's work in it.
    """
    parameters = {"prop": "revisions", "rvprop": "ids|user|sha1|comment", "rvlimit": _REVISIONS_TO_LOOK_AT}
    page = api.call("query", {"titles": one_title(target.title), **parameters})["query"]["pages"][0]
    newer = [r for r in page.get("revisions", ()) if r["revid"] > (edit.base_revid or 0)]
    ours = [revision for revision in newer if revision.get("user") == api.user]
    if not ours:
        return None
    preview = {"title": target.title, "text": text, "contentmodel": edit.content_model, "onlypst": True}
    saved_text = api.call("parse", preview, post=True)["parse"]["text"]
    sha1 = hashlib.sha1(saved_text.encode(), usedforsecurity=False).hexdigest()
    for revision in ours:
        same = revision.get("sha1") == sha1
        if same or (merged and revision.get("comment") == _summary(edit)):
            return SavedEdit(
                pageid=page["pageid"], title=page["title"], revid=revision["revid"], merged=not same
            )
    return None


def _wait(api: Api, patience: Patience, fault: ReplyFault) -> None:
    if not fault.passing:
        raise WikiUnavailableError(f"{api.url} {fault.reason}", url=api.url)
    patience.wait(fault.reason, at_least=fault.retry_after)


@contextmanager
def _maybe_saved(api: Api, edit: PageEdit, *, sent: bool = True, looking: bool = False) -> Iterator[None]:
    """Say, when wiki or session is gone after an edit was sent, that nobody knows what became of it.

    Args:
        api: the wiki's.
        edit: the edit.
        sent: whether it was sent, and no reply came back.
        looking: whether the wiki is only asked about it: what it refuses then says nothing of the edit.
    """
    try:
        yield
    except (WikiUnavailableError, WikiLoginError, ApiError) as e:
        if not sent or (isinstance(e, ApiError) and not looking):
            raise
        said = f"{api.url} refuses to answer: {e.info}" if isinstance(e, ApiError) else str(e)
        raise WikiUnavailableError(
            f"{said} (“{edit.title}” may have been saved all the same: look at it first)",
            url=api.url,
            maybe_saved=True,
        ) from e


def _refusal(error: ApiError, edit: PageEdit, target: _Target, *, user: str) -> CompagnonError:
    """Turn the API's code into the error that says what to do."""
    if error.code in _CONFLICTS:
        happened = "exists already" if error.code == "articleexists" else "has been changed since it was read"
        if error.code in {"missingtitle", "pagedeleted"}:
            happened = "has been deleted since it was read"
        return _conflict(happened, edit)
    if error.code in _ACCOUNT_CODES:
        return WikiLoginError(f"{user} may not save “{target.title}”: {error.info}", user=user)
    return EditRefusedError(
        f"the wiki refuses to save “{target.title}”: {error.info}", title=target.title, code=error.code
    )


def _conflict(happened: str, edit: PageEdit) -> EditConflictError:
    return EditConflictError(
        f"“{edit.title}” {happened}: nothing was saved", title=edit.title, base_revid=edit.base_revid
    )


def _clean(text: str) -> str:
    """Write a text as MediaWiki would receive it, so that both sides count the same bytes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _NOT_TEXT.sub("\ufffd", lines))


def _summary(edit: PageEdit) -> str:
    # The wiki keeps 500 characters (CommentStore::COMMENT_CHARACTER_LIMIT), on one line.
    return " ".join(_clean(edit.summary).split())[:500]
