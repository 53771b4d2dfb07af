"""What editors say of suggested links: kept while both pages are there, its words while the page has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.errors import NotOfferedError
from connector.model import PageHead
from connector.store import LinkFeedback, Store
from tests.builders import make_page

pytestmark = pytest.mark.usefixtures("each_database")

FOLDER_NAME = "mirror.sqlite3"
FORGE, ANVIL, VICE = 1, 2, 3
TEXT = "La forge sert une enclume et un étau."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / FOLDER_NAME) as store:
        store.pages.put_many(
            [
                make_page(FORGE, "Forge", TEXT, revid=10),
                make_page(ANVIL, "Enclume", revid=20),
                make_page(VICE, "Étau", revid=30),
            ]
        )
        yield store


def found(folder: Path, word: str) -> list[str]:
    """The files of a folder that hold a word."""
    return sorted(path.name for path in folder.iterdir() if word.encode() in path.read_bytes())


def counts(feedback: LinkFeedback) -> tuple[int, int, int, int, int, int]:
    return (
        feedback.offered,
        feedback.accepted,
        feedback.rejected_everyday,
        feedback.rejected_target,
        feedback.rejected_span,
        feedback.rejected_other,
    )


def only(store: Store) -> LinkFeedback:
    (feedback,) = store.link_feedback.all()
    return feedback


def test_an_offer_counts_once_for_each_revision(store: Store) -> None:
    offers = [(ANVIL, "enclume"), (VICE, "étau")]
    store.link_feedback.offer(FORGE, 10, offers)
    store.link_feedback.offer(FORGE, 10, offers[:1])
    store.link_feedback.offer(FORGE, 11, offers[:1])
    kept = [
        (each.target_pageid, each.link_text, each.revid, each.offered) for each in store.link_feedback.all()
    ]
    assert kept == [(ANVIL, "enclume", 11, 2), (VICE, "étau", 10, 1)]
    assert {each.judged_at for each in store.link_feedback.all()} == {None}
    assert store.link_feedback.count_verdicts() == 0


def test_each_verdict_is_counted_by_its_reason(store: Store) -> None:
    store.link_feedback.offer(FORGE, 10, [(ANVIL, "enclume")])
    for reason in ("everyday", "target", "span", "other", None):
        store.link_feedback.judge(FORGE, 10, ANVIL, "enclume", "rejected", reason)
    store.link_feedback.judge(FORGE, 10, ANVIL, "enclume", "accepted")
    assert counts(only(store)) == (1, 1, 1, 1, 1, 2)
    assert only(store).rejected == 5
    judged_at = only(store).judged_at
    assert judged_at is not None
    assert judged_at >= only(store).offered_at
    assert store.link_feedback.count_verdicts() == 6


def test_two_rejections_drop_a_pair_whatever_the_words_and_the_reasons(store: Store) -> None:
    store.link_feedback.offer(FORGE, 10, [(ANVIL, "enclume"), (ANVIL, "une enclume"), (VICE, "étau")])
    store.link_feedback.judge(FORGE, 10, ANVIL, "enclume", "rejected", "everyday")
    store.link_feedback.judge(FORGE, 10, VICE, "étau", "rejected")
    store.link_feedback.judge(FORGE, 10, VICE, "étau", "accepted")
    assert store.link_feedback.dropped(FORGE) == frozenset()
    store.link_feedback.judge(FORGE, 10, ANVIL, "une enclume", "rejected", "span")
    assert store.link_feedback.dropped(FORGE) == {ANVIL}
    assert store.link_feedback.dropped(ANVIL) == frozenset(), "on this page only"


@pytest.mark.parametrize(
    ("pageid", "revid", "target", "words"),
    [
        (FORGE, 10, VICE, "enclume"),
        (FORGE, 10, ANVIL, "une enclume"),
        (FORGE, 9, ANVIL, "enclume"),
        (FORGE, 11, ANVIL, "enclume"),
        (VICE, 10, ANVIL, "enclume"),
        (404, 10, ANVIL, "enclume"),
        (FORGE, 10, 404, "enclume"),
    ],
)
def test_what_was_not_offered_cannot_be_judged(
    store: Store, pageid: int, revid: int, target: int, words: str
) -> None:
    store.link_feedback.offer(FORGE, 10, [(ANVIL, "enclume")])
    with pytest.raises(NotOfferedError) as caught:
        store.link_feedback.judge(pageid, revid, target, words, "rejected")
    assert (caught.value.pageid, caught.value.revid) == (pageid, revid)
    assert counts(only(store)) == (1, 0, 0, 0, 0, 0)


def test_a_verdict_on_an_older_revision_is_discarded(store: Store) -> None:
    store.link_feedback.offer(FORGE, 10, [(ANVIL, "enclume")])
    store.pages.put_many([make_page(FORGE, "Forge", TEXT + " Et du feu.", revid=11)])
    with pytest.raises(NotOfferedError, match="has changed"):
        store.link_feedback.judge(FORGE, 10, ANVIL, "enclume", "rejected")
    store.link_feedback.offer(FORGE, 10, [(VICE, "étau")])
    assert [each.target_pageid for each in store.link_feedback.all()] == [ANVIL], "nor is it offered"
    with pytest.raises(NotOfferedError, match="was not offered"):
        store.link_feedback.judge(FORGE, 11, ANVIL, "enclume", "rejected")


def test_pages_that_the_mirror_does_not_have_get_no_feedback(store: Store) -> None:
    store.link_feedback.offer(404, 1, [(ANVIL, "enclume")])
    store.link_feedback.offer(FORGE, 10, [(404, "enclume")])
    store.link_feedback.offer(FORGE, 10, [])
    assert store.link_feedback.all() == []


@pytest.mark.parametrize("gone", [FORGE, ANVIL])
def test_feedback_goes_with_either_page_and_leaves_no_trace(store: Store, tmp_path: Path, gone: int) -> None:
    store.pages.put_many([make_page(FORGE, "Forge", "Le MOTSECRÉT brûle.", revid=12)])
    store.link_feedback.offer(FORGE, 12, [(ANVIL, "MOTSECRÉT"), (VICE, "brûle")])
    store.link_feedback.judge(FORGE, 12, ANVIL, "MOTSECRÉT", "rejected", "everyday")
    store.pages.delete([gone])
    kept = [each.target_pageid for each in store.link_feedback.all()]
    assert kept == ([] if gone == FORGE else [VICE])
    assert store.link_feedback.count_verdicts() == 0
    # Where the page itself goes on, its own text does; take that away too.
    store.pages.delete([FORGE])
    assert store.scrub()
    assert found(tmp_path, "MOTSECRÉT") == []
    assert store.integrity_check() == []


def test_feedback_stays_when_its_pages_are_read_renamed_or_changed(store: Store) -> None:
    store.link_feedback.offer(FORGE, 10, [(ANVIL, "enclume")])
    store.link_feedback.judge(FORGE, 10, ANVIL, "enclume", "rejected", "target")
    before = only(store)
    store.pages.put_many([make_page(FORGE, "Forge", TEXT, revid=10), make_page(ANVIL, "Enclume", revid=20)])
    store.pages.put_many([make_page(FORGE, "Forge", "Une belle enclume.", revid=11)])
    store.pages.put_many([make_page(ANVIL, "Enclume", "Lourde.", revid=21)])
    store.pages.rename_many([PageHead(pageid=ANVIL, namespace=0, title="Bigorne", revid=22)])
    assert only(store) == before


def test_words_that_a_page_no_longer_has_are_forgotten_and_what_was_said_is_not(
    store: Store, tmp_path: Path
) -> None:
    store.pages.put_many([make_page(FORGE, "Forge", "Le MOTSECRET et le MOTCACHÉ.", revid=11)])
    store.link_feedback.offer(FORGE, 11, [(ANVIL, "MOTSECRET"), (ANVIL, "MOTCACHÉ"), (VICE, "MOTSECRET")])
    store.link_feedback.judge(FORGE, 11, ANVIL, "MOTSECRET", "rejected", "target")
    store.link_feedback.judge(FORGE, 11, ANVIL, "MOTCACHÉ", "rejected", "span")
    store.pages.put_many([make_page(FORGE, "Forge", "Plus rien.", revid=12)])
    pair, unjudged = store.link_feedback.all()
    assert (pair.target_pageid, pair.link_text, pair.revid, counts(pair)) == (
        ANVIL,
        "",
        11,
        (2, 0, 0, 1, 1, 0),
    )
    assert pair.judged_at is not None
    assert (unjudged.target_pageid, unjudged.link_text, counts(unjudged)) == (VICE, "", (1, 0, 0, 0, 0, 0))
    assert unjudged.judged_at is None
    assert store.link_feedback.dropped(FORGE) == {ANVIL}
    assert store.scrub(thorough=True)
    assert found(tmp_path, "MOTSECRET") == []
    assert found(tmp_path, "MOTCACHÉ") == []


def test_words_that_were_never_saved_are_judged_and_not_kept(store: Store, tmp_path: Path) -> None:
    store.link_feedback.offer(FORGE, 10, [(ANVIL, "MOTSECRET"), (VICE, "étau")])
    store.link_feedback.judge(FORGE, 10, ANVIL, "MOTSECRET", "rejected")
    store.link_feedback.judge(FORGE, 10, ANVIL, "MOTSECRET", "rejected")
    assert [(each.link_text, each.rejected) for each in store.link_feedback.all()] == [("", 2), ("étau", 0)]
    assert store.link_feedback.dropped(FORGE) == {ANVIL}
    assert found(tmp_path, "MOTSECRET") == []


def test_hostile_words_are_kept_as_they_are(store: Store) -> None:
    words = "'); DROP TABLE page; -- <script>\u202e"
    store.pages.put_many([make_page(FORGE, "Forge", f"Un {words} ici.", revid=11)])
    store.link_feedback.offer(FORGE, 11, [(ANVIL, words)])
    store.link_feedback.judge(FORGE, 11, ANVIL, words, "accepted")
    assert (only(store).link_text, only(store).accepted) == (words, 1)


def test_of_what_nobody_judges_only_the_newest_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.store.link_feedback.MOST_UNJUDGED", 3)
    words = ["forge", "sert", "une", "enclume", "étau"]
    store.link_feedback.offer(ANVIL, 20, [(FORGE, "")])
    store.link_feedback.offer(FORGE, 10, [(ANVIL, words[0])])
    store.link_feedback.judge(FORGE, 10, ANVIL, words[0], "accepted")
    for word in words[1:]:
        store.link_feedback.offer(FORGE, 10, [(ANVIL, word)])
    kept = [(each.pageid, each.link_text) for each in store.link_feedback.all()]
    assert kept == [
        (FORGE, "enclume"),
        (FORGE, "forge"),  # somebody has said what they think of it
        (FORGE, "une"),
        (FORGE, "étau"),
        (ANVIL, ""),
    ]
