"""Which links could be made on all pages: the survey follows the mirror, and survives being cut short."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connector.model import Page
from connector.store import Store
from search.link_model import DEFAULT, LinkModel
from search.link_survey import LinkSurvey
from search.link_training import KeptModel
from search.links import LinkSettings, LinkSuggester, LinkSuggestion
from search.readable import Readable
from tests.builders import make_page, make_store

YEAST, BASKET, STONE, BREAD, BUN, PIE = ALL = range(1, 7)
PAGES = [
    make_page(YEAST, "Levain chef", "Un mélange de farine et d’eau."),
    make_page(BASKET, "Banneton", "Un panier d’osier."),
    make_page(STONE, "Pierre à four", "Une dalle épaisse."),
    make_page(
        BREAD, "Pain de campagne", "Nourrir le levain chef la veille, puis poser la pâte dans un banneton."
    ),
    make_page(BUN, "Brioche", "Le levain chef remplace la levure, et la farine de seigle le reste."),
    make_page(PIE, "Tourte", "[[Levain chef]], [[Banneton]], [[Pierre à four]]"),
]


class Watched(LinkSuggester):
    """Tells which pages were looked at, and is interrupted at one of them."""

    def __init__(self, *, store: Store, model_file: Path) -> None:
        super().__init__(store=store, settings=LinkSettings(), model_file=model_file)
        self.looked_at: list[int] = []
        self.interrupted_at: int | None = None

    def suggest_each(
        self, pages: Iterable[Page], *, top_k: int, readable: Readable | None = None
    ) -> Iterator[tuple[Page, list[LinkSuggestion]]]:
        """See `LinkSuggester`."""
        for page, found in super().suggest_each(pages, top_k=top_k, readable=readable):
            if page.pageid == self.interrupted_at:
                raise KeyboardInterrupt
            self.looked_at.append(page.pageid)
            yield page, found

    def since(self) -> set[int]:
        """The pages that were looked at since this was asked last."""
        seen, self.looked_at = set(self.looked_at), []
        return seen


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path, PAGES) as opened:
        yield opened


@pytest.fixture
def links(store: Store, tmp_path: Path) -> Watched:
    return Watched(store=store, model_file=tmp_path / "index" / "links.json")


@pytest.fixture
def survey(store: Store, links: Watched, tmp_path: Path) -> LinkSurvey:
    made = LinkSurvey(store=store, links=links, file=tmp_path / "index" / "survey.json")
    assert made.update(seconds=60) == 0
    assert links.since() == set(ALL)
    return made


def targets(survey: LinkSurvey, pageid: int) -> Sequence[int]:
    return [target for target, _ in survey.read()[pageid].links]


def test_it_finds_what_is_suggested_page_by_page(survey: LinkSurvey, links: Watched) -> None:
    assert set(targets(survey, BREAD)) == {YEAST, BASKET}
    assert targets(survey, YEAST) == []
    [(_, score)] = survey.read()[BUN].links
    assert score == links.suggest(PAGES[BUN - 1])[0].score


def test_pages_that_only_tell_names_apart_and_redirects_lack_no_links(
    survey: LinkSurvey, store: Store
) -> None:
    store.pages.put_many(
        [
            make_page(11, "Four", "{{Homonymie}} * [[Pierre à four]]"),
            make_page(12, "Moule (homonymie)", "* un mollusque"),
            make_page(13, "Panier", redirect="Banneton"),
        ]
    )
    survey.update(seconds=60)
    assert [survey.read()[pageid].can_lack for pageid in (11, 12, 13, BREAD)] == [False, False, False, True]


def test_nothing_is_looked_at_while_nothing_changes(survey: LinkSurvey, links: Watched) -> None:
    version = survey.version()
    assert survey.update(seconds=60) == 0
    assert links.since() == set()
    assert survey.version() == version


def test_a_changed_page_alone_is_looked_at_again(survey: LinkSurvey, store: Store, links: Watched) -> None:
    changed = replace(PAGES[BREAD - 1], wikitext="Cuire sur la pierre à four.", revid=9_000)
    store.pages.put_many([changed])
    survey.update(seconds=60)
    assert links.since() == {BREAD}
    assert targets(survey, BREAD) == [STONE]


def test_pages_that_name_a_new_page_are_looked_at_again(
    survey: LinkSurvey, store: Store, links: Watched
) -> None:
    store.pages.put_many([make_page(20, "Farine de seigle", "Une farine.")])
    survey.update(seconds=60)
    assert links.since() == {20, BUN}
    assert set(targets(survey, BUN)) == {YEAST, 20}


def test_a_new_redirect_is_a_new_name(survey: LinkSurvey, store: Store, links: Watched) -> None:
    store.pages.put_many(
        [make_page(21, "Pâte", "Ce que l’on pétrit."), make_page(22, "Levure", redirect="Pâte")]
    )
    survey.update(seconds=60)
    assert {BUN, BREAD} <= links.since()
    links.since()
    store.pages.put_many([make_page(23, "Osier", redirect="Pierre à four")])
    survey.update(seconds=60)
    assert links.since() == {23, BASKET}, "the new name stands on that page alone"


def test_when_other_links_are_suggested_all_pages_are_looked_at_again(
    survey: LinkSurvey, links: Watched, tmp_path: Path
) -> None:
    other = LinkModel(bias=DEFAULT.bias + 0.5, weights=DEFAULT.weights)
    before = survey.read()[BUN].links
    KeptModel(tmp_path / "index" / "links.json").keep(other, links=100)
    assert survey.update(seconds=0) == 5, "one page, and the time is over"
    assert set(survey.read()) == set(ALL), "what was known stays until then"
    assert survey.read()[BUN].links == before
    while survey.update(seconds=0):
        pass
    assert sorted(links.looked_at) == list(ALL), "each of them once"
    assert survey.read()[BUN].links > before


def test_what_was_found_before_an_interruption_is_kept(store: Store, links: Watched, tmp_path: Path) -> None:
    survey = LinkSurvey(store=store, links=links, file=tmp_path / "index" / "survey.json")
    links.interrupted_at = STONE
    with pytest.raises(KeyboardInterrupt):
        survey.update(seconds=60)
    assert set(survey.read()) == links.since() == {YEAST, BASKET}
    links.interrupted_at = None
    assert survey.update(seconds=60) == 0
    assert links.since() == {STONE, BREAD, BUN, PIE}


def test_an_interruption_does_not_forget_who_names_a_new_page(
    survey: LinkSurvey, store: Store, links: Watched
) -> None:
    store.pages.put_many([make_page(20, "Farine de seigle", "Une farine.")])
    links.interrupted_at = BUN
    with pytest.raises(KeyboardInterrupt):
        survey.update(seconds=60)
    assert links.since() == {20}
    links.interrupted_at = None
    survey.update(seconds=60)
    assert links.since() == {BUN}


def test_whoever_is_told_how_far_it_is_can_end_it(store: Store, links: Watched, tmp_path: Path) -> None:
    store.pages.put_many([make_page(100 + n, f"Fiche {n}", "Une fiche.") for n in range(100)])
    survey = LinkSurvey(store=store, links=links, file=tmp_path / "index" / "survey.json")

    def stop(done: int, total: int, what: str) -> None:
        assert total == 106
        raise TimeoutError(f"{done} {what}")

    with pytest.raises(TimeoutError, match="50 survey"):
        survey.update(seconds=60, progress=stop)
    assert len(survey.read()) == 50


def test_it_holds_no_title_and_forgets_purged_pages(survey: LinkSurvey, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "index" / "survey.json"
    text = file.read_text(encoding="utf-8")
    assert not any(page.title.split()[0] in text for page in PAGES)
    store.pages.delete([BREAD])
    survey.update(seconds=60)
    assert set(survey.read()) == set(ALL) - {BREAD}


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"format":1,"rules":"","again":[],"pages":{"1":[1]}}', '{"format":0}']
)
def test_a_file_that_says_nothing_is_made_anew(
    survey: LinkSurvey, links: Watched, tmp_path: Path, text: str
) -> None:
    (tmp_path / "index" / "survey.json").write_text(text, encoding="utf-8")
    assert survey.read() == {}
    survey.update(seconds=60)
    assert len(links.since()) == len(PAGES)


def test_without_a_wiki_or_a_place_to_write_nothing_happens(
    store: Store, links: Watched, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert LinkSurvey(store=store, links=links, file=blocked / "survey.json").update(seconds=60) == 0
    with Store.open(tmp_path / "empty.db") as empty:
        survey = LinkSurvey(store=empty, links=links, file=tmp_path / "none.json")
        assert survey.update(seconds=60) == 0
        assert survey.version() is None


def test_a_reader_sees_what_another_process_has_written(
    survey: LinkSurvey, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "index" / "survey.json"
    other = LinkSurvey(store=store, links=Watched(store=store, model_file=tmp_path / "l.json"), file=file)
    assert set(other.read()) == set(survey.read())
    time.sleep(0.01)  # a file's time has limits
    store.pages.put_many([make_page(20, "Farine de seigle", "Une farine.")])
    survey.update(seconds=60)
    assert 20 in other.read()
