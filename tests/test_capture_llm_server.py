"""The extractor against a real server, `transformers serve`, with a tiny model that babbles."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from capture.llm_extraction import LlmExtractor
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes
from search.language import LanguageDetector
from search.language_model import ChatCompletionsModel
from search.settings import LanguageModelSettings
from tests.extractor_contract import MINUTES
from tests.tiny_models import tiny_language_model

_PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The server's address, and what it calls the model."""
    folder = tiny_language_model(tmp_path_factory.mktemp("model"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder.with_suffix(".log")
    with log.open("wb") as told:
        server = subprocess.Popen(
            [
                *(str(Path(sys.executable).with_name("transformers")), "serve", str(folder)),
                *("--host", "127.0.0.1", "--port", str(port), "--device", "cpu"),
            ],
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(server, address, log)
        yield address, str(folder)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_up(server: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{address}/health", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"transformers serve did not start: {log.read_text(errors='replace')[-2_000:]}")


def test_random_text_is_noticed_and_the_local_extractor_reads(served: tuple[str, str]) -> None:
    url, name = served
    detector = LanguageDetector()
    notes = read_notes(MINUTES)
    model = ChatCompletionsModel(LanguageModelSettings(url=url, model=name, answer_seconds=60))
    found = LlmExtractor(model=model, detector=detector, max_tokens=60).extract(notes)
    assert found.summary == LocalExtractor(detector=detector).extract(notes).summary
    assert [(remark.code, remark.detail) for remark in found.remarks] == [("fallback", "unreadable")]
    assert found.remarks[0].lines == tuple(range(1, notes.line_count + 1))


def test_the_server_really_answered(served: tuple[str, str]) -> None:
    """So that the test before this one does not pass against a server that only refuses."""
    url, name = served
    question = {"model": name, "messages": [{"role": "user", "content": "Bonjour"}], "max_tokens": 5}
    reply = httpx.post(f"{url}/v1/chat/completions", json=question, timeout=60, trust_env=False)
    assert reply.json()["choices"][0]["message"]["content"]


def test_a_model_that_the_server_does_not_have_is_refused_and_nothing_waits(served: tuple[str, str]) -> None:
    model = ChatCompletionsModel(LanguageModelSettings(url=served[0], model="another", answer_seconds=60))
    found = LlmExtractor(model=model).extract(read_notes(MINUTES))
    assert found.summary.extracted_by == "local"
    assert found.summary.actions
    assert [remark.detail for remark in found.remarks] in (["unavailable"], ["refused"])
