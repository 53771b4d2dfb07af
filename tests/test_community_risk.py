"""What is at risk: topics, what would be lost with somebody, references that nobody reviews."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from community.activity import Activity
from community.model import Person
from community.risk import Risks
from community.settings import CommunitySettings
from connector.model import PageLinks, Revision
from connector.store import Store
from connector.store.wishes import Wish
from search.readable import Readable
from search.settings import SearchSettings
from search.topics import Topics
from tests.builders import HashingEmbedder, ReadableWhere, make_index, make_page, make_store

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PEOPLE = {"Nadia": 1, "Hugo": 2, "Solène": 3}
PAGES: Mapping[str, tuple[Sequence[str], Sequence[tuple[str, int]]]] = {
    # Categories, and who edited it how many days ago.
    "Grille-pain": (["Réparation"], [("Nadia", 700)]),
    "Bouilloire": (["Réparation"], [("Nadia", 600)]),
    "Vélo": (["Réparation"], [("Hugo", 900)]),
    "Compost": (["Jardin"], [("Solène", 400), ("Hugo", 400)]),
    "Semis": (["Jardin"], [("Hugo", 500)]),
    "Charte": ([], [("Nadia", 450)]),
}


class Scene:
    """Six pages; Hugo has not come for longer than a year, the others still do."""

    def __init__(self, folder: Path) -> None:
        texts = {"Charte": "{{Practice|statut=référence}}\nRespecter.", "Vélo": "{{Practice|statut=retirée}}"}
        self.pages = {title: number for number, title in enumerate(PAGES, 1)}
        self.store: Store = make_store(
            folder, [make_page(n, title, texts.get(title, title)) for title, n in self.pages.items()]
        )
        self._revid = 0
        for title, (categories, edits) in PAGES.items():
            for user, ago in edits:
                self.edit(user, title, ago)
            self.link(title, categories=categories)
        self.edit("Nadia", "Grille-pain", 20, minor=True)
        self.edit("Solène", "Compost", 20, minor=True)
        settings = SearchSettings(lock_wait_seconds=0.2)
        self.index = make_index(folder, self.store, HashingEmbedder(), settings=settings)
        self.index.update()
        self.risks = Risks(
            store=self.store,
            topics=Topics(store=self.store, index=self.index, settings=settings),
            activity=Activity(store=self.store, people=self.index.people),
            settings=CommunitySettings(),
        )

    def edit(self, user: str, title: str, ago: int, *, minor: bool = False) -> None:
        self._revid += 1
        edit = Revision(
            revid=self._revid,
            pageid=self.pages[title],
            timestamp=NOW - ago * DAY,
            user=user,
            user_id=PEOPLE.get(user, 9),
            size=400 * self._revid,
            minor=minor,
        )
        self.store.revisions.put_many([edit])

    def link(self, title: str, *, to: Sequence[str] = (), categories: Sequence[str] = ()) -> None:
        links = PageLinks(
            pageid=self.pages.get(title, 0),
            categories=tuple(f"Catégorie:{each}" for each in categories),
            links=tuple(to),
        )
        self.store.links.put_many([links])

    def topics(self, readable: Readable | None = None) -> dict[str, tuple[int, int, int, int]]:
        return {
            topic.name: (topic.people, topic.still_here, topic.absence_factor, topic.absence_factor_now)
            for topic in self.risks.topics(now=NOW, readable=readable)
        }


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.index.close()
    scene.store.close()


def test_topics_say_who_is_still_here(scene: Scene) -> None:
    # Hugo knew half of the garden, and the bicycle.
    assert scene.topics() == {"Jardin": (2, 1, 2, 1), "Réparation": (2, 1, 1, 1), "Charte": (1, 1, 1, 1)}
    repair = next(each for each in scene.risks.topics(now=NOW) if each.name == "Réparation")
    assert [page.label for page in repair.orphans] == ["Vélo"]
    assert repair.holders == (Person(name="Nadia", user_id=1),)
    scene.edit("Hugo", "Semis", 3)
    assert scene.topics()["Jardin"] == (2, 2, 2, 2)
    assert scene.topics()["Réparation"] == (2, 2, 1, 1)


def test_a_topic_whose_people_have_all_left_is_orphaned_already(scene: Scene) -> None:
    later = NOW + 360 * DAY
    risks = scene.risks.topics(now=later)
    assert [(each.absence_factor, each.absence_factor_now, each.still_here) for each in risks] == [
        (1, 0, 0),
        (2, 0, 0),
        (1, 0, 0),
    ]
    assert [each.name for each in risks] == ["Réparation", "Jardin", "Charte"]
    assert scene.risks.if_they_leave(now=later) == []


def test_if_somebody_leaves(scene: Scene) -> None:
    lost = {each.person.name: each for each in scene.risks.if_they_leave(now=NOW)}
    # Hugo has left; without Solène, both pages of the garden have nobody.
    assert set(lost) == {"Nadia", "Solène"}
    assert lost["Nadia"].topics == ("Charte", "Réparation")
    assert [page.label for page in lost["Nadia"].pages] == ["Bouilloire", "Charte", "Grille-pain"]
    assert lost["Solène"].topics == ("Jardin",)
    assert [page.label for page in lost["Solène"].pages] == ["Compost"]


def test_who_is_left_out_is_in_no_risk(scene: Scene) -> None:
    account = scene.store.accounts.put(wiki_user_id=1, name="Nadia", groups=(), told_at=NOW)
    scene.store.wishes.put(account.id, Wish(opted_out=True))
    assert {each.person.name for each in scene.risks.if_they_leave(now=NOW)} == {"Solène"}
    assert scene.topics()["Réparation"] == (1, 0, 0, 0)
    assert "Nadia" not in repr(scene.risks.topics(now=NOW))


def test_only_what_may_be_read_is_at_risk(scene: Scene) -> None:
    readable = ReadableWhere(lambda page: page.title in {"Compost", "Semis", "Vélo"})
    assert scene.topics(readable) == {"Jardin": (2, 1, 2, 1), "Vélo": (1, 0, 1, 0)}
    (lost,) = scene.risks.if_they_leave(now=NOW, readable=readable)
    assert (lost.person.name, lost.topics) == ("Solène", ("Jardin",))
    assert scene.risks.stale(now=NOW, readable=readable) == []


def test_a_reference_that_nobody_reviewed_is_stale(scene: Scene) -> None:
    (stale,) = scene.risks.stale(now=NOW)
    assert (stale.page.label, stale.page.id, stale.why, stale.links) == ("Charte", 6, "reference", 0)
    assert (stale.reviewed_on, stale.months) == ((NOW - 450 * DAY).date(), 14)
    # A program and a detail review nothing.
    scene.edit("CiteBot", "Charte", 2)
    scene.edit("Solène", "Charte", 2, minor=True)
    assert len(scene.risks.stale(now=NOW)) == 1
    scene.edit("Solène", "Charte", 2)
    assert scene.risks.stale(now=NOW) == []
    assert len(scene.risks.stale(now=NOW + 370 * DAY)) == 1


def test_who_says_that_it_still_holds_has_reviewed_it(scene: Scene) -> None:
    scene.store.status_steps.record(
        6,
        "reference",
        "reference",
        "reviewed",
        decided_by=None,
        now=NOW - DAY,
        revid=None,
        evidence={},
        note="",
    )
    assert scene.risks.stale(now=NOW) == []
    assert len(scene.risks.stale(now=NOW - 2 * DAY)) == 1


def test_a_page_that_many_link_to_is_relied_on(tmp_path: Path) -> None:
    titles = [f"Page {number}" for number in range(1, 21)]
    store = make_store(tmp_path, [make_page(n, title) for n, title in enumerate(titles, 1)])
    store.pages.put_many([make_page(99, "Ancien nom", redirect="Page 1")])
    settings = SearchSettings(lock_wait_seconds=0.2)
    index = make_index(tmp_path, store, HashingEmbedder(), settings=settings)
    index.update()
    risks = Risks(
        store=store,
        topics=Topics(store=store, index=index, settings=settings),
        activity=Activity(store=store, people=index.people),
        settings=CommunitySettings(),
    )
    now = NOW + 900 * DAY

    def link_from(*pageids: int) -> None:
        store.links.put_many(
            PageLinks(pageid=n, links=("Ancien nom" if n % 2 else "Page 1", "Page 2")) for n in pageids
        )

    link_from(1, 2, 3, 4, 5)
    assert risks.stale(now=now) == []  # four others link to each: its own link says nothing
    link_from(6, 7)
    # Of twenty pages one is built on at most.
    (stale,) = risks.stale(now=now)
    assert (stale.why, stale.links, stale.reviewed_on) == ("much_linked", 6, None)
    assert stale.page.label in {"Page 1", "Page 2"}
    edited = stale.page.when
    assert isinstance(edited, datetime)
    assert stale.months == int((now - edited).total_seconds() // (365.25 / 12 * 86_400))
    index.close()
    store.close()
