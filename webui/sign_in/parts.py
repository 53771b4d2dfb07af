"""The parts of the services that let people sign in, and act under their own names."""

import threading
from typing import TYPE_CHECKING

from webui.built_once import built_once
from webui.config import Config
from webui.sign_in.modes import SignInMode, sign_in_mode

if TYPE_CHECKING:
    from connector.model import Site
    from connector.store import Store
    from connector.wiki import MediaWiki
    from webui.sign_in.accounts import WikiAccounts
    from webui.sign_in.credentials import Credentials
    from webui.sign_in.oauth import OAuthProvider
    from webui.sign_in.own_wiki import OwnWikis


class SignInParts:
    """What `webui.bootstrap.Services` has for it; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...  # noqa: D102 - see `Services`

        def site(self) -> Site | None: ...  # noqa: D102

        def connect(  # noqa: D102
            self, *, user: str | None, password: str | None, bearer: str | None = None, patient: bool = True
        ) -> MediaWiki: ...

    @built_once
    def wiki_accounts(self) -> "WikiAccounts":
        """What the wiki says of people's accounts."""
        from webui.sign_in.accounts import WikiAccounts

        return WikiAccounts(self.store, lambda: self._directory)

    @built_once
    def _directory(self) -> "MediaWiki":
        """The wiki, asked with the mirror's account, where it has one, and given up after seconds."""
        user = self.config.optional_text("wiki.user")
        password = self.config.wiki_password() if user else None
        return self.connect(user=user if password else None, password=password, patient=False)

    @built_once
    def credentials(self) -> "Credentials":
        """What lets the service act in the wiki under people's names."""
        from webui.sign_in.credentials import Credentials
        from webui.sign_in.sealing import Sealer

        return Credentials(self.store, Sealer(self.config.secret_key(), purpose="wiki credentials"))

    @built_once
    def own_wikis(self) -> "OwnWikis":
        """The wiki under people's own names."""
        from webui.sign_in.own_wiki import OwnWikis

        return OwnWikis(self.credentials, self.connect, provider=self.oauth)

    @property
    def oauth(self) -> "OAuthProvider | None":
        """The wiki as a provider of OAuth, where people sign in with it."""
        from connector.transport import ApiAddress
        from webui.sign_in.oauth import OAuthProvider

        if sign_in_mode(self.config) is not SignInMode.OAUTH:
            return None
        endpoints = (
            f"{ApiAddress.parse(self.config.text('wiki.api_url')).url.removesuffix('/api.php')}/rest.php"
        )
        site = self.site()
        pages = endpoints if site is None else f"{site.server_url}{site.script_path}/rest.php"
        return OAuthProvider(
            endpoints=endpoints,
            pages=pages,
            client_id=self.config.text("web.oauth_client"),
            client_secret=self.config.optional_text("web.oauth_secret"),
        )
