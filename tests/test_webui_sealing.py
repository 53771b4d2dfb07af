"""What is sealed: read with its own key and purpose only, and not when it was changed."""

from pathlib import Path

import pytest

from connector.errors import ConfigError
from webui.config import load_config
from webui.sign_in.sealing import Sealer

KEY = "k" * 43


def test_what_was_sealed_is_read_with_the_same_key_and_purpose_only() -> None:
    sealed = Sealer(KEY, purpose="credentials").seal("Inès@compagnon · été")
    assert "compagnon" not in sealed
    assert Sealer(KEY, purpose="credentials").open(sealed) == "Inès@compagnon · été"
    assert Sealer(KEY, purpose="other").open(sealed) is None
    assert Sealer("l" * 43, purpose="credentials").open(sealed) is None


def test_what_was_changed_is_not_read() -> None:
    sealer = Sealer(KEY, purpose="credentials")
    sealed = sealer.seal("secret")
    middle = len(sealed) // 2
    other = "A" if sealed[middle] != "A" else "B"
    assert sealer.open(sealed[:middle] + other + sealed[middle + 1 :]) is None
    assert sealer.open("été") is None


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(tmp_path)
    made = config.secret_key()
    assert made == config.secret_key()
    monkeypatch.setenv("COMPAGNON_SECRET_KEY", f"{KEY}\n")
    assert config.secret_key() == KEY
    monkeypatch.setenv("COMPAGNON_SECRET_KEY", "short")
    with pytest.raises(ConfigError, match="32 characters"):
        config.secret_key()
