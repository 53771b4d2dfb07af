"""A wiki that says which pages anybody may read, and how often it was asked."""

import time
from collections.abc import Mapping, Sequence

import pytest

from connector.errors import ConnectorError
from tests.community import PAGES

ALL = {page.pageid: page.title for page in PAGES}


class AskedWiki:
    """A wiki that says which pages anybody may read."""

    def __init__(self) -> None:
        self.titles: Mapping[int, str] = ALL
        self.asked: list[tuple[int, ...]] = []
        self.error: ConnectorError | None = None
        self.seconds = 0.0

    def __call__(self, pageids: Sequence[int]) -> dict[int, str]:
        self.asked.append(tuple(pageids))
        time.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return {pageid: self.titles[pageid] for pageid in pageids if pageid in self.titles}


@pytest.fixture
def asked() -> AskedWiki:
    """One that nobody has asked; to be imported where it is wanted."""
    return AskedWiki()
