"""The part of the services that knows who asks, and what they may read."""

import threading
from typing import TYPE_CHECKING

from webui.built_once import built_once
from webui.config import Config
from webui.sign_in.parts import SignInParts

if TYPE_CHECKING:
    from search.index_lock import IndexLock
    from webui.rights.recognition import Readers
    from webui.rights.rights import Rights


class ReaderParts(SignInParts):
    """What `webui.bootstrap.Services` has for those who ask; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    if TYPE_CHECKING:

        @property
        def index_lock(self) -> IndexLock: ...  # noqa: D102 - see `Services`

        @property
        def rights(self) -> Rights: ...  # noqa: D102

    @built_once
    def readers(self) -> "Readers":
        """Who asks, and what they may read."""
        from webui.rights.recognition import Readers

        return Readers(self)
