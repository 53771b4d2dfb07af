"""Pages cut into passages, and where they wait for their vectors."""

import errno
import os
import pickle
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from connector.errors import SearchError
from connector.model import Page, Site
from connector.store import Store
from search.chunking import Chunk, chunk_ids, chunk_page
from search.keyword_index import IndexedPage
from search.language import LanguageDetector
from search.people import PeopleFilter
from search.practices import read_page
from search.wanted_pages import WantedPage, state_digest, which_rendering

# Up to here what waits stays in memory: an update after a sync opens no file.
_BYTES_IN_MEMORY = 16_000_000


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page as the index will keep it."""

    page: IndexedPage
    chunks: list[Chunk]
    ids: list[str]
    redirects: tuple[str, ...]


class PagePreparer:
    """Reads pages and cuts them into passages."""

    def __init__(
        self, *, store: Store, detector: LanguageDetector, people: PeopleFilter, rendered: bool
    ) -> None:
        self._store = store
        self._detector = detector
        self._people = people
        self._rendered = rendered

    def prepare(self, page: Page, wanted: WantedPage, *, version: str, site: Site) -> PreparedPage:
        """Return the page's passages and its manifest row."""
        stored = self._store.renderings.get(page.pageid) if self._rendered else None
        stamp = None if stored is None else (stored.revid, stored.touched)
        rendering = which_rendering(stamp, page.revid)
        text = read_page(
            page,
            site=site,
            detector=self._detector,
            people=self._people,
            rendered=(stored.sections or None) if stored is not None and rendering else None,
        )
        chunks = chunk_page(
            title=page.title,
            sections=text.sections,
            labels=text.labels,
            language=text.language,
            detector=self._detector,
        )
        chunks += [key.chunk(page.title) for key in wanted.keys]
        indexed = IndexedPage(
            pageid=page.pageid,
            revid=page.revid,
            title=page.title,
            digest=state_digest(
                page.title,
                redirects=wanted.redirects,
                rendering=rendering,
                sha1=wanted.sha1,
                keys=wanted.keys,
            ),
            index_version=version,
            namespace=page.namespace,
            language=text.language,
            last_edited=page.timestamp,
            status=text.status,
            contacts=text.contacts,
        )
        return PreparedPage(indexed, chunks, chunk_ids(page.pageid, chunks), wanted.redirects)


class WaitingRoom:
    """Where pages and passages wait until all vectors are there; memory holds their ids and lengths only.

    All of a job's passages are known before the first is embedded: so they can be taken by length, and the
    time that is left can be told. Their texts lie in a file without a name, which goes with the process.
    Not for several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(  # noqa: SIM115 - see __exit__
            max_size=_BYTES_IN_MEMORY, dir=str(folder)
        )
        self._pages = array("Q")
        self._texts = array("Q")
        self.lengths = array("L")
        """Bytes of each passage."""
        self.ids: list[str] = []
        """Of the passages that need a vector."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add_page(self, page: PreparedPage) -> None:
        """Keep a page.

        Raises:
            SearchError: there is no room for it on the disk.
        """
        self._pages.append(self._write(pickle.dumps(page)))

    def add_passage(self, chunk_id: str, text: str) -> None:
        """Keep a passage that needs a vector.

        Raises:
            SearchError: there is no room for it on the disk.
        """
        # An unpaired surrogate is no text, but it may stand in one.
        encoded = text.encode("utf-8", "surrogatepass")
        self._texts.append(self._write(encoded))
        self.lengths.append(len(encoded))
        self.ids.append(chunk_id)

    def pages(self) -> Iterator[PreparedPage]:
        """Return the pages, in the order in which they came."""
        for offset in self._pages:
            self._file.seek(offset)
            page: PreparedPage = pickle.load(self._file)  # noqa: S301 - nobody else can write this file
            yield page

    def texts(self, numbers: Sequence[int]) -> list[str]:
        """Return the texts of passages, by their places in `ids`."""
        found = []
        for number in numbers:
            self._file.seek(self._texts[number])
            found.append(self._file.read(self.lengths[number]).decode("utf-8", "surrogatepass"))
        return found

    def batches(self, size: int) -> list[list[int]]:
        """Return the places of all passages, in batches whose texts are about equally long.

        The longest batch comes first, because it says whether memory is enough; then short and long ones by
        turns, so that the rate so far tells how long the rest takes.
        """
        order = sorted(range(len(self.ids)), key=self.lengths.__getitem__, reverse=True)
        sorted_batches = [order[start : start + size] for start in range(0, len(order), size)]
        half = (len(sorted_batches) + 1) // 2
        long, short = sorted_batches[:half], sorted_batches[half:][::-1]
        mixed = [batch for pair in zip(long, short, strict=False) for batch in pair]
        return mixed + long[len(short) :]

    def _write(self, data: bytes) -> int:
        """Return where it begins."""
        try:
            start = self._file.seek(0, os.SEEK_END)
            self._file.write(data)
        except OSError as e:
            if e.errno in (errno.ENOSPC, errno.EDQUOT):
                reason = "the disk is full: make room, then run `compagnon index`; nothing is lost"
            else:
                reason = f"the index cannot be written: {e.strerror}"
            raise SearchError(reason) from e
        return start
