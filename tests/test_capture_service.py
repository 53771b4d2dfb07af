"""The service: what an extractor found, what the wiki has of it, who people are, what was left out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from capture.draft import Draft, Remark, SimilarPractice, Unsupported
from capture.extraction import Extraction
from capture.local_extraction import LocalExtractor
from capture.notes import Notes, read_notes
from capture.service import CaptureService
from connector.practice import from_wikitext
from connector.progress import Progress
from connector.store import Store
from tests.builders import FRENCH_WIKI, make_history, make_page
from tests.test_capture_drafts import ENGLISH, LABELLED, SERVICE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite3") as opened:
        opened.site.put(FRENCH_WIKI, source="https://wiki.example.org/w/api.php")
        yield opened


class Finder:
    """Finds one page for every draft."""

    def __init__(self) -> None:
        self.asked: list[Draft] = []

    def find(self, draft: Draft) -> tuple[SimilarPractice, ...]:
        self.asked.append(draft)
        return (SimilarPractice(pageid=7, title="Prêt d’outils", score=0.7, why="ardoise"),)


def test_the_pages_that_a_draft_may_belong_to_are_looked_for() -> None:
    finder = Finder()
    draft = CaptureService(finder=finder).capture(read_notes(LABELLED)).drafts[0]
    assert [(page.pageid, page.title, page.score) for page in draft.similar] == [(7, "Prêt d’outils", 0.7)]
    assert [one.fields for one in finder.asked] == [draft.fields]


def test_people_of_the_notes_are_matched_with_accounts() -> None:
    service = CaptureService(user_names=lambda: ["Dubois Marc", "Lmartin", "Léa", "Someone"])
    assert service.capture(read_notes(LABELLED)).notes.accounts == {
        "Léa Martin": "Lmartin",
        "Marc Dubois": "Dubois Marc",
    }
    assert SERVICE.capture(read_notes(LABELLED)).notes.accounts == {}


def test_what_an_extractor_left_out_is_with_the_draft_of_its_lines() -> None:
    class Doubting:
        def extract(self, notes: Notes, *, progress: Progress | None = None) -> Extraction:
            found = LocalExtractor().extract(notes, progress=progress)
            unsupported = (
                Unsupported(text="Le tableau a 12 ombres.", lines=(15,), field="solution", reason="number"),
                Unsupported(text="Une liste en ligne.", lines=(37,), field="solution", reason="meaning"),
                Unsupported(text="Zoé", lines=(3,), field="present", reason="name"),
            )
            remarks = (Remark(code="unsupported", detail="3"),)
            return replace(found, unsupported=unsupported, remarks=remarks)

    result = CaptureService(extractor=Doubting()).capture(read_notes(LABELLED + "\n" + ENGLISH))
    assert [[one.text for one in draft.dropped] for draft in result.drafts] == [
        ["Le tableau a 12 ombres."],
        ["Une liste en ligne."],
    ]
    assert [(one.code, one.detail) for one in result.remarks] == [("unsupported", "3")]


def test_progress_is_told_by_lines_and_by_drafts() -> None:
    told: list[tuple[int, int, str]] = []
    notes = read_notes(LABELLED)
    SERVICE.capture(notes, progress=lambda done, total, what: told.append((done, total, what)))
    assert (notes.line_count, notes.line_count, "lines") in told
    assert told[-1] == (0, 1, "drafts")


def test_a_draft_is_given_the_categories_of_the_pages_it_is_like(store: Store) -> None:
    store.pages.put_many(
        [make_page(7, "Prêt d’outils", wikitext="Un tableau.\n[[Catégorie:Atelier ouvert]]")]
    )
    draft = CaptureService(store=store, finder=Finder()).capture(read_notes(LABELLED)).drafts[0]
    assert draft.categories == ("Atelier ouvert",)
    practice = from_wikitext("x", draft.wikitext, site=FRENCH_WIKI)
    assert practice is not None
    assert "[[Catégorie:Atelier ouvert]]" in draft.wikitext


def test_the_accounts_are_those_that_have_edited(store: Store) -> None:
    store.pages.put_many([make_page(1, "Étau")])
    store.revisions.put_many(make_history(1, ["Zoé", "Anne", "Zoé"]))
    assert store.revisions.user_names() == ["Anne", "Zoé"]
