"""The parts of the services that turn notes into pages; what reads notes is made as the settings name it."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from connector.erased import NOBODY
from connector.errors import ConfigError, IndexNotBuiltError, ModelMismatchError
from search.people import PeopleFilter
from webui.built_once import built_once
from webui.config import Config
from webui.search_parts import make_language_model
from webui.sign_in.modes import SignInMode, sign_in_mode

if TYPE_CHECKING:
    from capture.extraction import Extractor
    from capture.follow_ups import FollowUps
    from capture.jobs import CaptureJobs
    from capture.left_out import LeftOut
    from capture.merging import MergeFinder
    from capture.notes import Notes
    from capture.review import ReviewDesk
    from capture.service import CaptureService
    from capture.suggesting import PageLinker
    from connector.store import Store
    from search.embedding import Embedder
    from search.indexer import Index
    from search.links import LinkSuggester
    from search.query import Searcher
    from search.readable import Readable
    from webui.rights.rights import Rights

_WINDOW_SECONDS = 300.0
"""For what a language model says of one window of notes: nobody waits, and small machines take minutes."""


class CaptureParts:
    """What `webui.bootstrap.Services` has for notes; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...  # noqa: D102 - see `Services`

        @property
        def index(self) -> Index: ...  # noqa: D102

        @property
        def searcher(self) -> Searcher: ...  # noqa: D102

        @property
        def links(self) -> LinkSuggester: ...  # noqa: D102

        @property
        def embedder(self) -> Embedder: ...  # noqa: D102

        @property
        def rights(self) -> Rights: ...  # noqa: D102

    @built_once
    def extractor(self) -> "Extractor":
        """What reads notes; whatever it says is checked against the lines that it names.

        Raises:
            ConfigError: the language model is to read notes, and there is none, or its settings are wrong.
        """
        from capture.checking import CheckedExtractor
        from capture.local_extraction import LocalExtractor
        from search.language import LanguageDetector

        detector = LanguageDetector()
        local = CheckedExtractor(LocalExtractor(detector=detector), detector=detector)
        if self.config.text("capture.extractor") == "local":
            return local
        model = make_language_model(self.config, answer_seconds=_WINDOW_SECONDS)
        if model is None:
            raise ConfigError(
                "capture.extractor is llm, and there is no language model: set search.language_model_url"
            )
        from capture.llm_extraction import LlmExtractor
        from search.support import SupportChecker
        from search.words import WordAnalyzer

        # A model has words of its own, which are compared by meaning.
        support = SupportChecker(analyzer=WordAnalyzer(), embedder=self.embedder)
        return LlmExtractor(model=model, support=support, local=local, detector=detector)

    @property
    def capture(self) -> "CaptureService":
        """Makes drafts from notes, for the wiki as it is known now."""
        return self._capture(behind_the_pages=lambda: None)

    def _capture(self, *, behind_the_pages: "Callable[[], Readable | None]") -> "CaptureService":
        from capture.service import CaptureService

        return CaptureService(
            store=self.store if self.config.exists else None,
            extractor=self.extractor,
            finder=self._finder() if self._can_search() else None,
            linker=self._linker(behind_the_pages) if self.config.exists else None,
            user_names=self._user_names if self.config.exists else None,
            left_out=self.left_out,
        )

    def reads_at_once(self, notes: "Notes") -> bool:
        """Whether notes are read in the seconds that a page may take; others are a job."""
        from capture.jobs import SHORT_NOTES_BYTES

        return self.config.text("capture.extractor") == "local" and len(notes.original) <= SHORT_NOTES_BYTES

    @property
    def desk(self) -> "ReviewDesk":
        """Keeps drafts under review, for the wiki as it is known now."""
        from capture.review import ReviewDesk

        return ReviewDesk(store=self.store, linker=self._linker(lambda: None), left_out=self.left_out)

    @built_once
    def left_out(self) -> "LeftOut":
        """Who is named in nothing that is made from notes."""
        from capture.left_out import LeftOut

        return LeftOut(
            self.config.texts("search.opt_out"),
            also=self._opted_out,
            erased=lambda: self.store.erased_names.known() if self.config.exists else NOBODY,
        )

    def _opted_out(self) -> list[str]:
        """Return the accounts whose owners want to be found nowhere, as they say now."""
        if not self.config.exists:
            return []
        return [wish.name for wish in self.store.wishes.all().by_id.values() if wish.opted_out]

    @built_once
    def follow_ups(self) -> "FollowUps":
        """What meetings leave behind."""
        from capture.follow_ups import FollowUps

        return FollowUps(self.store, left_out=self.left_out)

    @built_once
    def jobs(self) -> "CaptureJobs":
        """Reads long notes behind the pages, in the process that starts it."""
        from capture.jobs import CaptureJobs

        return CaptureJobs(
            store=self.store,
            capture=lambda: self._capture(behind_the_pages=self._readable_by_all),
            folder=self.config.folder,
            queue_url=self.config.text("capture.queue_url"),
        )

    def _can_search(self) -> bool:
        """Whether there is an index to look for similar pages in; notes can be read without one."""
        if not self.config.exists:
            return False
        try:
            self.index.check()
        except (IndexNotBuiltError, ModelMismatchError):
            return False
        return True

    def _finder(self) -> "MergeFinder":
        from capture.merging import MergeFinder
        from webui.rights.search import ReadableSearch, of_who_asks

        # Of notes that are read behind the pages each coordinator is shown the candidates that they may read.
        search = ReadableSearch(self.searcher, lambda: of_who_asks(behind_the_pages=lambda: None))
        return MergeFinder(search=search, store=self.store)

    def _linker(self, behind_the_pages: "Callable[[], Readable | None]") -> "PageLinker":
        from capture.suggesting import PageLinker
        from webui.rights.search import ReadableLinks, of_who_asks

        finder = ReadableLinks(self.links, lambda: of_who_asks(behind_the_pages=behind_the_pages))
        return PageLinker(finder=finder, store=self.store)

    def _readable_by_all(self) -> "Readable | None":
        """Return where links of notes may lead that are read for nobody in particular: they stand in a text.

        Whoever corrects the draft, or publishes it, has its links made anew, by what they may read.
        """
        return None if sign_in_mode(self.config) is SignInMode.OFF else self.rights.of_nobody()

    def _user_names(self) -> list[str]:
        """Return the accounts that people in notes may have, but for those who want to be left out."""
        names = self.store.revisions.user_names()
        people = PeopleFilter(bots=(), opt_out=self.config.texts("search.opt_out"), store=self.store)
        return [*people.named(names)]
