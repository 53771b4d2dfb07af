"""What somebody may read: asked before anything is said of a page, and before it counts anywhere."""

from collections.abc import Collection
from typing import Protocol

from connector.model import PageHead


class Readable(Protocol):
    """Knows what one person may read, now. Safe to share between threads."""

    @property
    def restricted(self) -> bool:
        """Whether anything is ever kept from this person: if not, nobody need ask."""
        ...

    def among(self, pages: Collection[PageHead]) -> frozenset[int]:
        """Return the numbers of those of the pages that this person may read.

        One call may be one request to the wiki: ask for many at once, those first that matter most. Answers
        are remembered for some seconds. What cannot be found out may not be read.
        """
        ...
