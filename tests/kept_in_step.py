"""Services whose wiki is in memory and whose index needs no model: for what keeps them in step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.builders import HashingEmbedder
from tests.fakes import FakeWiki
from webui.bootstrap import Services, build_services
from webui.config import load_config


@contextmanager
def fake_services(
    folder: Path, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch, *, settings: str = ""
) -> Iterator[Services]:
    """Services on `wiki`, with a few pages in it; nothing is synced yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compagnon.toml").write_text(
        f'[web]\nsign_in = "off"\n[wiki]\napi_url = "{wiki.source}"\n{settings}', encoding="utf-8"
    )
    wiki.edit("Compost", "Le compost se retourne au printemps.")
    wiki.edit("Paillage", "Le paillage garde l'eau au pied des plants.")
    wiki.edit("Rotation", "Les légumes changent de planche chaque année.")
    services = build_services(load_config(folder))
    services.__dict__["embedder"] = HashingEmbedder()
    monkeypatch.setattr(services, "wiki", lambda **_: wiki)
    yield services
    services.close()


def titles_found(services: Services, words: str) -> list[str]:
    """The titles of the pages that the keyword index finds."""
    index = services.index
    hits = index.keywords.search(index.analyzer.query(words, "fr"), limit=20)
    chunks = index.keywords.chunks([chunk_id for chunk_id, _ in hits])
    return sorted({stored.chunk.title for stored in chunks.values()})


def counted(services: Services, monkeypatch: pytest.MonkeyPatch, name: str) -> list[dict[str, Any]]:
    """Note each call of a method of the services, with its options."""
    calls: list[dict[str, Any]] = []
    original: Callable[..., Any] = getattr(services, name)

    def noted(*arguments: Any, **options: Any) -> Any:
        calls.append(options)
        return original(*arguments, **options)

    monkeypatch.setattr(services, name, noted)
    return calls
