"""Pages made from notes link to the wiki's page of those notes, where there is one and it is sure which."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.notes import read_notes
from capture.publishing import preview_experience
from capture.review import DraftEdit, ReviewDesk
from capture.service import CaptureService
from capture.suggesting import find_notes_page
from connector.store import Store
from tests.builders import FRENCH_WIKI, make_page

TITLE = "Atelier du 5 mars 2024"
NOTES = (
    f"# {TITLE}\n\n## Ranger les vis\n\nProblème : on les perdait.\nSolution : des bocaux sous l'étagère.\n"
)
LINK = f"[[:{TITLE}|{TITLE}]]"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite3") as opened:
        opened.site.put(FRENCH_WIKI, source="https://wiki.example.org/w/api.php")
        opened.pages.put_many(
            [
                make_page(1, TITLE),
                make_page(2, "Réunion"),
                make_page(3, "Atelier du 6 mars 2024", redirect=TITLE),
                make_page(4, "Bocaux", "{{Practice}}\n== Solution ==\nDes boîtes.\n"),
            ]
        )
        yield opened


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (TITLE, TITLE),
        ("atelier du 5 mars 2024", TITLE),
        ("Réunion", None),
        ("Atelier du 6 mars 2024", None),
        ("Atelier du 7 mars 2024", None),
        ("[[Atelier]] du 5 mars 2024", None),
        ("", None),
    ],
)
def test_which_page_has_the_notes(store: Store, source: str, found: str | None) -> None:
    assert find_notes_page(source, store=store) == found


def test_drafts_and_experiences_link_to_it(store: Store) -> None:
    desk = ReviewDesk(store=store)
    notes = read_notes(NOTES)
    result = CaptureService(store=store).capture(notes)
    assert LINK in result.drafts[0].wikitext
    (draft_id,) = desk.add(result, notes, actor="Léa")
    edited = desk.edit(draft_id, DraftEdit(title="Vis", merge_into=4), version=1, actor="Léa")
    assert LINK in edited.draft.wikitext
    assert edited.sources == (TITLE,)
    page = store.pages.get(4)
    assert page is not None
    assert LINK in preview_experience(desk, draft_id, page=page).wikitext
    store.pages.delete([1])
    assert "[[" not in desk.wikitext(desk.get(draft_id))
    assert LINK not in preview_experience(desk, draft_id, page=page).wikitext
