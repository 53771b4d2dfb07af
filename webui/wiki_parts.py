"""The parts of the services that reach the live wiki: by its account, under a person's own, or as nobody."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import ConfigError
from webui.built_once import built_once
from webui.config import Config

if TYPE_CHECKING:
    from connector.wiki import MediaWiki
    from webui.monitoring.wiki_exchanges import WikiExchanges
    from webui.rights.asked_pages import AskedPages

_HURRIED_SECONDS = 4.0  # a reader waits for the page to be complete


class WikiParts:
    """What `webui.bootstrap.Services` has for it; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    wiki_exchanges: "WikiExchanges"

    @built_once
    def public_pages(self) -> "AskedPages":
        """Which pages anybody may read, as the live wiki says."""
        from webui.rights.asked_pages import AskedPages

        return AskedPages(lambda pageids: self.wiki_of_nobody.readable_titles(pageids))

    @built_once
    def wiki_of_nobody(self) -> "MediaWiki":
        """The live wiki as it is for nobody in particular; it is given up after seconds."""
        return self.connect(user=None, password=None, patient=False)

    @property
    def can_publish(self) -> bool:
        """Whether a live wiki stands behind the mirror."""
        return self.config.optional_text("wiki.api_url") is not None

    def wiki(self, *, sleep: Callable[[float], None] = time.sleep) -> "MediaWiki":
        """Return the live wiki, read with the configured account.

        Args:
            sleep: how to wait for it.

        Raises:
            ConfigError: no wiki is configured, or its account has no password.
        """
        user = self.config.optional_text("wiki.user")
        password = self.config.wiki_password() if user else None
        if user and not password:
            raise ConfigError(
                f"account {user} has no password: set COMPAGNON_WIKI_PASSWORD, or run `compagnon init` again"
            )
        return self.connect(user=user, password=password, sleep=sleep)

    def connect(
        self,
        *,
        user: str | None,
        password: str | None,
        bearer: str | None = None,
        patient: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> "MediaWiki":
        """Return the live wiki under an account: a person's own, to publish, or none.

        Args:
            user: name of the account, or None.
            password: of the account.
            bearer: an access token of the account, instead of both.
            patient: whether it may take its time, and is asked again; else it is given up after seconds.
            sleep: how to wait for it.

        Raises:
            ConfigError: the mirror has no live wiki behind it.
        """
        from connector.wiki import MediaWiki, WikiSettings

        api_url = self.config.optional_text("wiki.api_url")
        if api_url is None:
            raise ConfigError("no wiki is connected: run `compagnon init --wiki https://.../api.php` first")
        settings = WikiSettings(
            api_url=api_url,
            user=user,
            password=password,
            bearer=bearer,
            contact=self.config.text("wiki.contact"),
            told=self.wiki_exchanges.count,
        )
        if not patient:
            settings = replace(settings, timeout_seconds=_HURRIED_SECONDS, max_wait_seconds=0.0)
        return MediaWiki(settings, sleep=sleep)
