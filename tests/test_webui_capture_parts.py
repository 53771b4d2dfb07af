"""What reads notes, as the settings name it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.notes import read_notes
from connector.errors import ConfigError
from tests.chat_server import ChatServer, says, serve_chat
from tests.extractor_contract import MINUTES
from webui.bootstrap import build_services
from webui.config import load_config

NOTES = read_notes(MINUTES)


@pytest.fixture(scope="module")
def chat() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


def settings(folder: Path, text: str) -> Path:
    (folder / "compagnon.toml").write_text(text, encoding="utf-8")
    return folder


def test_notes_are_read_by_rules_and_go_nowhere_by_default(chat: ChatServer, tmp_path: Path) -> None:
    chat.reply(says("…"))
    search = f'[search]\nlanguage_model_url = "{chat.url}/v1"\nlanguage_model = "test"\n'
    services = build_services(load_config(settings(tmp_path, search)))
    assert services.capture.capture(NOTES).notes.extracted_by == "local"
    assert chat.questions == []


def test_the_language_model_of_search_reads_them_when_it_is_told_to(chat: ChatServer, tmp_path: Path) -> None:
    decision = {"text": "Acheter deux pieds d’atelier", "decided": True, "lines": [13]}
    chat.reply(says({"people": [], "decisions": [decision, decision | {"text": "Vendre 40 vélos"}]}))
    text = (
        f'[search]\nlanguage_model_url = "{chat.url}/v1"\nlanguage_model = "test"\n'
        'language_model_key = "sk-kept"\n[capture]\nextractor = "llm"\n'
    )
    services = build_services(load_config(settings(tmp_path, text)))
    result = services.capture.capture(NOTES)
    assert result.notes.extracted_by == "test"
    assert [one.text for one in result.notes.decisions] == ["Acheter deux pieds d’atelier"]
    assert [(remark.code, remark.detail) for remark in result.remarks] == [("unsupported", "1")]
    assert chat.headers[0]["Authorization"] == "Bearer sk-kept"
    assert "sk-kept" not in chat.prompt


def test_without_a_language_model_the_setting_is_wrong(tmp_path: Path) -> None:
    services = build_services(load_config(settings(tmp_path, '[capture]\nextractor = "llm"\n')))
    with pytest.raises(ConfigError, match=r"search\.language_model_url"):
        services.capture.capture(NOTES)
    with pytest.raises(ConfigError, match="extractor"):
        load_config(settings(tmp_path, '[capture]\nextractor = "magic"\n'))
