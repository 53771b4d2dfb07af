"""What editors say of suggested links is heeded at once on their page, and by the next training."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.model import Namespace, Page, Site
from connector.store import LinkFeedback, NoLinksList, Store
from search.link_anchors import AnchorTable, build_table, read_page
from search.link_model import DEFAULT
from search.link_training import Example, KeptModel, examples_of, fit_to
from search.link_words import PhraseReader
from search.links import LinkSettings, LinkSuggester

SITE = Site(
    name="Le Rucher",
    language="fr",
    server_url="http://127.0.0.1",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        4: Namespace(id=4, name="Le Rucher", canonical="Project"),
        8: Namespace(id=8, name="MediaWiki", canonical="MediaWiki"),
    },
)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
READER = PhraseReader()
HIVE, SMOKER, VEIL, FRAME = 1, 2, 3, 4
VISIT = 50
TEXT = "Prendre l’enfumoir et le voile, puis ouvrir la [[ruche]] ; sortir un cadre à la fois."


def make_page(pageid: int, title: str, wikitext: str = "Un outil du rucher.") -> Page:
    return Page(pageid=pageid, namespace=0, title=title, revid=pageid, timestamp=NOW, wikitext=wikitext)


PAGES = [
    make_page(HIVE, "Ruche"),
    make_page(SMOKER, "Enfumoir"),
    make_page(VEIL, "Voile"),
    make_page(FRAME, "Cadre"),
    make_page(VISIT, "Visite de printemps", TEXT),
]


def table_of(pages: list[Page]) -> AnchorTable:
    facts = {page.pageid: read_page(page, READER) for page in pages}
    return build_table(facts, site=SITE, redirects={}, reader=READER)


def said(target: int, words: str, **counters: int) -> LinkFeedback:
    blank = LinkFeedback(
        pageid=VISIT,
        target_pageid=target,
        link_text=words,
        revid=VISIT,
        offered=1,
        accepted=0,
        rejected_everyday=0,
        rejected_target=0,
        rejected_span=0,
        rejected_other=0,
        offered_at=NOW,
        judged_at=NOW,
    )
    return replace(blank, **counters)  # type: ignore[arg-type]  # counters are whole numbers


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.db") as opened:
        opened.site.put(SITE, source="test")
        opened.pages.put_many(PAGES)
        yield opened


@pytest.fixture
def suggester(store: Store, tmp_path: Path) -> LinkSuggester:
    settings = LinkSettings(min_score=0.0)
    return LinkSuggester(store=store, settings=settings, model_file=tmp_path / "links.json")


def offered(suggester: LinkSuggester, page: Page = PAGES[-1]) -> set[str]:
    return {suggestion.link_target for suggestion in suggester.suggest(page)}


def reject(store: Store, target: int, words: str) -> None:
    store.link_feedback.offer(VISIT, VISIT, [(target, words)])
    store.link_feedback.judge(VISIT, VISIT, target, words, "rejected")


# At once


def test_a_link_that_was_rejected_twice_is_gone_from_its_page_alone(
    store: Store, suggester: LinkSuggester
) -> None:
    reject(store, VEIL, "voile")
    assert offered(suggester) == {"Enfumoir", "Voile", "Cadre"}
    reject(store, VEIL, "voile")
    assert offered(suggester) == {"Enfumoir", "Cadre"}
    unsaved = replace(PAGES[-1], revid=999, wikitext="Le voile et l’enfumoir, enfin.")
    assert offered(suggester, unsaved) == {"Enfumoir"}, "nor in a text that is being written"
    assert "Voile" in offered(suggester, make_page(51, "Visite d’été", TEXT))


def test_a_list_that_is_in_no_mirrored_namespace_is_heeded(store: Store, suggester: LinkSuggester) -> None:
    assert suggester.no_links_title(SITE) == "MediaWiki:Compagnon-no-links"
    assert "Cadre" in offered(suggester)
    title = "Le Rucher:Compagnon-no-links"
    store.no_links.put([NoLinksList(pageid=90, title=title, revid=90, wikitext="* cadre")])
    assert offered(suggester) == {"Enfumoir", "Voile"}
    assert suggester.no_links_title(SITE) == title
    ours = NoLinksList(pageid=91, title="MediaWiki:Compagnon-no-links", revid=91, wikitext="* [[Voile]]")
    store.no_links.put([*store.no_links.get(), ours])
    assert offered(suggester) == {"Enfumoir"}
    assert suggester.no_links_title(SITE) == "MediaWiki:Compagnon-no-links"
    store.no_links.put([])
    assert offered(suggester) == {"Enfumoir", "Voile", "Cadre"}


# At the next training


def judged(page: Page, feedback: list[LinkFeedback]) -> dict[str, bool]:
    """The targets that count as judged, and whether they are links."""
    pages = [*PAGES[:-1], page]
    table = table_of(pages)
    titles = {example.features: example for example in examples_of(page, table=table, reader=READER)}
    found = examples_of(page, table=table, reader=READER, feedback=feedback)
    assert not titles or set(titles) == {example.features for example in found}, "the signs stay the same"
    stripped = replace(page, wikitext=page.wikitext.replace("[[", "").replace("]]", ""))
    return {
        name: example.linked
        for example in found
        if example.judged
        for name, target in (("Ruche", HIVE), ("Enfumoir", SMOKER), ("Voile", VEIL), ("Cadre", FRAME))
        if example.features == _features(stripped, target, table)
    }


def _features(page: Page, target: int, table: AnchorTable) -> tuple[float, ...]:
    from search.link_candidates import find_candidates

    found = find_candidates(page, table=table, reader=READER)
    return next(each.features.values() for each in found if each.target == target)


@pytest.mark.parametrize(
    ("feedback", "counts"),
    [
        ([said(SMOKER, "enfumoir", rejected_everyday=1)], {"Enfumoir": False}),
        ([said(SMOKER, "", rejected_other=1)], {"Enfumoir": False}),
        ([said(SMOKER, "l’enfumoir", rejected_span=1)], {}),
        ([said(SMOKER, "l’enfumoir", rejected_target=1)], {"Enfumoir": False}),
        ([said(HIVE, "ruche", accepted=1)], {"Ruche": True}),
        ([said(HIVE, "ruche", rejected_other=2)], {}),
        ([said(SMOKER, "enfumoir", accepted=1)], {}),
        ([said(VEIL, "voile", accepted=1, rejected_other=1)], {}),
        ([said(VEIL, "voile")], {}),
    ],
)
def test_a_verdict_counts_where_the_page_does_not_contradict_it(
    feedback: list[LinkFeedback], counts: dict[str, bool]
) -> None:
    assert judged(PAGES[-1], feedback) == counts


def test_of_a_page_without_links_only_what_was_judged_counts() -> None:
    page = replace(PAGES[-1], wikitext=TEXT.replace("[[", "").replace("]]", ""))
    table = table_of([*PAGES[:-1], page])
    assert examples_of(page, table=table, reader=READER) == []
    rejected = [said(VEIL, "voile", rejected_other=1)]
    (example,) = examples_of(page, table=table, reader=READER, feedback=rejected)
    assert (example.linked, example.judged) == (False, True)


def test_what_was_judged_counts_for_more() -> None:
    """Of two kinds of phrases half are linked; of one kind the other half was rejected."""
    width = len(DEFAULT.weights)

    def row(kind: int) -> tuple[float, ...]:
        return tuple(float(place == kind) for place in range(width))

    examples = [Example(n, row(n % 2), linked=n % 4 < 2, judged=False) for n in range(200)]
    once = fit_to(examples)
    more = fit_to([replace(each, judged=each.features == row(0) and not each.linked) for each in examples])
    assert once is not None
    assert more is not None
    assert more.bias + more.weights[0] < once.bias + once.weights[0] - 0.5
    assert abs((more.bias + more.weights[1]) - (once.bias + once.weights[1])) < 0.3


def test_it_is_learnt_anew_after_twenty_verdicts(
    store: Store, suggester: LinkSuggester, tmp_path: Path
) -> None:
    assert suggester.train_if_due()
    for _ in range(19):
        reject(store, VEIL, "voile")
    assert not suggester.train_if_due()
    reject(store, FRAME, "cadre")
    assert suggester.train_if_due()
    assert not suggester.train_if_due()
    kept = KeptModel(tmp_path / "links.json")
    links = 1
    assert not kept.is_due(links, verdicts=39)
    assert kept.is_due(links, verdicts=40)
    assert kept.is_due(links, verdicts=0), "they are gone with their pages"
    kept.keep(None, links=links, verdicts=1_000)
    assert not kept.is_due(links, verdicts=1_099)
    assert kept.is_due(links, verdicts=1_100)


def test_a_model_that_was_kept_before_there_was_feedback_stays_good(tmp_path: Path) -> None:
    (tmp_path / "links.json").write_text('{"links": 100, "model": null}', encoding="utf-8")
    kept = KeptModel(tmp_path / "links.json")
    assert not kept.is_due(100, verdicts=19)
    assert kept.is_due(100, verdicts=20)


def test_a_training_hears_what_editors_said(store: Store, tmp_path: Path) -> None:
    """Recipes whose third tool nobody links: a rejection there makes such links less likely anywhere."""
    tools = [make_page(100 + n, f"Outil {name}") for n, name in enumerate("ABCDEFGHIJKL")]
    recipes = [
        make_page(
            200 + n,
            f"Travail {n}",
            f"Il faut [[{tools[n % 12].title}]], [[{tools[(n + 5) % 12].title}]] ; "
            f"sans {tools[(n + 7) % 12].title.lower()}.",
        )
        for n in range(24)
    ]
    store.pages.put_many([*tools, *recipes])
    draft = make_page(900, "Nouveau travail", f"Il faut sans {tools[3].title.lower()}.")
    settings = LinkSettings(min_score=0.0)
    suggester = LinkSuggester(store=store, settings=settings, model_file=tmp_path / "links.json")
    assert suggester.train_if_due()
    before = suggester.suggest(draft)[0].score
    for n, recipe in enumerate(recipes):
        target = tools[(n + 7) % 12]
        store.link_feedback.offer(recipe.pageid, recipe.revid, [(target.pageid, target.title.lower())])
        store.link_feedback.judge(
            recipe.pageid, recipe.revid, target.pageid, target.title.lower(), "rejected", "everyday"
        )
    assert suggester.train_if_due()
    assert suggester.suggest(draft)[0].score < before - 0.02
