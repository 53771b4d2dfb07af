"""A diff says what changes, and where, and no more than is needed to see it."""

from hypothesis import given
from hypothesis import strategies as st

from capture.text_diff import DiffLine, text_diff

_TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "== x =="]), max_size=25).map("\n".join)


def test_lines_around_a_difference_are_shown_and_the_rest_is_a_gap() -> None:
    old = "\n".join(f"ligne {n}" for n in range(1, 21))
    new = old.replace("ligne 10\n", "ligne dix\nligne dix bis\n")
    shown = [
        (line.kind, line.text, line.old_number, line.new_number) for line in text_diff(old, new, context=2)
    ]
    assert shown == [
        ("gap", "", 1, 1),
        ("same", "ligne 8", 8, 8),
        ("same", "ligne 9", 9, 9),
        ("removed", "ligne 10", 10, None),
        ("added", "ligne dix", None, 10),
        ("added", "ligne dix bis", None, 11),
        ("same", "ligne 11", 11, 12),
        ("same", "ligne 12", 12, 13),
        ("gap", "", 13, 14),
    ]
    assert [line.count for line in text_diff(old, new, context=2) if line.kind == "gap"] == [7, 8]


def test_one_line_is_shown_and_no_gap_of_one() -> None:
    kinds = [line.kind for line in text_diff("a\nb\nc", "a\nb\nd", context=1)]
    assert kinds == ["same", "same", "removed", "added"]


def test_equal_texts_have_no_diff() -> None:
    assert text_diff("a\nb", "a\nb") == ()
    assert text_diff("", "") == ()


def test_a_page_that_is_new_is_added_as_a_whole() -> None:
    assert text_diff("", "a\nb") == (
        DiffLine(kind="added", text="a", new_number=1),
        DiffLine(kind="added", text="b", new_number=2),
    )


@given(old=_TEXTS, new=_TEXTS, context=st.integers(0, 4))
def test_both_texts_can_be_read_from_their_diff(old: str, new: str, context: int) -> None:
    before, after = [], []
    for line in text_diff(old, new, context=context):
        if line.kind == "gap":
            assert line.old_number is not None
            assert line.count > 1
            hidden = old.splitlines()[line.old_number - 1 : line.old_number - 1 + line.count]
            before += hidden
            after += hidden
            continue
        if line.kind != "added":
            before.append(line.text)
            assert line.old_number == len(before)
        if line.kind != "removed":
            after.append(line.text)
            assert line.new_number == len(after)
    if old.splitlines() != new.splitlines():
        assert (before, after) == (old.splitlines(), new.splitlines())


def test_a_huge_page_is_compared_at_once() -> None:
    page = [f"ligne {n % 50}" for n in range(200_000)]
    new = [*page[:100_000], "ajout", *page[100_000:]]
    diff = text_diff("\n".join(page), "\n".join(new))
    assert [line.text for line in diff if line.kind == "added"] == ["ajout"]
    assert len(diff) < 10
    rewritten = text_diff("\n".join(page), "\n".join(line[::-1] for line in page))
    assert {line.kind for line in rewritten} == {"removed", "added"}
    assert len(rewritten) == 400_000
