"""Both extractors keep to the contract: the rules, and a language model, whether it reads well or not."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from capture.checking import CheckedExtractor
from capture.extraction import Extractor
from capture.llm_extraction import LlmExtractor
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes
from search.language_model import ChatCompletionsModel
from search.settings import LanguageModelSettings
from tests.chat_server import ChatServer, Scripted, completion, refuses, says, serve_chat
from tests.extractor_contract import DETECTOR, MINUTES, ExtractorContract

_LINE = re.compile(r"^(\d+)\| (.*)$", re.MULTILINE)


def faithful(question: Mapping[str, Any]) -> Scripted:
    """Answer as a good model would, by the notes' own markers."""
    reply: dict[str, Any] = {name: [] for name in ("people", "topics", "actions", "decisions", "questions")}
    reply |= {"title": None, "date": None, "practices": []}
    statements = []
    for number, line in _LINE.findall(question["messages"][-1]["content"]):
        label, _, rest = (part.strip() for part in line.partition(":"))
        if line.startswith("## "):
            reply["topics"].append({"text": line[3:], "lines": [number]})
        elif label in ("Décision", "Proposition"):
            reply["decisions"].append({"text": rest, "decided": label == "Décision", "lines": [number]})
        elif found := re.match(r"(?:We agreed to|On a décidé de) (.+)\.", line):
            reply["decisions"].append({"text": found[1], "decided": True, "lines": [number]})
        elif label == "ACTION":
            owner = re.match(r"(?:[A-Z]\w+ ?)+(?= )", rest)
            who = owner[0] if owner else None
            text = rest.removeprefix(who or "").strip()
            reply["actions"].append(
                {"text": text, "owner": who, "due": None, "done": False, "lines": [number]}
            )
        elif task := re.match(r"- \[ \] (.+?)(?: \((\w+)\)| pour (\w+))$", line):
            who = task[2] or task[3]
            reply["actions"].append({"text": task[1], "owner": who, "due": "", "done": "no", "lines": number})
        elif label == "Question":
            reply["questions"].append({"text": rest, "lines": [f"L{number}"]})
        elif label in ("Contexte", "Solution", "Résultats"):
            field = {"Contexte": "context", "Solution": "solution", "Résultats": "results"}[label]
            statements.append({"field": field, "text": rest, "lines": [int(number)]})
    if statements:
        reply["practices"].append({"id": "P1", "title": "Prêt des outils", "statements": statements})
    return says(reply)


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with serve_chat() as chat:
        yield chat


def llm(server: ChatServer, answer: Callable[[Mapping[str, Any]], Scripted], characters: int) -> Extractor:
    server.reply(answer)
    settings = LanguageModelSettings(url=server.url, model="tiny", api_key="sk-secret", answer_seconds=20.0)
    return LlmExtractor(
        model=ChatCompletionsModel(settings, sleep=lambda _seconds: None),
        detector=DETECTOR,
        window_characters=characters,
    )


class TestLocalExtractor(ExtractorContract):
    def make(self) -> Extractor:
        return CheckedExtractor(LocalExtractor(detector=DETECTOR), detector=DETECTOR)


class TestFaithfulModel(ExtractorContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: ChatServer) -> None:
        self.server = server

    def make(self) -> Extractor:
        return llm(self.server, faithful, 8_000)

    def test_the_model_is_named(self) -> None:
        found = self.make().extract(read_notes(MINUTES))
        assert found.summary.extracted_by == "tiny"
        assert found.remarks == ()
        assert found.practices[0].title == "Prêt des outils"
        assert list(found.practices[0].fields) == ["context", "solution", "results"]


class TestFaithfulModelInSmallWindows(TestFaithfulModel):
    def make(self) -> Extractor:
        return llm(self.server, faithful, 300)


class TestModelThatSaysNothingOfUse(ExtractorContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: ChatServer) -> None:
        self.server = server

    def make(self) -> Extractor:
        answers = (says("I cannot help with that."), refuses(500, "boom"), completion({"content": None}))
        return llm(self.server, lambda question: answers[len(json.dumps(question)) % 3], 300)


class TestModelThatInvents(ExtractorContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: ChatServer) -> None:
        self.server = server

    def make(self) -> Extractor:
        def invent(question: Mapping[str, Any]) -> Scripted:
            lines = [int(number) for number, _ in _LINE.findall(question["messages"][-1]["content"])]
            text = {"text": "Dominique Martel vend 40 vélos le 3 mai.", "lines": lines[:3]}
            return says(
                {
                    "title": {"text": "Le casse du siècle", "lines": lines[:1]},
                    "date": {"text": "1999-01-01", "lines": lines[:1]},
                    "people": [{"name": "Dominique Martel", "role": "present", "lines": lines}],
                    "topics": [text],
                    "actions": [text | {"owner": "Dominique", "due": "1999-01-01", "done": True}],
                    "decisions": [text | {"decided": True}],
                    "questions": [text],
                    "practices": [{"id": "P1", "title": "Vol", "statements": [text | {"field": "solution"}]}],
                }
            )

        return llm(self.server, invent, 8_000)
