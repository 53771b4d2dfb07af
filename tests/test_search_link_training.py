"""What a wiki's links teach: pages are judged as if they had none, and what is learnt outlives trouble."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.model import Namespace, Page, Site
from connector.store import Store
from search.link_anchors import AnchorTable, build_table, read_page
from search.link_model import DEFAULT, FEATURES, LinkModel
from search.link_training import Example, KeptModel, examples_of, fit_to, train, without_links
from search.link_words import PhraseReader
from search.links import LinkSettings, LinkSuggester

SITE = Site(
    name="Le Fournil",
    language="fr",
    server_url="http://127.0.0.1",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        4: Namespace(id=4, name="Fournil", canonical="Project"),
        8: Namespace(id=8, name="MediaWiki", canonical="MediaWiki"),
        14: Namespace(id=14, name="Catégorie", canonical="Category"),
    },
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
READER = PhraseReader()
TOOLS = [
    *("Pétrin", "Banneton", "Lame", "Pelle", "Levain chef", "Pierre à four", "Farine bise"),
    *("Pâte mère", "Thermomètre", "Corne", "Couche de lin", "Balance"),
]


def make_page(pageid: int, title: str, wikitext: str, *, namespace: int = 0) -> Page:
    return Page(
        pageid=pageid, namespace=namespace, title=title, revid=pageid, timestamp=NOW, wikitext=wikitext
    )


def bakery(recipes: int) -> list[Page]:
    """A wiki in which tools are linked from recipes, wherever they stand in a sentence."""
    pages = [make_page(n, tool, f"Un outil du fournil, numéro {n}.") for n, tool in enumerate(TOOLS, 1)]
    for number in range(recipes):
        first, second, third = (TOOLS[(number * step + step) % len(TOOLS)] for step in (1, 5, 7))
        text = f"Prendre [[{first}]], puis [[{second}|{second.lower()}]] ; laisser {third.lower()} de côté."
        pages.append(make_page(100 + number, f"Recette {number} de pain", text))
    return pages


def table_of(pages: list[Page]) -> AnchorTable:
    facts = {page.pageid: read_page(page, READER) for page in pages}
    return build_table(facts, site=SITE, redirects={}, reader=READER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.db") as opened:
        opened.site.put(SITE, source="test")
        opened.pages.put_many(bakery(60))
        yield opened


def test_links_are_taken_out_and_remembered() -> None:
    page = make_page(
        9, "Pain", "[[Lame]] et [[pelle|une pelle]]s, [[Absente]], {{Note|[[x]]}} [[Catégorie:P]]"
    )
    stripped, targets = without_links(page, table=table_of([*bakery(0), page]))
    assert stripped.wikitext == "Lame et une pelles, [[Absente]], {{Note|[[x]]}} [[Catégorie:P]]"
    assert targets == {TOOLS.index("Lame") + 1, TOOLS.index("Pelle") + 1}


def test_a_page_tells_nothing_of_its_own_links() -> None:
    alone = make_page(50, "Pain", "La [[Lame|scarification]] et la [[Pelle]].")
    pages = [*bakery(0), alone]
    examples = examples_of(alone, table=table_of(pages), reader=READER)
    assert len(examples) == 1, "nobody else calls the blade so"
    known = dict(zip(FEATURES, examples[0].features, strict=True))
    assert examples[0].linked
    assert (known["title"], known["link_probability"], known["linked"], known["inlinks"]) == (1, 0, 0, 0)


def test_what_editors_leave_unlinked_is_an_example_too() -> None:
    pages = bakery(30)
    table = table_of(pages)
    examples = [each for page in pages for each in examples_of(page, table=table, reader=READER)]
    assert sum(each.linked for each in examples) >= 50
    assert any(not each.linked for each in examples)
    assert {each.pageid for each in examples} == {page.pageid for page in pages if page.pageid >= 100}


def test_few_links_teach_nothing() -> None:
    pages = bakery(5)
    assert train(pages, table=table_of(pages), reader=READER) is None
    assert fit_to([]) is None
    assert fit_to([Example(1, DEFAULT.weights, linked=False)] * 500) is None


def test_learning_twice_gives_the_same() -> None:
    pages = bakery(60)
    once = train(pages, table=table_of(pages), reader=READER)
    again = train(list(reversed(pages)), table=table_of(list(reversed(pages))), reader=READER)
    assert once is not None
    assert again is not None
    assert once.weights == pytest.approx(again.weights, abs=1e-6)
    assert once != DEFAULT


def test_suggestions_follow_what_was_learnt(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "index" / "links.json"
    every = LinkSettings(min_score=0.0)
    suggester = LinkSuggester(store=store, settings=every, model_file=file)
    draft = make_page(999, "Brioche", "Verser dans le banneton, fendre avec la lame.")
    before = suggester.suggest(draft)
    assert suggester.train_if_due()
    after = suggester.suggest(draft)
    assert {s.link_target for s in before} == {s.link_target for s in after} == {"Banneton", "Lame"}
    assert [s.score for s in before] != [s.score for s in after]
    other = LinkSuggester(store=store, settings=every, model_file=file)
    assert other.suggest(draft) == after, "another process reads what was kept"


def test_it_is_learnt_anew_only_when_the_links_have_changed(store: Store, tmp_path: Path) -> None:
    suggester = LinkSuggester(store=store, settings=LinkSettings(), model_file=tmp_path / "links.json")
    assert suggester.train_if_due()
    assert not suggester.train_if_due()
    store.pages.put_many([make_page(500, "Fougasse", "[[Lame]]")])
    assert not suggester.train_if_due(), "one more link is no other wiki"
    more = [make_page(600 + n, f"Tourte {n}", "[[Lame]], [[Pelle]], [[Corne]]") for n in range(10)]
    store.pages.put_many(more)
    assert suggester.train_if_due()


def test_two_threads_do_not_learn_the_same_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggester = LinkSuggester(store=store, settings=LinkSettings(), model_file=tmp_path / "links.json")
    meanwhile: list[bool] = []

    def train_and_ask(*given: Any, **named: Any) -> LinkModel | None:
        monkeypatch.setattr("search.links.train", train)
        with ThreadPoolExecutor() as others:
            meanwhile.append(others.submit(suggester.train_if_due).result())
        return train(*given, **named)

    monkeypatch.setattr("search.links.train", train_and_ask)
    assert suggester.train_if_due()
    assert meanwhile == [False]


def test_without_a_file_or_a_wiki_nothing_is_learnt(store: Store, tmp_path: Path) -> None:
    assert not LinkSuggester(store=store, settings=LinkSettings()).train_if_due()
    with Store.open(tmp_path / "empty.db") as empty:
        file = tmp_path / "links.json"
        assert not LinkSuggester(store=empty, settings=LinkSettings(), model_file=file).train_if_due()
        assert not file.exists()


def test_too_few_links_are_remembered_as_such(tmp_path: Path) -> None:
    kept = KeptModel(tmp_path / "links.json")
    assert kept.is_due(20)
    kept.keep(None, links=20)
    assert kept.model() == DEFAULT
    assert not kept.is_due(21)
    assert kept.is_due(60)


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '{"links": 3, "model": "{}"}', '{"links": "x", "model": null}']
)
def test_a_file_that_says_nothing_is_as_if_there_were_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "links.json"
    file.write_text(text, encoding="utf-8")
    assert KeptModel(file).model() == DEFAULT
    assert KeptModel(file).is_due(3)


def test_what_is_interrupted_leaves_the_older_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptModel(tmp_path / "links.json")
    older = LinkModel(bias=1.0, weights=DEFAULT.weights)
    kept.keep(older, links=100)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("search.kept_file.os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        kept.keep(DEFAULT, links=200)
    assert kept.model() == older
    assert [path.name for path in tmp_path.iterdir()] == ["links.json"]


def test_a_full_disk_stops_nothing(store: Store, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    suggester = LinkSuggester(store=store, settings=LinkSettings(), model_file=blocked / "links.json")
    assert not suggester.train_if_due()
    assert suggester.suggest(make_page(999, "Brioche", "* Banneton"))


# What the wiki does not want, and everyday words


@pytest.mark.parametrize(("number", "prefix"), [(8, "MediaWiki"), (4, "Fournil")])
def test_what_the_wikis_own_page_lists_is_never_offered(store: Store, number: int, prefix: str) -> None:
    suggester = LinkSuggester(store=store, settings=LinkSettings(min_score=0.0))
    draft = make_page(999, "Brioche", "Le banneton, les lames, la pierre à four et la pelle.")
    assert {s.link_target for s in suggester.suggest(draft)} == {"Banneton", "Lame", "Pierre à four", "Pelle"}
    # A long gap within a line, as anybody may write it, is no reason to read for minutes.
    listed = (
        "Mots trop courants, voyez la discussion sur la pelle :\n"
        f"* lame \t\n*{' ' * 200_000}a{' ' * 200_000}b\n** [[Pierre à four]]\r\n"
    )
    page = make_page(777, f"{prefix}:Compagnon-no-links", listed, namespace=number)
    store.pages.put_many([page])
    assert {s.link_target for s in suggester.suggest(draft)} == {"Banneton", "Pelle"}
    store.pages.delete([777])
    assert len(suggester.suggest(draft)) == 4


def test_an_everyday_word_is_offered_only_where_the_wiki_itself_mostly_links_it(store: Store) -> None:
    suggester = LinkSuggester(store=store, settings=LinkSettings(min_score=0.0))
    store.pages.put_many([make_page(700, "Accueil", "Le fournil."), make_page(701, "Mars", "Le mois.")])
    draft = make_page(999, "Brioche", "Accueil\n\nEn mars, l'aide vient. Accueil.")
    assert suggester.suggest(draft) == []
    store.pages.put_many([make_page(710 + n, f"Page {n} du livre", "[[Accueil]]") for n in range(3)])
    assert [s.link_target for s in suggester.suggest(draft)] == ["Accueil"]


def test_a_title_as_addresses_write_it_is_its_page_and_a_programs_name_is_not(store: Store) -> None:
    suggester = LinkSuggester(store=store, settings=LinkSettings(min_score=0.0))
    for text, found in (("Voir Pierre_à_four.", ["Pierre à four"]), ("La variable pierres_a_four.", [])):
        assert [s.link_target for s in suggester.suggest(make_page(999, "Essai", text))] == found
