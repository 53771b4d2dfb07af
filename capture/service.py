"""From notes to a capture result: extract, look for what the wiki already has, write the pages."""

from collections.abc import Callable, Sequence
from typing import Protocol

from capture.draft import CaptureResult, Draft, SimilarPractice, Unsupported
from capture.extraction import Extractor, PracticeSketch
from capture.local_extraction import LocalExtractor
from capture.notes import Notes
from capture.page import page_title, page_wikitext, source_of
from capture.prose import can_cite
from connector.model import Site
from connector.practice import FIELDS
from connector.progress import Progress
from connector.store import Store

_SIMILAR = 3
# What else is left out is told in the remarks.
_ON_PAGES = frozenset([*FIELDS, "title", "people"])
_QUERY_CHARACTERS = 2_000


class SimilarPage(Protocol):
    """A page that the search floor finds close to a text."""

    @property
    def pageid(self) -> int:
        """Of the page."""
        ...

    @property
    def title(self) -> str:
        """Of the page."""
        ...

    @property
    def score(self) -> float:
        """From 0 to 1."""
        ...


class CaptureService:
    """Turns notes into drafts. It saves and publishes nothing (see `capture.review`).

    Args:
        store: The database, for the wiki's own description (titles, language); None works without a wiki.
        extractor: What reads the notes; None for the local one.
        similar: Finds pages close to a text, best first (text, how many); None leaves `similar` empty.
    """

    def __init__(
        self,
        *,
        store: Store | None = None,
        extractor: Extractor | None = None,
        similar: Callable[[str, int], Sequence[SimilarPage]] | None = None,
    ) -> None:
        self._store = store
        self._extractor = extractor or LocalExtractor()
        self._similar = similar

    def capture(self, notes: Notes, *, progress: Progress | None = None) -> CaptureResult:
        """Return what the notes hold and the practice pages that could be written from them.

        Args:
            notes: The notes.
            progress: Told how many lines are read ("lines"), then how many drafts are compared with the wiki
                ("drafts").
        """
        extraction = self._extractor.extract(notes, progress=progress)
        summary = extraction.summary
        source = source_of(meeting_title=summary.title, date=summary.date, sha256=notes.sha256)
        site = self._store.site.get() if self._store is not None else None
        drafts: list[Draft] = []
        for sketch in extraction.practices:
            if progress is not None:
                progress(len(drafts), len(extraction.practices), "drafts")
            drafts.append(self._draft(sketch, source, site))
        dropped = _by_draft(extraction.unsupported, drafts)
        payload = {
            "notes": summary.model_dump(),
            "drafts": [
                {**draft.model_dump(), "dropped": [one.model_dump() for one in dropped[place]]}
                for place, draft in enumerate(drafts)
            ],
            "remarks": [remark.model_dump() for remark in extraction.remarks],
        }
        # Once more through the type, now that it can be told how many lines there are.
        return CaptureResult.model_validate(payload, context={"line_count": notes.line_count})

    def _draft(self, sketch: PracticeSketch, source: str, site: Site | None) -> Draft:
        try:
            title = page_title(sketch.title, site=site)
        except ValueError:
            title = page_title(f"Notes {source}", site=site)
        return Draft(
            title=title,
            language=sketch.language,
            fields=dict(sketch.fields),
            people=sketch.people,
            similar=self._find_similar(sketch),
            wikitext=page_wikitext(
                title=title,
                language=sketch.language,
                fields=sketch.fields,
                people=sketch.people,
                sources=(source,),
                wiki_language=site.language if site is not None else sketch.language,
                notes=can_cite(site),
            ),
        )

    def _find_similar(self, sketch: PracticeSketch) -> tuple[SimilarPractice, ...]:
        if self._similar is None:
            return ()
        said = " ".join(statement.text for statements in sketch.fields.values() for statement in statements)
        pages = self._similar(f"{sketch.title}. {said}"[:_QUERY_CHARACTERS], _SIMILAR)
        return tuple(
            SimilarPractice(pageid=page.pageid, title=page.title, score=min(max(float(page.score), 0.0), 1.0))
            for page in pages
        )


def _by_draft(unsupported: Sequence[Unsupported], drafts: Sequence[Draft]) -> list[list[Unsupported]]:
    """Give what was left out of pages to the draft nearest to its lines."""
    places = [
        [number for group in draft.fields.values() for one in group for number in one.lines]
        for draft in drafts
    ]
    found: list[list[Unsupported]] = [[] for _ in drafts]
    for one in unsupported:
        if drafts and one.field in _ON_PAGES and one.lines:
            nearest = min(
                range(len(drafts)),
                key=lambda place: min(abs(a - b) for a in places[place] for b in one.lines),
            )
            found[nearest].append(one)
    return found
