"""Lines as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webui.pages.display import line_spans
from webui.pages.line_choice import LineChoiceError, chosen_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("  , ", ()),
        ("12", (12,)),
        ("12, 14–16", (12, 14, 15, 16)),
        ("16 - 14;12", (12, 14, 15, 16)),
        ("3 3 2—3", (2, 3)),
        ("20", (20,)),
    ],
)
def test_numbers_and_spans_are_read_as_they_are_written(text: str, lines: tuple[int, ...]) -> None:
    assert chosen_lines(text, line_count=20) == lines


@pytest.mark.parametrize(
    ("text", "part", "beyond"),
    [
        ("21", "21", True),
        ("0", "0", True),
        ("18–25", "25", True),
        ("douze", "douze", False),
        ("3–", "3–", False),
        ("-3", "–3", False),
        ("1–2–3", "1–2–3", False),
        ("²", "²", False),
        ("12345678", "12345678", False),
    ],
)
def test_what_names_no_line_is_told_with_the_part_that_is_wrong(text: str, part: str, beyond: bool) -> None:
    with pytest.raises(LineChoiceError) as raised:
        chosen_lines(f"4, {text}", line_count=20)
    assert (raised.value.part, raised.value.beyond) == (part, beyond)


@given(st.sets(st.integers(min_value=1, max_value=300)))
def test_what_is_shown_is_understood(lines: set[int]) -> None:
    assert chosen_lines(line_spans(sorted(lines)), line_count=300) == tuple(sorted(lines))
