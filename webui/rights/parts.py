"""The part of the services that knows what somebody may read."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from webui.built_once import built_once
from webui.config import Config

if TYPE_CHECKING:
    from connector.model import Site
    from connector.store import Account, Store
    from connector.wiki import MediaWiki
    from webui.rights.rights import Rights
    from webui.rights.wiki_rights import WikiRights
    from webui.sign_in.own_wiki import OwnWikis


class RightsParts:
    """What `webui.bootstrap.Services` has for rights; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    _asking_extension: "tuple[str, WikiRights] | None" = None
    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...  # noqa: D102 - see `Services`

        @property
        def wiki_of_nobody(self) -> MediaWiki: ...  # noqa: D102 - see `Services`

        @property
        def own_wikis(self) -> OwnWikis: ...  # noqa: D102

        def site(self) -> Site | None: ...  # noqa: D102

    @built_once
    def rights(self) -> "Rights":
        """What people may read, and what nobody in particular may."""
        return self.make_rights()

    def make_rights(self, *, monotonic: Callable[[], float] = time.monotonic) -> "Rights":
        """Return what tells it, with nothing remembered yet.

        Args:
            monotonic: seconds that never go back.
        """
        from webui.rights.rights import Rights

        return Rights(
            self.config,
            site=self.site,
            source=lambda: self.store.site.source(),
            by_account=lambda: self.store.site.read_by_account(),
            nobody=lambda: self.wiki_of_nobody,
            extension=self.wiki_rights,
            own=self.wiki_under,
            refused=lambda account: self.own_wikis.is_refused(account.id),
            monotonic=monotonic,
        )

    def wiki_rights(self) -> "WikiRights | None":
        """Return who asks the wiki's extension; None where there is no live wiki, or no secret for it.

        Raises:
            ConfigError: the secret cannot be read.
        """
        from webui.rights.wiki_rights import WikiRights

        api_url, secret = self.config.optional_text("wiki.api_url"), self.config.extension_secret()
        if api_url is None or secret is None:
            return None
        known = self._asking_extension
        if known is None or known[0] != secret:
            self._asking_extension = known = (secret, WikiRights(api_url, secret=secret))
        return known[1]

    @property
    def asks_each_person(self) -> bool:
        """Whether the wiki is asked with people's own credentials what they may read: nothing else can."""
        return self.config.text("web.rights") == "wiki" and self.config.extension_secret() is None

    def wiki_under(self, account: "Account") -> "MediaWiki | None":
        """Return the wiki under a person's own credential, kept or lent; None for who has given none."""
        return self.own_wikis.for_reading(account.id)
