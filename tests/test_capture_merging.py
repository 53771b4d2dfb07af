"""A draft finds the page of its own practice, and pages of its subject stay well below."""

from collections.abc import Iterator

import pytest

from capture.draft import Draft, Statement
from capture.merging import MergeFinder
from connector.model import Page
from tests.community import SITE, empty_community, page
from tests.merging_pairs import read_pairs

INVENTED, DRAFTS = read_pairs()
_CROSSING = frozenset(["Welcoming newcomers", "Signes de la main en réunion", "Silhouettes des outils"])
"""Drafts in another language than their page, with few words of one origin."""


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MergeFinder]:
    services = empty_community(tmp_path_factory.mktemp("merging") / "data")
    services.store.site.put(SITE, source="http://wiki.invalid/w/api.php")
    pages: list[Page] = [page(n, one.title, one.wikitext) for n, one in enumerate(INVENTED, start=1)]
    target = "Composter les déchets du potager"
    pages.append(page(90, "Compostage", f"#REDIRECTION [[{target}]]", redirect=target))
    services.store.pages.put_many(pages)
    services.update_index()
    yield MergeFinder(search=services.searcher, store=services.store)
    services.close()


def first(finder: MergeFinder, draft: Draft) -> tuple[str | None, float]:
    found = finder.find(draft)
    return (found[0].title, found[0].score) if found else (None, 0.0)


def test_the_page_of_a_drafts_own_practice_comes_first(finder: MergeFinder) -> None:
    own = [one for one in DRAFTS if one.belongs_to is not None and one.draft.title not in _CROSSING]
    assert len(own) >= 13
    right = [one for one in own if first(finder, one.draft)[0] == one.belongs_to]
    assert len(right) == len(own)
    proposed = [one for one in own if first(finder, one.draft)[1] >= 0.5]
    assert len(proposed) >= len(own) - 1


def test_a_page_of_the_same_subject_is_not_proposed(finder: MergeFinder) -> None:
    alone = [one.draft for one in DRAFTS if one.belongs_to is None]
    assert len(alone) >= 12
    assert [draft.title for draft in alone if first(finder, draft)[1] >= 0.5] == []


def test_scores_tell_the_two_apart(finder: MergeFinder) -> None:
    own = [
        first(finder, one.draft)[1] for one in DRAFTS if one.belongs_to and one.draft.title not in _CROSSING
    ]
    others = [first(finder, one.draft)[1] for one in DRAFTS if one.belongs_to is None]
    assert sorted(own)[len(own) // 2] > 2 * max(others)
    assert all(0 <= score <= 1 for score in own + others)


def a_draft(title: str, text: str, *, language: str = "fr", people: tuple[str, ...] = ()) -> Draft:
    fields: dict[str, tuple[Statement, ...]] = {"solution": (Statement(text=text, lines=(1,)),)}
    return Draft(title=title, language=language, fields=fields, people=people, wikitext="-")


def test_why_names_words_and_people_of_both(finder: MergeFinder) -> None:
    draft = a_draft(
        "Bacs", "Un bac que l’on remplit, un qui mûrit, couvert de broyat.", people=("Inès Caro",)
    )
    [found, *_] = finder.find(draft)
    assert found.title == "Composter les déchets du potager"
    assert "broyat" in found.why
    assert found.why.endswith(" · Inès Caro")


def test_a_title_that_redirects_leads_to_its_page(finder: MergeFinder) -> None:
    text = "Retourner le tas chaque mois."
    named = next(each for each in finder.find(a_draft("Compostage", text)) if each.pageid == 14)
    unnamed = [each.score for each in finder.find(a_draft("Autre chose", text)) if each.pageid == 14]
    assert named.score > max(unnamed, default=0.0)
    assert 90 not in [each.pageid for each in finder.find(a_draft("Compostage", text))]


def test_words_of_one_origin_find_the_page_in_the_other_language(finder: MergeFinder) -> None:
    text = "The volunteer diagnoses the appliance: condensers, wattmeter and supposed fault on a sheet."
    draft = a_draft("Diagnostic before repair", text, language="en", people=("Hugo Tanguy",))
    assert first(finder, draft)[0] == "Diagnostic avant réparation"


def test_at_most_as_many_as_are_asked_for(finder: MergeFinder) -> None:
    for one in DRAFTS[:5]:
        assert len(finder.find(one.draft, top_k=1)) <= 1
