"""A language model that fails in each way: the local extractor reads, the extraction says so, and it ends."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from capture.extraction import Extraction
from capture.llm_extraction import LlmExtractor
from capture.local_extraction import LocalExtractor
from capture.notes import Notes, read_notes
from search.language import LanguageDetector
from search.language_model import ChatCompletionsModel
from search.settings import LanguageModelSettings
from tests.chat_server import ChatServer, Reply, Scripted, completion, refuses, says, serve_chat

DETECTOR = LanguageDetector()
KEY = "sk-a-key-that-nobody-may-see"
NOTES = read_notes(
    """\
# Réunion de l’atelier vélo du 12 mars 2026

Présents : Léa Martin et Marc Dubois

## Budget

Décision : acheter deux pieds d’atelier
ACTION : Marc commande les pieds avant le 20 mars

## Local

Décision : repeindre le mur
ACTION : Léa relance la mairie

## Divers

Décision : fermer le samedi
ACTION : Marc prévient le quartier
""",
    filename="notes.md",
)
LOCAL = LocalExtractor(detector=DETECTOR).extract(NOTES)
EMPTY: dict[str, Any] = {
    "title": None, "date": None, "people": [], "topics": [], "actions": [], "decisions": [], "questions": [],
    "practices": [],
}  # fmt: skip
GOOD = EMPTY | {"decisions": [{"text": "Acheter deux pieds d’atelier", "decided": True, "lines": [7]}]}


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with serve_chat() as chat:
        yield chat


def extract(
    server: ChatServer, *replies: Reply, notes: Notes = NOTES, seconds: float = 20.0, characters: int = 8_000
) -> Extraction:
    server.reply(*replies)
    settings = LanguageModelSettings(url=server.url, model="tiny", api_key=KEY, answer_seconds=seconds)
    model = ChatCompletionsModel(settings, sleep=lambda _seconds: None)
    return LlmExtractor(model=model, detector=DETECTOR, window_characters=characters).extract(notes)


def fallbacks(found: Extraction) -> dict[str, tuple[int, ...]]:
    return {remark.detail: remark.lines for remark in found.remarks if remark.code == "fallback"}


FAULTS: tuple[tuple[Scripted, str], ...] = (
    (Scripted(body=b"<html>login</html>", content_type="text/html"), "unreadable"),
    (Scripted(body=b""), "unreadable"),
    (completion({"role": "assistant", "content": None}), "unreadable"),
    (completion({"role": "assistant", "content": None, "refusal": "I cannot help."}), "unreadable"),
    (says("Je ne peux pas répondre à cette demande."), "unreadable"),
    (says("I'm sorry, but I cannot assist with that."), "unreadable"),
    (says(json.dumps(GOOD)[:60], finish_reason="length"), "unreadable"),
    (says(json.dumps(GOOD)[:60]), "unreadable"),
    (says("{'decisions': [}"), "unreadable"),
    (says("[1, 2, 3]"), "unreadable"),
    (says('"décision"'), "unreadable"),
    (says({"verdict": "fine"}), "unreadable"),
    (says({"decisions": "Acheter deux pieds"}), "unreadable"),
    (Scripted(body=b" " * (5 << 20)), "unreadable"),
    (refuses(400, "context length exceeded"), "unavailable"),
    (refuses(401, f"wrong key {KEY}: Léa relance la mairie"), "refused"),
    (refuses(404, "no such model"), "refused"),
    (refuses(429, "slow down"), "unavailable"),
    (refuses(500, "out of memory"), "unavailable"),
    (refuses(503, "loading"), "unavailable"),
    (Scripted(body=b'{"choices": [{"mess', cut=True), "unavailable"),
    (says(EMPTY), "empty"),
    (says(EMPTY | {"actions": [{"text": "Vendre 40 vélos", "lines": [8]}]}), "unsupported"),
    (says(EMPTY | {"actions": [{"text": "Marc commande les pieds", "lines": [99, 0, "x"]}]}), "unsupported"),
)


@pytest.mark.parametrize(("reply", "why"), FAULTS)
def test_the_local_extractor_reads_what_the_model_does_not(
    server: ChatServer, reply: Reply, why: str
) -> None:
    found = extract(server, reply)
    assert (found.summary, found.practices) == (LOCAL.summary, LOCAL.practices)
    assert fallbacks(found) == {why: tuple(range(1, NOTES.line_count + 1))}
    assert len(server.questions) <= 4


@pytest.mark.parametrize(("reply", "why"), FAULTS)
def test_one_window_that_fails_leaves_the_others(server: ChatServer, reply: Scripted, why: str) -> None:
    def answer(question: Mapping[str, Any]) -> Scripted:
        text = question["messages"][-1]["content"]
        if "| Décision" not in text:
            return says(EMPTY)  # there is nothing to find
        return says(GOOD) if "| Décision : acheter" in text else reply

    found = extract(server, answer, characters=230)
    assert found.summary.extracted_by == "tiny"
    # From the model, with its capital; and from the notes.
    texts = [one.text for one in found.summary.decisions]
    assert texts == ["Acheter deux pieds d’atelier", "repeindre le mur", "fermer le samedi"]
    assert [one.owner for one in found.summary.actions] == ["Léa", "Marc"]
    assert fallbacks(found) == {why: tuple(range(10, 19))}


def test_a_slow_drip_and_a_silence_end_in_time(server: ChatServer) -> None:
    found = extract(server, Scripted(body=b" " * 600, drip_seconds=0.05), seconds=0.3)
    assert fallbacks(found).keys() == {"unavailable"}
    assert found.summary == LOCAL.summary


LONG = read_notes("\n\n".join(f"## Sujet {n}\n\nDécision : fermer la porte {n}" for n in range(1, 60)))


@pytest.mark.parametrize(
    ("reply", "most"),
    [
        (refuses(401, "who?"), 1),
        (refuses(500, "boom"), 2),
        (Scripted(body=b" " * 600, drip_seconds=0.05), 2),
        (says("no JSON"), 6),  # three windows, each asked once more
    ],
)
def test_a_server_that_keeps_failing_is_not_asked_for_ever(
    server: ChatServer, reply: Scripted, most: int
) -> None:
    found = extract(server, reply, notes=LONG, characters=200, seconds=0.5 if reply.drip_seconds else 20.0)
    assert len(server.questions) == most
    assert "stopped" in fallbacks(found)
    assert sum(map(len, fallbacks(found).values())) >= LONG.line_count - 60  # empty lines belong to no window
    assert len(found.summary.decisions) == 59


def test_nobody_at_the_address_is_noticed_twice_and_no_more() -> None:
    with serve_chat() as gone:
        pass
    found = extract(gone, says(GOOD), notes=LONG, characters=200)
    assert {"unavailable", "stopped"} == fallbacks(found).keys()
    assert found.summary.extracted_by == "local"


def test_a_server_that_goes_away_half_way_keeps_what_it_said(server: ChatServer) -> None:
    replies = (says(EMPTY), says(GOOD), Scripted(body=b"{", cut=True))
    found = extract(server, *replies, characters=230)
    assert found.summary.decisions[0].text == "Acheter deux pieds d’atelier"
    assert [one.text for one in found.summary.decisions[1:]] == ["repeindre le mur", "fermer le samedi"]
    assert "unavailable" in fallbacks(found)


def test_an_answer_that_is_no_json_may_be_corrected_once(server: ChatServer) -> None:
    found = extract(server, says("Voici : rien."), says(GOOD))
    assert fallbacks(found) == {}
    assert "JSON seul" in server.questions[1]["messages"][-1]["content"]


def test_a_remark_holds_no_key_and_no_text_of_the_notes(
    server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        found = extract(server, refuses(401, f"wrong key {KEY}: Léa relance la mairie"))
    told = " ".join(remark.detail for remark in found.remarks)
    assert "Léa" not in told
    assert KEY not in told + caplog.text


def wrapped(make: Callable[[str], str]) -> Scripted:
    return says(make(json.dumps(GOOD, ensure_ascii=False)))


@pytest.mark.parametrize(
    "reply",
    [
        wrapped(lambda text: f"```json\n{text}\n```"),
        wrapped(lambda text: f"Bien sûr ! Voici :\n{text}\nBonne journée."),
        wrapped(lambda text: f"<think>Hm {{</think>{text}"),
        wrapped(lambda text: f'{{"answer": {text}}}'),
        wrapped(lambda text: text.replace("[7]", '["7"]')),
        wrapped(lambda text: text.replace("[7]", '"L7"')),
        wrapped(lambda text: text.replace("[7]", "7.0")),
        wrapped(lambda text: text.replace("[7]", '[7, 999, -4, true, null, {"a": 1}]')),
        wrapped(lambda text: text.replace("true", '"yes"')),
        wrapped(lambda text: text.replace('"lines"', '"note": "!", "lines"')),
        wrapped(lambda text: text.replace('"topics": []', '"topics": {"a": 1}, "extra": [{}]')),
        wrapped(lambda text: text.replace('"people": []', '"people": [null, 3, "Léa", {"name": 5}]')),
        wrapped(lambda text: text.replace('"actions": [], ', "")),
    ],
)
def test_a_schema_that_is_ignored_is_understood_where_it_can_be(server: ChatServer, reply: Scripted) -> None:
    found = extract(server, reply)
    assert fallbacks(found) == {}
    assert [(one.text, one.decided, one.lines) for one in found.summary.decisions] == [
        ("Acheter deux pieds d’atelier", True, (7,))
    ]


def test_too_large_an_answer_is_read_in_bounds(server: ChatServer) -> None:
    many = [
        {"text": f"Acheter deux pieds d’atelier {n}", "decided": True, "lines": [7]} for n in range(5_000)
    ]
    found = extract(server, says(EMPTY | {"decisions": many}))
    assert len(found.summary.decisions) + len(found.unsupported) <= 210
