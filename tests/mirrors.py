"""A mirror in a test: made, synced, and looked into."""

import dataclasses

from connector.errors import WikiUnavailableError
from connector.store import Store
from connector.sync import SyncReport, SyncSettings, sync
from connector.wiki import MediaWiki, Wiki, WikiSettings
from tests.fakes import FakeWiki
from tests.mediawiki import LocalWiki

OFFLINE = WikiUnavailableError("the wiki is gone")


def run(
    wiki: Wiki, store: Store, *, allow_shrink: bool = False, sweep: bool | None = None, **settings: object
) -> SyncReport:
    """Sync once, with the settings named."""
    chosen = SyncSettings(**settings)  # type: ignore[arg-type]  # a test names the field it sets
    return sync(wiki, store, settings=chosen, allow_shrink=allow_shrink, sweep=sweep)


def sweep_alone(wiki: Wiki, store: Store, *, allow_shrink: bool = False, **settings: object) -> SyncReport:
    """Sync once by comparing everything, without what the wiki tells of its changes."""
    store.sync_state.put(feed_since=None)
    return run(wiki, store, allow_shrink=allow_shrink, sweep=True, **settings)


def done(report: SyncReport) -> dict[str, int]:
    """What a pass did to the mirror, without what it did not do."""
    fields = dataclasses.asdict(report)
    beside = ("seconds", "swept", "proven")
    return {name: number for name, number in fields.items() if number and name not in beside}


def titles(store: Store) -> set[str]:
    """The titles in the mirror."""
    return {head.title for head in store.pages.heads()}


def contents(store: Store) -> tuple[list[object], list[object]]:
    """All pages and all histories."""
    return list(store.pages.iterate(redirects=True)), list(store.revisions.iterate())


def live(wiki: LocalWiki, *, url: str | None = None) -> MediaWiki:
    """A real wiki, read as nobody; waits are not waited for."""
    settings = WikiSettings(api_url=url or wiki.api_url, timeout_seconds=20, max_wait_seconds=20)
    return MediaWiki(settings, sleep=lambda _: None)


def community_of(pages: int = 120) -> FakeWiki:
    """A wiki in memory with "Fiche 1", "Fiche 2" ..., each written by Zoé and read again by Léo."""
    fake = FakeWiki()
    for number in range(1, pages + 1):
        fake.edit(f"Fiche {number}", f"Texte {number}", user="Zoé")
        fake.edit(f"Fiche {number}", f"Texte {number}, relu", user="Léo")
    return fake
