"""A real wiki and a mirror of it, brought in step in this process, and the comparison of the two."""

from collections.abc import Collection
from pathlib import Path

from connector.store import Store
from connector.sync import SyncReport, SyncSettings, sync
from connector.wiki import MediaWiki, WikiSettings
from tests.mediawiki import LocalWiki
from tests.wiki_history_pages import wiki_namespaces
from tests.wiki_truth import MIRRORED, State, differences, read_mirror, read_wiki

PATIENCE = 20.0  # seconds that the connector may wait in total


class MirroredWiki:
    """See the module.

    Args:
        wiki: the wiki.
        folder: for the mirror, `mirror.sqlite3`; created when absent.
        api_url: where the connector finds the wiki, when a proxy stands before it.
        user: who reads, with a bot password; None for nobody.
        password: the bot password.
        namespaces: those that are mirrored.
    """

    def __init__(
        self,
        wiki: LocalWiki,
        folder: Path,
        *,
        api_url: str | None = None,
        user: str | None = None,
        password: str | None = None,
        namespaces: tuple[int, ...] = MIRRORED,
    ) -> None:
        self.wiki = wiki
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "mirror.sqlite3"
        self.store = Store.open(self.path)
        self.waits: list[float] = []  # seconds that the connector wanted to wait; nobody did
        self._settings = WikiSettings(
            api_url=api_url or wiki.api_url,
            user=user,
            password=password,
            timeout_seconds=20,
            max_wait_seconds=PATIENCE,
        )
        self._namespaces = namespaces
        self._names = wiki_namespaces(wiki)

    def connect(self) -> MediaWiki:
        """The wiki as a new process would meet it."""
        return MediaWiki(self._settings, sleep=self.waits.append)

    def sync(self, *, sweep: bool, allow_shrink: bool = True) -> SyncReport:
        """Bring the mirror in step, as a new process would.

        The wikis of tests are small: more than a fifth of one may well be deleted between two syncs.
        """
        settings = SyncSettings(namespaces=self._namespaces, allow_shrink=allow_shrink)
        return sync(self.connect(), self.store, settings=settings, sweep=sweep)

    def truth(self) -> State:
        """What the wiki shows."""
        return read_wiki(self.wiki.folder, namespaces=self._namespaces, names=self._names.__getitem__)

    def mirror(self) -> State:
        """What the mirror holds."""
        return read_mirror(self.path)

    def differences(
        self,
        *,
        unseen_pages: Collection[int] = (),
        unseen_revisions: Collection[int] = (),
        links: bool = False,
    ) -> list[str]:
        """How the two differ now; see `wiki_truth.differences`."""
        return differences(
            self.truth(),
            self.mirror(),
            unseen_pages=unseen_pages,
            unseen_revisions=unseen_revisions,
            links=links,
        )

    def close(self) -> None:
        """Close the mirror."""
        self.store.close()
