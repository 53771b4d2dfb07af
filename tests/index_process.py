"""An update of the index as a process that kills itself at one of its steps.

`python -m tests.index_process FOLDER MODEL STEP DELAY`: brings the index in `FOLDER/index` in step with
`FOLDER/mirror.sqlite3`, and is killed `DELAY` seconds after step `STEP` began. Step 0 never comes: it prints
how many steps there were.
"""

import functools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connector.store import Store
from search import index_filling
from tests.builders import HashingEmbedder, make_index

ROOT = Path(__file__).parent.parent
_STEPS = {
    "vectors": ("probe", "ids", "add", "delete", "drop_other_models"),
    "keywords": ("create", "delete_pages", "wipe", "chunk_ids", "put_page", "put_meta", "optimize"),
    "embedder": ("embed_passages",),
}


def run_update(folder: Path, *, model: str, step: int = 0, delay: float = 0.0) -> tuple[int, int]:
    """Run the update in a process of its own: its exit code, and how many steps it took (0 when killed)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.index_process", str(folder), model, str(step), str(delay)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)},
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, int(done.stdout or 0)


class _Steps:
    """Counts the beginnings and ends of calls, and kills the process at one of them, or a moment later."""

    def __init__(self, *, step: int, delay: float) -> None:
        self.count = 0
        self._step = step
        self._delay = delay

    def watch(self, owner: object, name: str) -> None:
        """Count the calls of a method."""
        setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def counted(*args: Any, **options: Any) -> Any:
            self._tick()
            result = method(*args, **options)
            self._tick()
            return result

        return counted

    def _tick(self) -> None:
        self.count += 1
        if self.count != self._step:
            return
        if self._delay:
            threading.Timer(self._delay, _die).start()
        else:
            _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _main(folder: Path, model: str, step: int, delay: float) -> None:
    index_filling.PASSAGES_AT_ONCE = 16
    index_filling.READ_AT_ONCE = 10
    index = make_index(folder, Store.open(folder / "mirror.sqlite3"), HashingEmbedder(model))
    steps = _Steps(step=step, delay=delay)
    for owner, names in _STEPS.items():
        for name in names:
            steps.watch(getattr(index, owner), name)
    index.update()
    print(steps.count)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
