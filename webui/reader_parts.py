"""The part of the services that knows who asks, and what they may read."""

import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

from webui.built_once import built_once
from webui.config import Config
from webui.readers import Reader
from webui.roles import Role

if TYPE_CHECKING:
    from connector.model import PageHead


class Everything:
    """The `Readable` of who may read all that is mirrored."""

    restricted = False

    def among(self, pages: "Collection[PageHead]") -> frozenset[int]:
        """Return the numbers of all of them."""
        return frozenset(page.pageid for page in pages)


class Readers:
    """Knows them."""

    def of_request(self) -> Reader:
        """Return who makes the request that is being answered."""
        return Reader(role=Role.ADMINISTRATOR, readable=Everything())


class ReaderParts:
    """What `webui.bootstrap.Services` has for those who ask; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock

    @built_once
    def readers(self) -> Readers:
        """Who asks, and what they may read."""
        return Readers()
