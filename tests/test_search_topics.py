"""What a community knows about, who knows it, and who must not leave."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connector.errors import IndexNotBuiltError
from connector.model import PageLinks
from connector.store import Store
from search.readable import Readable
from search.settings import SearchSettings
from search.topics import Topics, who_orphans
from tests.builders import HashingEmbedder, ReadableWhere, make_history, make_index, make_page, make_store

PRACTICE = "{{Practice|statut=testée|contacts=Aïcha Diop}}\nUn atelier."


class Scene:
    """Six pages; each has its categories and its authors."""

    def __init__(
        self,
        folder: Path,
        pages: Mapping[str, tuple[Sequence[str], Sequence[str]]],
        *,
        opt_out: tuple[str, ...] = (),
        practices: Sequence[str] = (),
        hidden: Sequence[str] = (),
    ) -> None:
        self.store: Store = make_store(
            folder,
            [
                *(
                    make_page(pageid, title, PRACTICE if title in practices else f"Sur {title}.")
                    for pageid, title in enumerate(pages, 1)
                ),
                *(
                    make_page(50 + n, f"Catégorie:{name}", "__CATCACHEE__", namespace=14)
                    for n, name in enumerate(hidden)
                ),
            ],
        )
        for pageid, (categories, authors) in enumerate(pages.values(), 1):
            self.categorize(pageid, categories)
            self.store.revisions.put_many(make_history(pageid, authors))
        settings = SearchSettings(opt_out=opt_out, lock_wait_seconds=0.2)
        self.index = make_index(folder, self.store, HashingEmbedder(), settings=settings)
        self.topics = Topics(store=self.store, index=self.index, settings=settings)

    def categorize(self, pageid: int, categories: Sequence[str]) -> None:
        titles = tuple(f"Catégorie:{name}" for name in categories)
        self.store.links.put_many([PageLinks(pageid=pageid, categories=titles)])


COMMUNITY: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "Grille-pain": (["Réparation", "Tout"], ["Nadia", "Nadia"]),
    "Bouilloire": (["Réparation", "Tout"], ["Nadia"]),
    "Vélo": (["Réparation", "Tout"], ["Hugo"]),
    "Compost": (["Jardin", "Tout"], ["Solène", "Hugo"]),
    "Semis": (["Jardin", "Tout", "À relire"], ["Hugo", "Solène"]),
    "Accueil": (["Rare", "À relire"], ["Nadia"]),
}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path, COMMUNITY, hidden=["À relire"])
    scene.index.update()
    return scene


def test_topics_are_categories_that_tell_pages_apart(scene: Scene) -> None:
    # Not that of nearly all pages, not that of one, not the one that hides itself.
    assert [(t.name, t.kind, t.pages, t.people) for t in scene.topics.all()] == [
        ("Réparation", "category", 3, 2),
        ("Jardin", "category", 2, 2),
    ]
    assert scene.topics.all()[0].url == "https://wiki.example.org/wiki/Cat%C3%A9gorie:R%C3%A9paration"


def test_the_absence_factor_is_how_many_must_leave_until_most_pages_have_nobody(scene: Scene) -> None:
    factors = {t.name: (t.absence_factor, t.holders) for t in scene.topics.all()}
    # Without Nadia, two of three pages have nobody. In the garden each page has two who know it.
    assert factors == {"Réparation": (1, ("Nadia",)), "Jardin": (2, ("Hugo", "Solène"))}


def test_people_of_a_topic_come_with_their_proof(scene: Scene) -> None:
    for written in ("réparation", "Catégorie:Réparation", "category:réparation"):
        found = scene.topics.people_of(written, top_k=5)
        assert found is not None
        topic, experts = found
        assert topic.name == "Réparation"
        assert [expert.name for expert in experts] == ["Nadia", "Hugo"]
        assert {evidence.title for evidence in experts[0].evidence} == {"Grille-pain", "Bouilloire"}
    assert scene.topics.people_of("Couture", top_k=5) is None


def test_a_topic_is_found_as_it_is_typed_and_the_one_that_is_written_so_before_another(
    tmp_path: Path,
) -> None:
    pages: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
        "Broyage": (["Compost"], ["Nadia"]),
        "Andain": (["Compost"], ["Nadia"]),
        "L’Établi:Compost": ([], ["Hugo"]),
        "Faire l’école dehors": ([], ["Hugo"]),
        "Budget": (["L’Établi:Projet", "Projet"], ["Solène"]),
        "Bilan": (["L’Établi:Projet"], ["Solène"]),
        "Local": (["Projet"], ["Hugo"]),
    }
    scene = Scene(tmp_path, pages, practices=["L’Établi:Compost", "Faire l’école dehors"])
    scene.index.update()
    typed = {
        "compost": "Compost",
        "Catégorie:Compost": "Compost",
        "L'Établi:compost": "L’Établi:Compost",
        "faire l'ecole_dehors": "Faire l’école dehors",
        "Projet": "Projet",
        "L’Établi:Projet": "L’Établi:Projet",
        "category:l'etabli:projet": "L’Établi:Projet",
    }
    for name, expected in typed.items():
        found = scene.topics.people_of(name, top_k=1)
        assert (name, found and found[0].name) == (name, expected)
    for nothing in ("", ":", "#", "Catégorie:"):
        assert scene.topics.people_of(nothing, top_k=1) is None


def test_topics_of_a_person_are_those_of_their_pages_best_first(scene: Scene) -> None:
    parts = scene.topics.topics_of("hugo", top_k=5)
    assert [part.topic.name for part in parts] == ["Jardin", "Réparation"]
    assert [part.share for part in parts] == [pytest.approx(0.5), pytest.approx(1 / 3)]
    assert [evidence.title for evidence in parts[1].evidence] == ["Vélo"]
    assert len(scene.topics.topics_of("Hugo", top_k=1)) == 1
    assert scene.topics.topics_of("Inconnue", top_k=5) == []


def test_who_opted_out_knows_nothing_and_holds_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, COMMUNITY, opt_out=("Nadia",))
    scene.index.update()
    repair = next(t for t in scene.topics.all() if t.name == "Réparation")
    assert (repair.people, repair.absence_factor, repair.holders) == (1, 0, ())
    assert scene.topics.topics_of("Nadia", top_k=5) == []
    found = scene.topics.people_of("Réparation", top_k=5)
    assert found is not None
    assert [expert.name for expert in found[1]] == ["Hugo"]


def test_who_opted_out_under_another_name_does_not_count_in_the_shares_of_others(tmp_path: Path) -> None:
    # Accounts of one id are one person: Nadia is called Nadja now.
    pages = {"Gelée": (["Cuisine"], ["Nadia", "Nadja", "Hugo"]), "Coing": (["Cuisine"], ["Hugo"])}
    scene = Scene(tmp_path, pages, opt_out=("Nadia",))
    scene.index.update()
    (cuisine,) = scene.topics.topics_of("Hugo", top_k=5)
    assert cuisine.share == 1
    assert scene.topics.topics_of("Nadja", top_k=5) == []


def test_practices_outside_of_all_categories_are_topics_themselves(tmp_path: Path) -> None:
    scene = Scene(tmp_path, {"Couture": ([], ["Nadia"]), "Accueil": ([], ["Hugo"])}, practices=["Couture"])
    scene.index.update()
    (couture,) = scene.topics.all()
    assert (couture.name, couture.kind, couture.pages) == ("Couture", "practice", 1)
    assert couture.holders == ("Aïcha Diop", "Nadia")
    assert [part.topic.name for part in scene.topics.topics_of("Aïcha Diop", top_k=5)] == ["Couture"]


def test_what_may_not_be_read_counts_for_nothing(scene: Scene) -> None:
    without = ReadableWhere(lambda page: page.title != "Vélo")
    topics = scene.topics.all(readable=without)
    assert {topic.name: (topic.pages, topic.people) for topic in topics}["Réparation"] == (2, 1)
    theirs = scene.topics.topics_of("Hugo", top_k=5, readable=without)
    assert [part.topic.name for part in theirs] == ["Jardin"]
    # And what they were shown is not kept for who may read more.
    assert next(t for t in scene.topics.all() if t.name == "Réparation").pages == 3


def test_a_change_of_the_mirror_or_of_the_index_is_seen(scene: Scene) -> None:
    assert [topic.name for topic in scene.topics.all()] == ["Réparation", "Jardin"]
    for pageid in (4, 5):
        scene.categorize(pageid, ["Potager", "Tout"])
    assert [topic.name for topic in scene.topics.all()] == ["Réparation", "Potager"]
    scene.store.pages.delete([3])
    scene.index.update()
    assert next(t for t in scene.topics.all() if t.name == "Réparation").pages == 2


def test_who_asks_while_a_survey_is_made_waits_for_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = scene.topics._make_survey

    def slowly(readable: Readable | None) -> object:
        made.append(readable)
        time.sleep(0.2)
        return make(readable)

    monkeypatch.setattr(scene.topics, "_make_survey", slowly)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: scene.topics.all(), range(4)))
    assert made == [None]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.timeout(120)
def test_a_topic_of_many_pages_and_people_takes_no_minutes() -> None:
    # In a ring, everybody knows two pages: half of the people, one after the other, and two more.
    number = 60_000
    knowing: list[set[int | str]] = [{person, (person + 1) % number} for person in range(number)]
    leaving = who_orphans(knowing, {person: -float(person) for person in range(number)})
    assert leaving == list(range(number // 2 + 2))


def test_without_an_index_nothing_is_known(tmp_path: Path) -> None:
    with pytest.raises(IndexNotBuiltError):
        Scene(tmp_path, COMMUNITY).topics.all()
