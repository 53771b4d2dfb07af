"""`compagnon topics` on the sample community."""

import pytest

from tests.command_line import CommandLine, assert_shape, compagnon, sample, sample_data

__all__ = ["compagnon", "sample", "sample_data"]  # fixtures


@pytest.mark.model
def test_topics_their_people_and_a_persons_topics(sample: CommandLine) -> None:
    listed = sample("topics", "--json", "--top-k", "100").json
    assert_shape(listed, "topics")
    factors = [topic["absence_factor"] for topic in listed["topics"]]
    assert len(factors) > 3
    assert factors == sorted(factors)
    assert all(len(topic["holders"]) == topic["absence_factor"] for topic in listed["topics"])

    largest = max(listed["topics"], key=lambda topic: int(topic["pages"]))
    known = sample("topics", largest["name"], "--json", "--top-k", "3").json
    assert_shape(known, "topics")
    (topic,) = known["topics"]
    assert topic["name"] == largest["name"]
    assert 1 <= len(topic["experts"]) <= 3

    person = topic["experts"][0]["name"]
    theirs = sample("topics", "--person", person, "--json").json
    assert_shape(theirs, "topics")
    assert largest["name"] in [each["name"] for each in theirs["topics"]]
    assert all(each["evidence"] for each in theirs["topics"])

    shown = sample("topics", largest["name"])
    assert shown.code == 0
    assert person in shown.out
    assert f"{largest['pages']} pages" in shown.out


@pytest.mark.model
def test_what_is_no_topic_is_said_in_one_line(sample: CommandLine) -> None:
    missing = sample("topics", "Haute couture spatiale")
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert "Haute couture spatiale" in missing.err
    assert sample("topics", "Couture", "--person", "Nadia").code == 2
    assert "not known" in sample("topics", "--person", "Personne du Tout").out
