"""What a diff marks within its lines."""

from capture.page_edits import text_diff
from webui.pages.review_words import with_marks


def marked(old: str, new: str) -> list[str]:
    return [line.text[start:end] for line, marks in with_marks(text_diff(old, new)) for start, end in marks]


def test_what_is_new_in_a_line_is_marked_line_by_line() -> None:
    old = "{{Practice\n|contacts=Zoé\n|sources=Un carnet\n}}\nTexte."
    new = "{{Practice\n|contacts=Zoé, Marc\n|sources=Un carnet, Réunion\n}}\nTexte.\n== Tout neuf ==\n"
    assert marked(old, new) == [", Marc", ", Réunion"]


def test_nothing_is_marked_in_lines_that_are_new_as_a_whole() -> None:
    assert marked("Un.\nDeux.", "Un.\nUn et demi.\nDeux.") == []
    assert marked("Un.", "Autre chose\nsur deux lignes") == []
