"""What `compagnon init` settles: where the wiki is, who reads it, who signs in, and what keeps in step."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from connector.errors import ConfigError, WikiLoginError
from webui.config import Config

if TYPE_CHECKING:
    from connector.model import Site

OAUTH = "OAuth"
"""Name of the extension with which people sign in without a password."""
LEAST_VERSION = (1, 39)
USUAL_SECONDS = 30
"""Between two looks at the wiki, unless somebody wants another time."""
CALLBACK = "/sign-in/return"
"""Where the wiki sends people back to, below `web.public_url`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A wiki that has answered."""

    api_url: str
    site: "Site"
    software: str

    @property
    def sentence(self) -> str:
        """What it is, in one line."""
        kind = "a private wiki" if self.site.private else "a public wiki"
        pages = f"{self.site.page_count:,} pages"
        return f"{self.site.name}: {kind} in “{self.site.language}”, {pages}, {self.software}"

    @property
    def has_oauth(self) -> bool:
        """Whether it has Extension:OAuth."""
        return OAUTH in self.site.extensions


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be kept; None leaves a setting as it is."""

    api_url: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    contact: str | None = None
    sync_every: int | None = None
    sign_in: str | None = None
    oauth_client: str | None = None
    oauth_secret: str | None = field(default=None, repr=False)
    public_url: str | None = None

    def after(self, trial: Trial, *, user: str | None, password: str | None) -> Self:
        """Return the plan with the wiki and the account that were tried."""
        return replace(self, api_url=trial.api_url, user=user, password=password)

    def keep(self, config: Config) -> None:
        """Write it into the data directory: the password first, which means nothing without the settings.

        Raises:
            ConfigError: it cannot be written; what stood there still does.
        """
        changes: dict[str, str | int | bool | None] = {
            "wiki.api_url": self.api_url,
            "wiki.user": self.user,
            "wiki.contact": self.contact,
            "wiki.sync_every": self.sync_every,
            "web.sign_in": self.sign_in,
            "web.oauth_client": self.oauth_client,
            "web.oauth_secret": self.oauth_secret,
            "web.public_url": self.public_url,
        }
        if self.public_url is not None:
            # Behind https a cookie that goes without it could be read on the way.
            changes["web.secure_cookies"] = urlsplit(self.public_url).scheme == "https"
        config.make_folder()
        known = config.kept_wiki_password()
        try:
            if self.user and self.password:
                config.keep_wiki_password(self.password)
            config.keep({name: value for name, value in changes.items() if value is not None})
        except ConfigError:
            if self.user and self.password and known is not None:
                config.keep_wiki_password(known)
            raise


def check_same_wiki(config: Config, api_url: str) -> None:
    """Let one data directory have one wiki; one that moves to https stays the same.

    Raises:
        ConfigError: it has another one.
    """
    known = config.optional_text("wiki.api_url")
    if known is not None and urlsplit(known)[1:] != urlsplit(api_url)[1:]:
        raise ConfigError(f"{config.folder} belongs to {known}: use another data directory, with --data")


def check_bot_password(user: str, password: str) -> None:
    """Refuse an account's own password, which must never be kept.

    MediaWiki takes "Name@app" with the secret, or "Name" with "app@secret" (Manual:Bot passwords).

    Raises:
        WikiLoginError: it is no bot password.
    """
    if "@" not in f"{user}{password}":
        raise WikiLoginError(
            f"{user} is no bot password's name, such as {user}@compagnon: make one on the wiki's page "
            "Special:BotPasswords; an account's own password is never kept here",
            user=user,
        )


def try_wiki(config: Config, address: str, *, user: str | None, password: str | None) -> Trial:
    """Find a wiki and ask it who it is, as the account that will read it.

    Args:
        config: of the data directory; nothing is written there.
        address: of any of its pages.
        user: login name of a bot password, or None.
        password: its password.

    Raises:
        ConfigError: the data directory has another wiki, this one is too old, or the password would go over
            an unencrypted line that nobody asked for.
        WikiLoginError: it is private and nobody was named, or the account is refused.
        WikiUnavailableError: it is not found, or does not answer.
    """
    from connector.discovery import find_api
    from connector.transport import ApiAddress
    from webui.bootstrap import build_services

    if user and password:
        check_bot_password(user, password)
    if address.strip().partition("?")[0].endswith("/api.php"):
        check_same_wiki(config, ApiAddress.parse(address).url)
    # One way to write an address: the same wiki is then the same wiki the next time.
    found = find_api(address)
    api_url = found.url
    check_same_wiki(config, api_url)
    if password and found.exposed and not address.strip().lower().startswith("http://"):
        # Whoever is on the way can make https fail, or let the page name another address of the API.
        raise ConfigError(
            f"{api_url} is not encrypted: the password would be read on the way; if that is meant, give the "
            "address with its http://"
        )
    trial = build_services(Config(config.folder, {**config.values, "wiki.api_url": api_url}))
    wiki = trial.connect(user=user, password=password)
    site, software = wiki.site(), wiki.software
    numbers = tuple(
        int(part) for part in software.removeprefix("MediaWiki ").split(".")[:2] if part.isdigit()
    )
    if numbers < LEAST_VERSION:
        raise ConfigError(f"{site.name} runs {software}: Compagnon needs MediaWiki 1.39 or newer")
    return Trial(api_url=api_url, site=site, software=software)
