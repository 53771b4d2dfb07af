"""What people decided: once per thing, the last word counts, and it is nobody's when who judged goes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.store import Store

pytestmark = pytest.mark.usefixtures("each_database")

PAIR = "12+45"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def test_the_last_word_counts(store: Store) -> None:
    before = datetime.now(UTC)
    store.judgements.put("twin", PAIR, "twins", judged_by=None, note="the same\nsteps")
    store.judgements.put("twin", "3+4", "twins", judged_by=None)
    last = store.judgements.put("twin", PAIR, "no_twins", judged_by=None, note="looked again")
    assert store.judgements.get("twin", PAIR) == last
    assert (last.verdict, last.note, last.judge, last.judged_by) == ("no_twins", "looked again", "", None)
    assert last.judged_at >= before
    assert list(store.judgements.of_kind("twin")) == [PAIR, "3+4"]


def test_a_subject_is_of_one_kind(store: Store) -> None:
    store.judgements.put("twin", PAIR, "twins", judged_by=None)
    assert store.judgements.get("contradiction", PAIR) is None
    assert store.judgements.of_kind("contradiction") == {}
    assert store.judgements.forget("contradiction", [PAIR]) == 0
    assert store.judgements.forget("twin", [PAIR, "9+9"]) == 1
    assert store.judgements.get("twin", PAIR) is None


def test_a_judgement_names_who_judged(store: Store) -> None:
    now = datetime.now(UTC)
    nadia = store.accounts.put(wiki_user_id=7, name="Nadia Ould", groups=[], told_at=now)
    kept = store.judgements.put("thanks", "revision 9", "pass", judged_by=nadia.id)
    assert (kept.judged_by, kept.judge) == (nadia.id, "Nadia Ould")


@pytest.mark.parametrize(
    ("kind", "subject", "verdict", "note"),
    [
        ("", PAIR, "settled", ""),
        ("k" * 25, PAIR, "settled", ""),
        ("twin", "", "settled", ""),
        ("twin", "s" * 129, "settled", ""),
        ("twin", PAIR, "", ""),
        ("twin", PAIR, "v" * 25, ""),
        ("twin", PAIR, "settled", "n" * 281),
    ],
)
def test_what_does_not_fit_is_refused(store: Store, kind: str, subject: str, verdict: str, note: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        store.judgements.put(kind, subject, verdict, judged_by=None, note=note)
    assert store.judgements.of_kind("twin") == {}


def test_a_note_that_was_taken_back_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    store.judgements.put("twin", PAIR, "twins", judged_by=None, note="ask Zéphyrine")
    store.judgements.forget("twin", [PAIR])
    assert store.scrub()
    for path in tmp_path.iterdir():
        assert "Zéphyrine".encode() not in path.read_bytes(), path.name
