"""Paragraphs of the notes: each sentence keeps its lines, also in notes that no person wrote."""

from capture.blocks import blocks_of
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes
from capture.people import Roster
from capture.rules.owners import split_owner

WRAPPED = """\
On a essayé la meuleuse toute la matinée. Elle chauffe dès que le disque est
complètement neuf. Il faut la laisser refroidir dix minutes après chaque coupe,
naturellement, même quand la file d'attente est longue. Sinon le moteur grille.
"""


def test_a_sentence_has_the_lines_on_which_it_stands() -> None:
    [block] = blocks_of(read_notes(WRAPPED).lines)
    assert [(one.text.split()[0], one.lines) for one in block.sentences()] == [
        ("On", (1,)),
        ("Elle", (1, 2)),
        ("Il", (2, 3)),
        ("Sinon", (3,)),
    ]


def test_every_stretch_of_a_paragraph_has_its_lines() -> None:
    [block] = blocks_of(read_notes(WRAPPED).lines)
    of_character = [
        max(number for number, begin in zip(block.lines, block.starts, strict=True) if begin <= place)
        for place in range(len(block.text))
    ]
    for start in range(len(block.text)):
        for end in range(start + 1, len(block.text) + 1, 7):
            assert block.lines_of(start, end) == tuple(sorted(set(of_character[start:end])))


def test_a_paragraph_of_thousands_of_sentences_is_read() -> None:
    """200 kB of "? ? ?" took minutes: each sentence looked at each line of its paragraph."""
    notes = read_notes(("? " * 60).strip() + "\n" + "\n".join([("? " * 60).strip()] * 1_600))
    assert not LocalExtractor().extract(notes).practices


def test_a_line_without_end_has_no_owner() -> None:
    """A line of 200 kB took minutes: the patterns of owners grow with the square of its length."""
    endless = "- " * 100_000
    assert split_owner(endless, Roster([]), expected=True).owner is None
