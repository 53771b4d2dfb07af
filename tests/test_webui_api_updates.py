"""What asks a running service to bring its index in step."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from search.indexer import IndexReport
from tests.community import small_community
from webui.app import create_app
from webui.bootstrap import ASKED_UPDATES_AT_ONCE


def test_who_asks_for_updates_that_do_not_end_does_not_take_all_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = small_community(tmp_path)
    begun, go_on = threading.Semaphore(0), threading.Event()
    update = services.update_index

    def slow(*, reread: bool = False) -> IndexReport:
        begun.release()
        assert go_on.wait(30)
        return update(reread=reread)

    monkeypatch.setattr(services, "update_index", slow)
    app = create_app(services)
    with services.index_lock.acquire(exclusive=True, wait_seconds=5, url="http://127.0.0.1:1"):
        owner = services.index_lock.owner()
        assert owner
        token = {"Authorization": f"Bearer {owner.token}"}

        def ask() -> int:
            return app.test_client().post("/api/v1/index", headers=token).status_code

        with ThreadPoolExecutor() as pool:
            waiting = [pool.submit(ask) for _ in range(ASKED_UPDATES_AT_ONCE)]
            for _ in waiting:
                assert begun.acquire(timeout=30)
            assert ask() == 503
            go_on.set()
            assert {each.result() for each in waiting} == {200}
        assert ask() == 200
    services.close()
