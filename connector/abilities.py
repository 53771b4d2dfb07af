"""What some wikis can do besides being read as a whole: render, search and save."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from connector.model import Rendering
from connector.saving import PageEdit, SavedEdit


@runtime_checkable
class PageRenderer(Protocol):
    """Somewhere that pages can be had as the wiki renders them."""

    def rendering(self, pageid: int) -> Rendering | None:
        """Return a page's newest rendering, or None when there is no such page, or it may not be read.

        None also stands for a rendering that is larger than the wiki's API gives.

        Raises:
            WikiUnavailableError: the wiki does not answer.
            WikiLoginError: it does not let this account read.
        """


@runtime_checkable
class WikiSearch(Protocol):
    """A wiki that is searched by its own means."""

    def find(self, question: str, *, namespaces: Sequence[int], limit: int) -> list[int]:
        """Return the pageids that the wiki's own search gives, best first, each once.

        It reads a question in its own syntax, most engines look for pages that have all of its words, and a
        redirect may come under its own pageid.

        Args:
            question: what is asked.
            namespaces: where to look; at least one.
            limit: how many pages at most, 1 to 50.

        Raises:
            WikiUnavailableError: the wiki does not answer, or has its search switched off.
            WikiLoginError: it does not let this account read.
        """


class PageWriter(Protocol):
    """Somewhere that pages can be saved, by a person, under their name."""

    @property
    def user(self) -> str:
        """Name of the account that saves, without the application's ("Camille Roux")."""

    def save(self, edit: PageEdit) -> SavedEdit:
        """Save a page as exactly one revision, never over somebody else's work.

        Raises:
            EditConflictError: the page was created, changed or deleted meanwhile; nothing was saved.
            EditRefusedError: the wiki will not take this edit as it stands.
            WikiLoginError: there is no account, or it may not edit here.
            WikiUnavailableError: the wiki does not answer; if it had begun, the message says that it may
                have saved the page all the same.
        """
