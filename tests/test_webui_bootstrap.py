"""The services of a data directory, asked for by several threads at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from connector.store import Store
from webui.bootstrap import build_services
from webui.config import load_config


def test_threads_that_ask_first_together_get_the_same_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    together = threading.Barrier(8)
    open_really = Store.open

    def open_slowly(location: str | Path, **options: Any) -> Store:
        time.sleep(0.05)  # long enough for all the others to come meanwhile
        opened.append(location)
        return open_really(location, **options)

    monkeypatch.setattr(Store, "open", open_slowly)
    services = build_services(load_config(tmp_path / "data"))

    def ask(_number: int) -> tuple[object, object]:
        together.wait()
        return services.searcher, services.links

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    services.close()
    assert len(opened) == 1
    assert len({(id(searcher), id(links)) for searcher, links in answers}) == 1
