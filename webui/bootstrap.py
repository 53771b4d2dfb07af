"""The one place that wires the floors together. Everything is built on first use: `--help` loads nothing."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connector.errors import ConfigError, ConnectorError, IndexNotBuiltError
from connector.progress import Progress
from webui.built_once import built_once
from webui.capture_parts import CaptureParts
from webui.claims import ClaimChecker
from webui.community_parts import CommunityParts
from webui.config import Config, load_config
from webui.link_parts import LinkParts
from webui.monitoring.health import was_found_off
from webui.monitoring.wiki_exchanges import WikiExchanges
from webui.rights.parts import RightsParts
from webui.rights.reader_parts import ReaderParts
from webui.search_parts import (
    make_embedder,
    make_keywords,
    make_language_model,
    make_reranker,
    search_settings,
)
from webui.sharing import SharingParts
from webui.wiki_parts import WikiParts

if TYPE_CHECKING:
    from connector.model import Site
    from connector.store import Store
    from connector.sync import SyncReport, SyncSettings, Verification
    from connector.wiki import Wiki
    from search.embedding import Embedder
    from search.exam_report import ExamReport
    from search.indexer import Index, IndexComparison, IndexReport
    from search.language_model import LanguageModel
    from search.query import Searcher
    from search.settings import SearchSettings
    from search.topics import Topics
    from webui.answers import Answers
    from webui.background import BackgroundSync
    from webui.digests.post import DigestPost
    from webui.erasing import PersonEraser

TEXTS_TO_VERIFY = 500
"""How many texts `verify` compares by their checksums unless it is told to compare all."""
ASKED_UPDATES_AT_ONCE = 3
"""How many may wait for an update of the index: a job asks every few minutes, a first one takes hours."""
PANELS_AT_ONCE = 3
"""How many texts are read at once for the wiki's editors: each may take seconds, and holds a thread."""
_RENDERINGS_AT_ONCE = 20  # somebody waits to find what they have just published


class Services(WikiParts, LinkParts, CaptureParts, CommunityParts, ReaderParts, RightsParts, SharingParts):
    """Everything that a front door can ask for, on one data directory. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.background: BackgroundSync | None = None
        """The sync in the background of a server that has one."""
        self.building = threading.RLock()
        """Held while a part is built."""
        self.asked_updates = threading.BoundedSemaphore(ASKED_UPDATES_AT_ONCE)
        """Taken by who asks a running service for an update of the index."""
        self.panels = threading.BoundedSemaphore(PANELS_AT_ONCE)
        """Taken while links are looked for in a text that somebody sends."""
        self.wiki_exchanges = WikiExchanges()
        """How many requests the wiki was sent."""
        self.claims = ClaimChecker(config.extension_secret)
        """Tells who asks on behalf of the wiki."""

    @built_once
    def store(self) -> "Store":
        """The mirror and the drafts."""
        from connector.store import Store

        self.config.make_folder()
        place = self.config.optional_text("store.database") or self.config.database
        return Store.open(place, secret=self.config.secret_key)

    @built_once
    def eraser(self) -> "PersonEraser":
        """Erases people."""
        from webui.erasing import PersonEraser

        return PersonEraser(self)

    @built_once
    def digest_post(self) -> "DigestPost":
        """Sends the weekly digest."""
        from webui.digests.post import DigestPost

        return DigestPost(self)

    @built_once
    def embedder(self) -> "Embedder":
        """The embedding model that the process began with; `index.embedder` is the one that answers now."""
        return make_embedder(self.config)

    @built_once
    def _search_settings(self) -> "SearchSettings":
        return search_settings(self.config)

    @property
    def _rendered(self) -> bool:
        return self.config.text("wiki.text") == "rendered"

    @built_once
    def index(self) -> "Index":
        """The derived indexes."""
        from search.indexer import Index

        return Index(
            folder=self.config.index_folder,
            store=self.store,
            embedder=self.embedder,
            settings=self._search_settings,
            lock=self.index_lock,
            keywords=make_keywords(self.config),
        )

    @built_once
    def searcher(self) -> "Searcher":
        """Answers questions."""
        from search.query import Searcher

        return Searcher(
            store=self.store,
            index=self.index,
            settings=self._search_settings,
            reranker=make_reranker(self.config),
        )

    @built_once
    def topics(self) -> "Topics":
        """What the community knows about, and who."""
        from search.topics import Topics

        return Topics(store=self.store, index=self.index, settings=self._search_settings)

    @built_once
    def language_model(self) -> "LanguageModel | None":
        """The language model, when one is configured.

        Raises:
            ConfigError: its address cannot be used, or it has an address and no name.
        """
        return make_language_model(self.config)

    @built_once
    def answers(self) -> "Answers":
        """Answers for pages, API and command line.

        Raises:
            ConfigError: as `language_model`.
        """
        from webui.answers import answers_from

        return answers_from(self.index, self.language_model)

    def site(self) -> "Site | None":
        """Return the mirrored wiki, or None before the first sync."""
        return self.store.site.get() if self.config.exists else None

    @property
    def answers_editors(self) -> bool:
        """Whether the wiki's own editor may ask for links: the extension or the gadget was set up."""
        return bool(self.config.extension_secret() or self.config.optional_text("web.public_url"))

    def sync(
        self,
        wiki: "Wiki",
        *,
        progress: Progress | None = None,
        allow_shrink: bool = False,
        sweep: bool | None = None,
        stop: Callable[[], bool] | None = None,
        renderings: int | None = None,
    ) -> "SyncReport":
        """Bring the mirror in step with `wiki`; one process and one thread at a time.

        Args:
            wiki: the live wiki, or an export of it.
            progress: told how far it is.
            allow_shrink: purge more than a fifth of the mirror without asking.
            sweep: compare every page (True), only what changed (False), or every page when it is due (None),
                which it also is when a verification has found differences.
            stop: asked between two batches whether to stop.
            renderings: how many pages to fetch as the wiki renders them, where that is wanted; None for all.

        Raises:
            SyncBusyError: another sync of this data directory goes on and on.
            SyncStoppedError: it was told to stop.
        """
        from community.life_cycle import observe
        from connector.sync import sync

        self.config.make_folder()
        with self.right_to_sync() as check:

            def stops() -> bool:
                check()
                return stop is not None and stop()

            if sweep is None and was_found_off(self.store.sync_state.get()):
                sweep = True
            by_account = self.config.optional_text("wiki.user") is not None
            if by_account:
                self.store.site.note_read_by_account(True)  # before the first page
            report = sync(
                wiki,
                self.store,
                settings=replace(self._sync_settings(), renderings_per_sync=renderings),
                progress=progress,
                allow_shrink=allow_shrink,
                sweep=sweep,
                stop=stops,
            )
            if report.swept and not by_account:
                self.store.site.note_read_by_account(False)
            # What was changed in the wiki by hand is a step of a practice, too.
            observe(self.store, self.practice_pages, now=datetime.now(UTC))
            self.forget_what_is_old(now=datetime.now(UTC))
            return report

    def verify(
        self, wiki: "Wiki", *, texts: int | None = TEXTS_TO_VERIFY, progress: Progress | None = None
    ) -> "Verification":
        """Compare the mirror with `wiki`, page by page, and some texts (None: all) by their checksums.

        Raises:
            SyncBusyError: a sync of this data directory goes on and on: what it has half done would be told.
        """
        from connector.sync import verify

        with self.right_to_sync():
            return verify(wiki, self.store, settings=self._sync_settings(), texts=texts, progress=progress)

    def _sync_settings(self) -> "SyncSettings":
        from connector.sync import SyncSettings

        return SyncSettings(
            namespaces=self.config.namespaces,
            sweep_every=timedelta(hours=self.config.number("wiki.sweep_every")),
            rendered=self._rendered,
        )

    def update_index(self, *, progress: Progress | None = None, reread: bool = False) -> "IndexReport":
        """Bring the index in step with the mirror. The caller holds the index lock.

        Args:
            progress: told how far it is.
            reread: look again which model the settings say, and go over to another one. The present model
                answers, and other updates go on, until the other one's vectors are whole.

        Raises:
            ConfigError: the settings cannot be read any more.
            SearchError: the model or a file of the index cannot be used.
        """
        if reread:
            embedder = make_embedder(load_config(self.config.folder))
            if embedder.model_id != self.index.embedder.model_id:
                report = self.index.change_model(embedder, progress=progress)
                self._learn(progress)
                return report
        report = self.index.update(progress=progress)
        self._learn(progress)
        return report

    def _learn(self, progress: Progress | None) -> None:
        from search.freed_memory import give_back_freed_memory
        from search.probes import calibrate_if_due

        calibrate_if_due(self.index)
        self.learn_links(progress)
        give_back_freed_memory()

    def take_exam(
        self, *, most: int, seed: int, ask_wiki: bool, progress: Progress | None = None
    ) -> "ExamReport":
        """Put the search through the wiki's own exam; changes nothing.

        Args:
            most: how many questions.
            seed: another one asks others.
            ask_wiki: ask the wiki's own search too, where there is a live one.
            progress: told how far it is.

        Raises:
            SearchError: there is no index, or a part of it cannot be used.
        """
        from connector.wiki import WikiSearch
        from search.exam import take_exam

        own_search: WikiSearch | None = None
        trouble = ""
        if ask_wiki and self.can_publish:
            try:
                wiki = self.wiki()
                own_search = wiki if isinstance(wiki, WikiSearch) else None
            except (ConfigError, ConnectorError) as e:
                trouble = str(e)
        report = take_exam(
            self.store,
            index=self.index,
            settings=self._search_settings,
            reranker=make_reranker(self.config),
            most=most,
            seed=seed,
            wiki=own_search,
            progress=progress,
        )
        return replace(report, wiki_trouble=report.wiki_trouble or trouble)

    def index_comparison(self) -> "IndexComparison | None":
        """Return how the index stands to the mirror, or None when there is no index."""
        try:
            return self.index.compare_with_mirror()
        except IndexNotBuiltError:
            return None

    def refresh(self) -> None:
        """Bring mirror and index in step with the live wiki, after something was published."""
        self.sync(self.wiki(), sweep=False, renderings=_RENDERINGS_AT_ONCE)
        self.index.update()  # somebody waits: what an update measures besides is the next one's

    def close(self) -> None:
        """Let go of the index and of the database."""
        if "looking_behind" in self.__dict__:
            self.looking_behind.end()
        if "index" in self.__dict__:
            self.index.close()
        if "store" in self.__dict__:
            self.store.close()


def build_services(config: Config) -> Services:
    """Return the services of a data directory; nothing is opened before it is asked for."""
    return Services(config)
