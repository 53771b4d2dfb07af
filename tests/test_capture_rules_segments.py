"""Notes without headings are cut where the talk turns to something else."""

import pytest

from capture.blocks import blocks_of
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes
from capture.rules.segments import segments
from tests.builders import HashingEmbedder

KETTLE = (
    "the kettle element was full of chalk and scale",
    "vinegar takes the scale off the kettle element",
    "a kettle with a clean element boils faster",
    "we descale every kettle with vinegar in spring",
    "the element of the old kettle is broken by scale",
)
BICYCLE = (
    "the bicycle chain jumps on the worn sprocket",
    "a chain tool opens the bicycle chain",
    "the sprocket of the bicycle needs a new chain",
    "oil the chain after rain, the sprocket lives longer",
    "the bicycle wheel and its chain are mounted again",
)
TEXT = "\n\n".join([*KETTLE * 4, *BICYCLE * 4]) + "\n"


@pytest.mark.parametrize("embedder", [None, HashingEmbedder()], ids=["words", "meaning"])
def test_a_turn_of_the_talk_parts_two_topics(embedder: HashingEmbedder | None) -> None:
    found = segments(blocks_of(read_notes(TEXT).lines), embedder)
    assert len(found) == 2
    assert "kettle" in found[0].title
    assert "chain" in found[1].title
    turn = 2 * len(KETTLE * 4)
    assert abs(found[0].lines[1] - turn) <= 4
    assert found[1].lines[0] > found[0].lines[1]


def test_short_notes_and_those_of_one_matter_have_none() -> None:
    assert segments(blocks_of(read_notes("\n\n".join(KETTLE)).lines)) == []
    assert segments([]) == []


def test_topics_are_segments_only_where_nothing_names_a_topic() -> None:
    extractor = LocalExtractor(embedder=HashingEmbedder())
    assert len(extractor.extract(read_notes(TEXT)).summary.topics) == 2
    named = extractor.extract(read_notes(f"# Notes\n\n## Repairs\n\n{TEXT}", filename="a.md"))
    assert named.summary.topics == ("Repairs",)


def test_a_subtopic_of_a_chat_is_no_topic() -> None:
    chat = (
        "10:00 <tess> hello\n10:00 <remi> hello\n10:00 <tess> topic: Kettles\n10:01 <remi> they are old\n"
        "10:02 <tess> subtopic: issue 12\n10:03 <remi> yes\n10:04 <tess> it is\n"
    )
    assert LocalExtractor().extract(read_notes(chat, filename="a.log")).summary.topics == ("Kettles",)
