"""The matters that notes name."""

from capture.local_extraction import LocalExtractor
from capture.notes import read_notes


def test_notes_that_name_no_matter_have_no_topics() -> None:
    text = "\n\n".join(f"The kettle number {number} is full of scale" for number in range(40))
    assert LocalExtractor().extract(read_notes(text)).summary.topics == ()


def test_a_subtopic_of_a_chat_is_no_topic() -> None:
    chat = (
        "10:00 <tess> hello\n10:00 <remi> hello\n10:00 <tess> topic: Kettles\n10:01 <remi> they are old\n"
        "10:02 <tess> subtopic: issue 12\n10:03 <remi> yes\n10:04 <tess> it is\n"
    )
    assert LocalExtractor().extract(read_notes(chat, filename="a.log")).summary.topics == ("Kettles",)
