"""How alive topics are: edits and experiences of twelve months, by people who may be counted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from community.activity import Activity
from community.evidence import Experiences
from community.topic_life import TopicLife, TopicLives
from connector.model import Revision
from connector.store import Store
from search.people import PeopleFilter
from search.topic_map import MapPage, MapTopic
from tests.builders import ReadableWhere, make_page, make_store

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
PRACTICE = "{{Practice|statut=émergente}}\nUn texte."


def topic(*pageids: int) -> MapTopic:
    pages = tuple(
        MapPage(
            pageid=pageid, title=f"Fiche {pageid}", url="", status="emerging", language="fr", last_edited=NOW
        )
        for pageid in pageids
    )
    return MapTopic(names={"fr": ("fiche",)}, pages=pages, place=(0.0, 0.0), people=())


class Scene:
    """Six practices."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = make_store(folder, [make_page(n, f"Fiche {n}", PRACTICE) for n in range(1, 7)])
        people = PeopleFilter(bots=["Robot"], opt_out=["Partie"], store=self.store)
        self.lives = TopicLives(
            activity=Activity(store=self.store, people=people), experiences=Experiences(self.store, people)
        )
        self._revid = 1000

    def edit(self, pageid: int, when: datetime, *, user: str = "Hugo") -> None:
        self._revid += 1
        revision = Revision(
            revid=self._revid, pageid=pageid, timestamp=when, user=user, user_id=len(user), size=10
        )
        self.store.revisions.put_many([revision])

    def life(self, *pageids: int, hidden: int | None = None) -> TopicLife:
        readable = None if hidden is None else ReadableWhere(lambda page: page.pageid != hidden)
        [life] = self.lives.of([topic(*pageids)], now=NOW, readable=readable)
        return life


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_edits_of_twelve_months_count_and_older_ones_do_not(scene: Scene) -> None:
    scene.edit(1, datetime(2025, 4, 1, tzinfo=UTC))
    scene.edit(1, datetime(2026, 3, 19, tzinfo=UTC))
    scene.edit(2, datetime(2025, 3, 31, 23, tzinfo=UTC))
    scene.edit(3, datetime(2026, 3, 21, tzinfo=UTC))  # not yet
    assert scene.life(1, 2, 3) == TopicLife(pages=1, edits=2, experiences=0, pulse="lively")
    assert scene.life(1, 2, 3, 4).pulse == "slow"
    assert scene.life(2, 3) == TopicLife(pages=0, edits=0, experiences=0, pulse="asleep")


@pytest.mark.parametrize("user", ["Robot", "Partie"])
def test_programs_and_who_opted_out_do_not_count(scene: Scene, user: str) -> None:
    scene.edit(1, datetime(2026, 3, 1, tzinfo=UTC), user=user)
    assert scene.life(1).pulse == "asleep"


def test_what_was_tried_is_life_too(scene: Scene) -> None:
    for tried_on in ("2026-01-10", "2024-01-10"):
        wikitext = (
            "{{Practice|statut=émergente}}\nUn texte.\n== Expériences ==\n"
            f"* {{{{Expérience|par=Hugo|le={tried_on}|issue=réussi|contexte=Atelier|note=Bien.}}}}\n"
        )
        scene.store.pages.put_many([make_page(5, "Fiche 5", wikitext, revid=int(tried_on[:4]))])
        life = scene.life(5, 6)
        assert life.experiences == (tried_on > "2025")
        assert life.pulse == ("lively" if tried_on > "2025" else "asleep")


def test_what_may_not_be_read_is_no_life(scene: Scene) -> None:
    scene.edit(1, datetime(2026, 3, 1, tzinfo=UTC))
    assert scene.life(1, 2).edits == 1
    assert scene.life(1, 2, hidden=1).edits == 0
