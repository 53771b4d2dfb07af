"""How contributions are shared: CHAOSS' absence factor, Gini's index, months; and who counts nowhere."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from community.activity import Activity
from community.load import MOST_MONTHS, Loads, absence_factor, gini, months_until
from community.model import Evidence, Person
from connector.model import Revision
from connector.store import Store
from connector.store.wishes import Wish
from search.people import PeopleFilter
from tests.builders import ReadableWhere, make_page, make_store

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
NADIA, HUGO, SOLENE, LEO, ROBOT = (
    (1, "Nadia"),
    (2, "Hugo"),
    (3, "Solène"),
    (4, "Léo"),
    (5, "CiteBot"),
)


class Scene:
    """Two pages that anybody may edit, at any time."""

    def __init__(self, folder: Path, *, opt_out: tuple[str, ...] = ()) -> None:
        self.store: Store = make_store(folder, [make_page(1, "Semis"), make_page(2, "Compost")])
        self.people = PeopleFilter(bots=(), opt_out=opt_out, store=self.store)
        self.activity = Activity(store=self.store, people=self.people)
        self.loads = Loads(self.activity)
        self._revid = 0

    def edit(self, who: tuple[int, str], moment: datetime, *, times: int = 1, pageid: int = 1) -> None:
        revisions = []
        for number in range(times):
            self._revid += 1
            at = moment + timedelta(minutes=number)
            revisions.append(
                Revision(revid=self._revid, pageid=pageid, timestamp=at, user=who[1], user_id=who[0])
            )
        self.store.revisions.put_many(revisions)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    scene.edit(NADIA, datetime(2026, 3, 2, tzinfo=UTC), times=6)
    scene.edit(HUGO, datetime(2026, 2, 27, tzinfo=UTC), times=3)
    scene.edit(SOLENE, datetime(2025, 4, 1, tzinfo=UTC), times=1)
    scene.edit(LEO, datetime(2025, 3, 31, 23, tzinfo=UTC), times=50)
    scene.edit(ROBOT, datetime(2026, 3, 2, tzinfo=UTC), times=90, pageid=2)
    yield scene
    scene.store.close()


def test_the_load_of_a_year_is_that_of_its_twelve_months(scene: Scene) -> None:
    load = scene.loads.over(months=12, now=NOW)
    # Léo's are of the month before, CiteBot is nobody.
    assert (load.months, load.contributions, load.people) == (12, 10, 3)
    assert (load.absence_factor, load.carriers) == (1, [Person(name="Nadia", user_id=1)])
    assert load.carriers_share == 0.6
    assert load.shares == (0.6, 0.3, 0.1)
    assert load.gini == pytest.approx(10 / 30)  # half of the mean difference 20/9, in parts of the mean 10/3
    assert [month for month, _, _ in load.by_month][::11] == [date(2025, 4, 1), date(2026, 3, 1)]
    assert [each for each in load.by_month if each[1]] == [
        (date(2025, 4, 1), 1, 1),
        (date(2026, 2, 1), 3, 1),
        (date(2026, 3, 1), 6, 1),
    ]
    assert sum(number for _, number, _ in load.by_month) == load.contributions


def test_what_comes_later_does_not_count_yet(scene: Scene) -> None:
    load = scene.loads.over(months=12, now=datetime(2026, 3, 2, 0, 2, tzinfo=UTC))
    assert load.contributions == 7
    assert scene.loads.over(months=1, now=datetime(2025, 3, 31, 22, tzinfo=UTC)).people == 0


def test_carriers_are_named_by_the_alphabet(scene: Scene) -> None:
    scene.edit(HUGO, NOW, times=4)
    scene.edit(SOLENE, NOW, times=6)
    load = scene.loads.over(months=12, now=NOW + timedelta(hours=1))
    # Hugo 7, Solène 7, Nadia 6: two are half, and who has most is not told.
    assert [who.name for who in load.carriers] == ["Hugo", "Solène"]


def test_nobody_did_anything(tmp_path: Path) -> None:
    load = Scene(tmp_path).loads.over(months=3, now=NOW)
    assert (load.contributions, load.people, load.absence_factor, load.gini) == (0, 0, 0, 0.0)
    assert (load.carriers, load.carriers_share, load.shares) == ([], 0.0, ())
    assert [month for month, _, _ in load.by_month] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_a_person_has_all_their_names_and_is_out_under_all_when_one_is_left_out(tmp_path: Path) -> None:
    scene = Scene(tmp_path, opt_out=("Léonie",))
    scene.edit((4, "Léo"), datetime(2026, 1, 5, tzinfo=UTC), times=2)
    scene.edit((4, "Léo M."), datetime(2026, 2, 5, tzinfo=UTC), times=2)
    scene.edit((6, "Léonie"), datetime(2026, 1, 5, tzinfo=UTC), times=2)
    scene.edit((6, "Nie"), datetime(2026, 2, 5, tzinfo=UTC), times=2)
    load = scene.loads.over(months=12, now=NOW)
    assert load.carriers == [Person(name="Léo M.", user_id=4)]
    assert (load.contributions, load.people) == (4, 1)


def test_who_opts_out_is_gone_at_once_from_months_too(scene: Scene) -> None:
    assert scene.loads.over(months=1, now=NOW).contributions == 6
    account = scene.store.accounts.put(wiki_user_id=1, name="Nadia", groups=(), told_at=NOW)
    scene.store.wishes.put(account.id, Wish(opted_out=True))
    load = scene.loads.over(months=1, now=NOW)
    assert (load.contributions, load.by_month) == (0, ((date(2026, 3, 1), 0, 0),))
    assert scene.loads.share_of(1, months=12, now=NOW) == 0.0


def test_edits_of_pages_that_may_not_be_read_count_nowhere(scene: Scene) -> None:
    scene.edit(SOLENE, NOW, times=30, pageid=2)
    readable = ReadableWhere(lambda page: page.title == "Semis")
    load = scene.loads.over(months=12, now=NOW + timedelta(hours=1), readable=readable)
    assert (load.contributions, [who.name for who in load.carriers]) == (10, ["Nadia"])
    assert scene.loads.over(months=12, now=NOW + timedelta(hours=1)).contributions == 40


def test_each_sees_their_own_part(scene: Scene) -> None:
    assert scene.loads.share_of(1, months=12, now=NOW) == 0.6
    assert scene.loads.share_of(99, months=12, now=NOW) == 0.0


def test_proof_is_the_last_edit_of_each_page(scene: Scene) -> None:
    scene.edit(NADIA, NOW, pageid=2)
    nadia = scene.activity.accounts(now=NOW)[1]
    assert scene.activity.evidence(nadia) == (
        Evidence(kind="revision", label="Compost", id=scene._revid, when=NOW),
        Evidence(kind="revision", label="Semis", id=6, when=datetime(2026, 3, 2, 0, 5, tzinfo=UTC)),
    )
    assert len(scene.activity.evidence(nadia, most=1)) == 1


def test_the_sums_are_made_once_until_something_is_written(scene: Scene) -> None:
    first = scene.activity.accounts(now=NOW)
    assert scene.activity.accounts(now=NOW + timedelta(days=1)) is first
    scene.edit(HUGO, NOW)
    assert scene.activity.accounts(now=NOW)[2].edits == 4


@pytest.mark.parametrize(
    ("counts", "factor", "index"),
    [
        ((), 0, 0.0),
        ((5,), 1, 0.0),
        ((2, 2, 2, 2), 2, 0.0),  # two are half: no third is needed
        ((1, 2, 2), 2, 4 / 30),
        ((0, 0, 0, 8), 1, 0.75),
        # The example of CHAOSS: 1000, 202, 90, 33, 332, 343, 42, 433.
        ((1000, 202, 90, 33, 332, 343, 42, 433), 2, None),
    ],
)
def test_absence_factor_and_gini_of_counts(counts: tuple[int, ...], factor: int, index: float | None) -> None:
    assert absence_factor(counts) == factor
    pairs = sum(abs(one - other) for one in counts for other in counts)
    assert gini(counts) == pytest.approx(pairs / (2 * len(counts) * sum(counts)) if counts else 0.0)
    assert index is None or gini(counts) == pytest.approx(index)


def test_a_span_has_months() -> None:
    assert months_until(datetime(2026, 1, 31, tzinfo=UTC), 2) == (date(2025, 12, 1), date(2026, 1, 1))
    for number in (0, MOST_MONTHS + 1):
        with pytest.raises(ValueError, match="a span has"):
            months_until(NOW, number)


def test_what_is_noted_in_passing_keeps_the_sums_and_a_wish_does_not(scene: Scene, tmp_path: Path) -> None:
    nadia = scene.store.accounts.put(wiki_user_id=1, name="Nadia", groups=[], told_at=NOW)
    kept = scene.activity.accounts(now=NOW)
    scene.store.sign_ins.begin(nadia.id, browser="Firefox", now=NOW, expires_at=NOW + timedelta(days=1))
    scene.store.accounts.put(wiki_user_id=1, name="Nadia", groups=["sysop"], told_at=NOW + timedelta(days=1))
    scene.store.unanswered_searches.count("broyeur", language="fr", now=NOW)
    scene.store.site.set_last_sync(NOW)
    assert scene.activity.accounts(now=NOW) is kept
    assert 1 in kept
    # Wherever it is said, as in another process of the service: at once, and for the one who had the sums.
    with Store.open(tmp_path / "mirror.sqlite3") as elsewhere:
        elsewhere.wishes.put(nadia.id, Wish(opted_out=True))
        assert 1 not in scene.activity.accounts(now=NOW)
        elsewhere.wishes.put(nadia.id, Wish(opted_out=False))
        assert 1 in scene.activity.accounts(now=NOW)
        elsewhere.pages.delete([1])
    assert 1 not in scene.activity.accounts(now=NOW)
