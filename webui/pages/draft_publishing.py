"""Publishing from the page of a draft: a person's account for this one use, and what is told afterwards."""

import logging

from flask import flash
from flask_babel import gettext

from capture.publishing import publish, publish_experience
from capture.review import ReviewedDraft
from connector.errors import CompagnonError, EditConflictError, PageNotFoundError
from connector.model import Page
from connector.wiki import MediaWiki
from webui.current import current_services
from webui.pages.own_publishing import own_wiki

logger = logging.getLogger(__name__)


class PageChangedError(EditConflictError):
    """The page to add to is not the one that the person has seen; nothing was written."""

    def __init__(self, message: str, *, title: str, page: Page) -> None:
        super().__init__(message, title=title)
        self.page = page
        """As it is now."""


def publish_draft(reviewed: ReviewedDraft, *, base_revid: int | None) -> None:
    """Publish a draft under the person's own account, or the one in the form, and tell how it went.

    Args:
        reviewed: The draft, as the person has it before them.
        base_revid: For a draft that is added to a page: the revision that they have seen the change of.

    Raises:
        CredentialsWantedError: The form has no account with a bot password, and there is nothing else.
        GrantEndedError: The wiki no longer takes what was granted or kept: the person signs in again.
        PageChangedError: The page to add to was changed since.
        PageNotFoundError: The page to add to is gone.
        CompagnonError: As `capture.publishing`.
    """
    with own_wiki() as wiki:
        _publish(reviewed, wiki, base_revid=base_revid)
    try:
        current_services().refresh()
    except CompagnonError as e:
        logger.warning("draft %s is published, but not found yet: %s", reviewed.id, e)
        flash(gettext("Published. The search will find it after the next reading of the wiki."))
    else:
        flash(gettext("Published. The search finds it from now on."))


def _publish(reviewed: ReviewedDraft, wiki: MediaWiki, *, base_revid: int | None) -> None:
    if reviewed.merge_into is None or base_revid is None:
        publish(current_services().desk, reviewed.id, version=reviewed.version, writer=wiki)
    else:
        _add_to_page(reviewed, wiki, pageid=reviewed.merge_into, base_revid=base_revid)


def _add_to_page(reviewed: ReviewedDraft, wiki: MediaWiki, *, pageid: int, base_revid: int) -> None:
    desk = current_services().desk
    try:
        publish_experience(
            desk, reviewed.id, version=reviewed.version, writer=wiki, pageid=pageid, base_revid=base_revid
        )
    except EditConflictError as e:
        page = next(iter(wiki.pages([pageid])), None)
        if page is None:
            raise PageNotFoundError(f"page {pageid} was deleted from the wiki", pageid=pageid) from e
        raise PageChangedError(str(e), title=page.title, page=page) from e
