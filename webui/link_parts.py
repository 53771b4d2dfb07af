"""The parts of the services that suggest links, and say which pages lack them."""

import threading
from typing import TYPE_CHECKING

from connector.progress import Progress
from webui.built_once import built_once
from webui.config import Config

if TYPE_CHECKING:
    from pathlib import Path

    from connector.store import Store
    from connector.store.kept_values import KeptValue
    from search.gardening import Gardening
    from search.indexer import Index
    from search.link_survey import LinkSurvey
    from search.links import LinkSuggester
    from search.see_also import SeeAlso

# Of an update, for looking which links pages could have: some thousands. The next update goes on.
_SURVEY_SECONDS = 60.0


class LinkParts:
    """What `webui.bootstrap.Services` has for links; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    pages_to_survey = 0
    """Pages for which the last update had no time left to look which links they could have."""
    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...  # noqa: D102 - see `Services`

        @property
        def index(self) -> Index: ...  # noqa: D102

        @property
        def shares_index(self) -> bool: ...  # noqa: D102

    @built_once
    def links(self) -> "LinkSuggester":
        """Suggests links."""
        from search.links import LinkSettings, LinkSuggester

        return LinkSuggester(store=self.store, settings=LinkSettings(), model_file=self._kept("links"))

    @built_once
    def see_also(self) -> "SeeAlso":
        """Suggests pages that belong under "See also"."""
        from search.see_also import SeeAlso

        return SeeAlso(store=self.store, index=self.index, links=self.links)

    @built_once
    def link_survey(self) -> "LinkSurvey":
        """Which links could be made on all pages."""
        from search.link_survey import LinkSurvey

        return LinkSurvey(store=self.store, links=self.links, file=self._kept("link-survey"))

    @built_once
    def gardening(self) -> "Gardening":
        """Lists pages by what they lack."""
        from search.gardening import Gardening

        return Gardening(store=self.store, index=self.index, survey=self.link_survey)

    def _kept(self, name: str) -> "Path | KeptValue":
        """Where derived numbers are kept: in the folder of the index, or where all find them who share it."""
        if self.shares_index:
            return self.store.kept_values.value(name)
        return self.config.index_folder / f"{name}.json"

    def learn_links(self, progress: Progress | None) -> None:
        """Learn how the wiki links, and look where links could be made. The caller holds the index lock."""
        self.links.train_if_due()
        self.pages_to_survey = self.link_survey.update(seconds=_SURVEY_SECONDS, progress=progress)
