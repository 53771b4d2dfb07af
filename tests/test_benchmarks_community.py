"""The benchmark of the community in its smallest size: an invented history, replayed, and counted by hand."""

import csv
import json
import lzma
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.community import dates_of, main
from benchmarks.community_sets import ByHand, count_by_hand, is_fewest, read_histories
from connector.store import Store

FIRST = datetime(2023, 1, 5, 9, tzinfo=UTC)
# Page, who, after how many days.
EDITS = [
    *(("Kettle", "Odile Marchand", day) for day in (0, 40, 80, 120)),
    *(("Toaster", "Odile Marchand", day) for day in (5, 45)),
    *(("Bicycle", "Rémi Aubrac", day) for day in (100, 300, 500, 600)),
    ("Bicycle", "Tess Holloway", 590),
    ("Kettle", "MediaWiki default", 599),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wiki = tmp_path / "wikis" / "en-invented"
    wiki.mkdir(parents=True)
    rows = [
        {
            "seq": number,
            "page": page,
            "timestamp": (FIRST + timedelta(days=day)).isoformat(),
            "user": user,
            "summary": "",
            "deleted": False,
            "text": f"{page} {day} [[Kettle]] [[Category:Repair]]",
        }
        for number, (page, user, day) in enumerate(EDITS, 1)
    ]
    with lzma.open(wiki / "revisions.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)
    with lzma.open(wiki / "revision-index.tsv.xz", "wt", encoding="utf-8", newline="") as file:
        columns = ("seq", "timestamp", "user", "page")
        writer = csv.DictWriter(file, columns, delimiter="\t", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_a_history_goes_on_from_date_to_date(folder: Path, tmp_path: Path) -> None:
    (history,) = read_histories(folder)
    moments = dates_of(history, 3)
    assert moments[-1] == FIRST + timedelta(days=600)
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        history.replay(store, after=None, until=moments[0])
        assert (store.pages.count(), store.revisions.count()) == (3, 7)
        page = store.pages.by_title("Kettle")
        assert page is not None
        assert "Kettle 120" in page.wikitext
        history.replay(store, after=moments[0], until=moments[-1])
        assert store.revisions.count() == len(EDITS)
        links = store.links.get(page.pageid)
        assert links is not None
        assert links.categories == ("Category:Repair",)


def test_figures_are_counted_from_the_list_alone(folder: Path) -> None:
    (history,) = read_histories(folder)
    counted = count_by_hand(
        history.index, now=FIRST + timedelta(days=600), months=12, newcomer_days=90, quiet_days=120
    )
    assert counted == ByHand(
        contributions=4,  # days 300 and on, less the software's
        people=2,
        absence_factor=1,
        gini=0.25,
        carriers_share=0.75,
        newcomers=frozenset({"Tess Holloway"}),
        quiet=frozenset({"Odile Marchand"}),
        alone={"Kettle": "Odile Marchand", "Toaster": "Odile Marchand"},
    )


def test_who_wrote_in_the_first_thirty_days_is_counted_as_a_founder(folder: Path) -> None:
    (history,) = read_histories(folder)
    # In its hundred and first day the wiki has one newcomer, and one who founded it.
    counted = count_by_hand(
        history.index, now=FIRST + timedelta(days=101), months=12, newcomer_days=365, quiet_days=120
    )
    assert counted.newcomers == {"Rémi Aubrac"}


def test_the_fewest_are_found_by_trying_all() -> None:
    knowing = [{"a"}, {"a"}, {"b", "c"}]
    assert is_fewest(knowing, 1)
    assert is_fewest(knowing, 2) is False
    # Each page has three of four people: nobody can tell from two who leave.
    assert is_fewest([{1, 2, 3}, {2, 3, 4}, {1, 3, 4}], 4) is None
    assert is_fewest([{1, 2, 3}, {2, 3, 4}, {1, 3, 4}], 3)


def test_the_command_prints_both_and_they_agree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "| contributions, 12 months | 4 | 4 |" in printed
    assert "| Gini | 0.250000 | 0.250000 |" in printed
    assert "| all | " in printed
    assert "Odile" not in printed


def test_what_does_not_agree_stops_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.load.absence_factor", lambda counts: len(counts) + 1)
    with pytest.raises(ValueError, match="absence factor"):
        main([str(folder)])
