"""From notes to a capture result: extract, look for what the wiki already has, write the pages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from capture.accounts import match_accounts
from capture.draft import CaptureResult, Draft, NotesSummary, SimilarPractice, Unsupported
from capture.extraction import Extraction, Extractor, PracticeSketch
from capture.left_out import LeftOut, names_of
from capture.local_extraction import LocalExtractor
from capture.notes import Notes
from capture.page import page_title, page_wikitext, source_of
from capture.prose import can_cite
from capture.suggesting import PageLinker, find_notes_page, suggest_categories
from connector.model import Site
from connector.practice import FIELDS
from connector.progress import Progress
from connector.store import Store

# What else is left out is told in the remarks.
_ON_PAGES = frozenset([*FIELDS, "title", "people"])


class PracticeFinder(Protocol):
    """Finds the pages that a draft may belong to (`capture.merging.MergeFinder`)."""

    def find(self, draft: Draft) -> tuple[SimilarPractice, ...]:
        """Return them, likeliest first."""
        ...


class CaptureService:
    """Turns notes into drafts. It saves and publishes nothing (see `capture.review`).

    Args:
        store: The database, for the wiki's own description (titles, language); None works without a wiki.
        extractor: What reads the notes; None for the local one.
        finder: Finds the pages that a draft may belong to; None leaves `similar` empty.
        linker: Makes the links of pages; None makes none.
        user_names: Returns the accounts of the wiki that people in the notes may have; None matches nobody.
        left_out: Who is named in nothing that is made from notes.
    """

    def __init__(
        self,
        *,
        store: Store | None = None,
        extractor: Extractor | None = None,
        finder: PracticeFinder | None = None,
        linker: PageLinker | None = None,
        user_names: Callable[[], Iterable[str]] | None = None,
        left_out: LeftOut | None = None,
    ) -> None:
        self._store = store
        self._extractor = extractor or LocalExtractor()
        self._finder = finder
        self._linker = linker
        self._user_names = user_names
        self._left_out = left_out or LeftOut()

    def capture(self, notes: Notes, *, progress: Progress | None = None) -> CaptureResult:
        """Return what the notes hold and the practice pages that could be written from them.

        Args:
            notes: The notes.
            progress: Told how many lines are read ("lines"), then how many drafts are compared with the wiki
                ("drafts").
        """
        extraction = self._without_left_out(self._extractor.extract(notes, progress=progress))
        summary = extraction.summary.model_copy(update={"accounts": self._accounts(extraction.summary)})
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
        draft = Draft(
            title=title,
            language=sketch.language,
            fields=dict(sketch.fields),
            people=sketch.people,
            topic=sketch.topic,
            wikitext="",
        )
        if self._finder is not None:
            draft = draft.model_copy(update={"similar": self._finder.find(draft)})
        categories = suggest_categories(draft, store=self._store) if self._store is not None else ()
        wikitext = page_wikitext(
            title=title,
            language=draft.language,
            fields=draft.fields,
            people=draft.people,
            sources=(source,),
            wiki_language=site.language if site is not None else draft.language,
            categories=categories,
            notes=can_cite(site),
            notes_page=find_notes_page(source, store=self._store) if self._store is not None else None,
        )
        if self._linker is not None:
            wikitext = self._linker.link(wikitext, title=title)
        return draft.model_copy(update={"categories": categories, "wikitext": wikitext})

    def _without_left_out(self, extraction: Extraction) -> Extraction:
        """Take out those who want to be left out, before anything is looked up for them."""
        people = [name for sketch in extraction.practices for name in sketch.people]
        gone = self._left_out.among([*names_of(extraction.summary), *people])
        if not gone:
            return extraction
        return replace(
            extraction,
            summary=self._left_out.summary(extraction.summary, also=people),
            practices=tuple(
                replace(sketch, people=tuple(name for name in sketch.people if name not in gone))
                for sketch in extraction.practices
            ),
            unsupported=tuple(
                one for one in extraction.unsupported if one.field != "people" or one.text not in gone
            ),
        )

    def _accounts(self, summary: NotesSummary) -> dict[str, str]:
        """Return the accounts of those whom the notes name, where it is sure whose they are."""
        if self._user_names is None:
            return {}
        return match_accounts(names_of(summary), self._user_names())


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
