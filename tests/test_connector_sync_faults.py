"""A wiki that misbehaves: the sync converges or stops with a clear error, and what it has stays as it was.

Whatever the fault, and whether it passes or lasts, in a first copy, a feed and a sweep alike: no page is
blanked or cut, none that the wiki still shows is purged, one request is in flight, the waits are bounded, and
once the wiki is well again the next sync makes both equal.
"""

import contextlib
import hashlib
import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.errors import ConnectorError
from tests.faultproxy import Fault, FaultProxy, Reply, Request
from tests.faults import (
    CommitThenDrop,
    DropBeforeForward,
    EmptyBody,
    HtmlPage,
    HttpError,
    SessionLost,
    SlowDrip,
    StuckContinue,
    TruncatedJson,
    WithoutRevisions,
    maxlag,
    ratelimited,
    readonly,
)
from tests.mediawiki import LocalWiki
from tests.mirrored_wiki import PATIENCE, MirroredWiki

FAULTS: dict[str, Fault] = {
    "429": HttpError(429),
    "429 and when to come back": HttpError(429, retry_after=2),
    "502": HttpError(502),
    "503": HttpError(503),
    "503 and when to come back": HttpError(503, retry_after=1),
    "503 and a date": HttpError(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    "503 for an hour": HttpError(503, retry_after=3_600),
    "maxlag": maxlag(retry_after=1),
    "ratelimited": ratelimited(),
    "readonly": readonly(),
    "half of the JSON": TruncatedJson(),
    "most of the JSON": TruncatedJson(keep=0.97),
    "a page of HTML": HtmlPage(),
    "nothing": EmptyBody(),
    "drop by drop": SlowDrip(bytes_per_second=50_000),
    "dropped before": DropBeforeForward(),
    "dropped after": CommitThenDrop(),
    "no revisions": WithoutRevisions(),
    "some revisions": WithoutRevisions(keep=1),
    "a continue that stands still": StuckContinue(),
    "session lost": SessionLost(),
}
_TITLES = [f"Fiche {number}" for number in range(10)]


class Now:
    """A `match` for some requests, chosen at random; it can be switched off."""

    def __init__(self, rng: random.Random, *, share: float, most: int) -> None:
        self._rng = rng
        self._share = share
        self._left = most

    def __call__(self, _request: Request) -> bool:
        hit = self._left > 0 and self._rng.random() < self._share
        self._left -= hit
        return hit

    def stop(self) -> None:
        self._left = 0


class FromThen:
    """A `match` for the n-th request from now on and all that follow; it can be switched off."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._stopped = False

    def __call__(self, _request: Request) -> bool:
        self._left -= 1
        return self._left <= 0 and not self._stopped

    def stop(self) -> None:
        self._stopped = True


class Ground:
    """One wiki for all faults; each test changes it and brings a mirror of its own in step."""

    def __init__(self, wiki: LocalWiki) -> None:
        self.wiki = wiki
        self.bot = wiki.create_bot_password("Lecture", "compagnon", grants=("basic", "highvolume"))
        self._number = 0
        self._leaving = ""
        for title in _TITLES:
            wiki.edit(title, f"Première version de {title}, avec [[Fiche 1]] et quelques mots de plus.")

    def live(self, rng: random.Random) -> None:
        """Edit, move, create and delete; one page less than a purge would need to be suspicious."""
        self._number += 1
        edited, moved = rng.sample(_TITLES, 2)
        self.wiki.edit(edited, f"Version {self._number} de cette fiche.\n\n== Suite ==\n" + "Du texte. " * 40)
        self.wiki.move(moved, f"Aide:{moved} ({self._number})", redirect=False)
        self.wiki.edit(moved, f"Nouvelle fiche {self._number}.")
        if self._number > 1:
            self.wiki.delete(f"Aide:{self._leaving}")
        self._leaving = f"{moved} ({self._number})"

    def every_text(self) -> set[str]:
        """The checksums of all texts that the wiki ever saved."""
        path = self.wiki.folder / "data" / "wiki.sqlite"
        with contextlib.closing(sqlite3.connect(path, timeout=60)) as database:
            texts = [row[0] for row in database.execute("SELECT old_text FROM text")]
        return {_sha1(text) for text in texts}


def _sha1(text: Any) -> str:
    content = text if isinstance(text, bytes) else str(text).encode()
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


@pytest.fixture(scope="module")
def ground(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    wiki = wiki_template_fr.copy(tmp_path_factory.mktemp("faults") / "wiki")
    yield Ground(wiki)
    wiki.discard()


class Trial:
    """A mirror, a proxy before the wiki, and what must hold after each sync."""

    def __init__(self, ground: Ground, proxy: FaultProxy, folder: Path) -> None:
        self.ground = ground
        self.proxy = proxy
        user, password = ground.bot
        self.mirrored = MirroredWiki(
            ground.wiki, folder, api_url=proxy.url, user=user, password=password, namespaces=(0, 12)
        )

    def sync(self, match: Now | FromThen, fault: Fault, *, sweep: bool) -> str:
        """Sync while the fault is there; return the error, "" when there was none."""
        self.mirrored.waits.clear()
        before = set(self.mirrored.mirror().pages)
        self.proxy.inject(match, fault, times=None)
        try:
            self.mirrored.sync(sweep=sweep, allow_shrink=False)
            error = ""
        except ConnectorError as e:
            error = str(e)
            assert error
            assert "\n" not in error
        match.stop()
        pages = self.mirrored.mirror().pages
        assert {page.sha1 for page in pages.values()} <= self.ground.every_text()
        shown = self.mirrored.truth().pages.keys()
        assert before & shown <= pages.keys()
        assert self.proxy.max_in_flight <= 1
        return error

    def heal(self, *, sweep: bool) -> None:
        """Sync undisturbed: the mirror is the wiki."""
        self.mirrored.sync(sweep=sweep, allow_shrink=False)
        assert not (different := self.mirrored.differences()), "\n".join(different)


@pytest.fixture
def trial(ground: Ground, tmp_path: Path) -> Iterator[Trial]:
    with FaultProxy(ground.wiki.server_url) as proxy:
        made = Trial(ground, proxy, tmp_path / "mirror")
        yield made
        made.mirrored.close()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_passes(trial: Trial, name: str, seeds: list[int]) -> None:
    rng = random.Random(f"{name} {seeds[0]}")  # noqa: S311
    fault = FAULTS[name]
    errors = [trial.sync(Now(rng, share=0.3, most=3), fault, sweep=False)]
    trial.heal(sweep=False)
    for sweep in (False, True):
        trial.ground.live(rng)
        errors.append(trial.sync(Now(rng, share=0.4, most=3), fault, sweep=sweep))
        assert sum(trial.mirrored.waits) <= 3 * PATIENCE
        trial.heal(sweep=sweep)
    assert any(exchange.fault is fault for exchange in trial.proxy.exchanges)
    print(f"seed {seeds[0]}, {name}: {errors}")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_lasts(trial: Trial, name: str, seeds: list[int], soak: bool) -> None:
    rng = random.Random(f"{name} {seeds[0]}")  # noqa: S311
    fault = FAULTS[name]
    phases = ("first copy", "feed", "sweep")
    one = phases[list(FAULTS).index(name) % 3]
    for phase in phases if soak else (one,):
        if phase == "first copy":
            error = trial.sync(FromThen(rng.randrange(2, 7)), fault, sweep=False)
        else:
            trial.mirrored.sync(sweep=False)
            trial.ground.live(rng)
            error = trial.sync(FromThen(rng.randrange(2, 7)), fault, sweep=phase == "sweep")
        print(f"seed {seeds[0]}, {name}, {phase}: {error}")
        # The patience of the piece of work that failed, and of those that it was a part of.
        assert not error or sum(trial.mirrored.waits) <= 2 * PATIENCE
        trial.heal(sweep=phase == "sweep")
    assert any(exchange.fault is fault for exchange in trial.proxy.exchanges)


# Pages that move, and sessions that end, while everything is being read


class MovingProxy(FaultProxy):
    """A proxy that lets lists of pages come in threes, and does something after the first part of one."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.after_first_part: list[Any] = []

    def forward(self, request: Request) -> Reply:
        """See `FaultProxy.forward`."""
        listing = request.parameters.get("gapnamespace") == "0"
        if listing:
            target, found = re.subn(r"gaplimit=\w+", "gaplimit=3", request.target)
            assert found, "the sweep asks otherwise than this test knows"
            request = Request(
                request.method, request.path, request.parameters, request.headers, target, request.body
            )
        reply = super().forward(request)
        if listing and "gapcontinue" not in request.parameters:
            for action in self.after_first_part:
                action()
            self.after_first_part.clear()
        return reply


def test_a_page_that_is_renamed_behind_the_sweep_is_not_purged(fresh_wiki: LocalWiki, tmp_path: Path) -> None:
    for title in ("Bêche", "Cisaille", "Râteau", "Sécateur", "Serfouette", "Tarière", "Zinc"):
        fresh_wiki.edit(title, f"{title} : un outil.")
    with MovingProxy(fresh_wiki.server_url) as proxy:
        mirrored = MirroredWiki(fresh_wiki, tmp_path, api_url=proxy.url)
        mirrored.sync(sweep=True)
        pages = set(mirrored.mirror().pages)
        proxy.after_first_part += [
            lambda: fresh_wiki.move("Zinc", "Abri", redirect=False),
            lambda: fresh_wiki.move("Tarière", "Discussion:Arrosoir", redirect=False),
        ]
        report = mirrored.sync(sweep=True)
        assert not proxy.after_first_part
        assert report.purged == 0
        assert set(mirrored.mirror().pages) == pages
        mirrored.sync(sweep=False)
        assert not mirrored.differences()
        mirrored.close()


@pytest.mark.parametrize("private", [False, True])
def test_a_session_that_is_lost_half_way_purges_nothing(
    fresh_wiki: LocalWiki, tmp_path: Path, private: bool
) -> None:
    for title in ("Bêche", "Cisaille", "Râteau", "Sécateur", "Serfouette"):
        fresh_wiki.edit(title, f"{title} : un outil.")
    user, password = fresh_wiki.create_bot_password("Lecture", "compagnon", grants=("basic", "highvolume"))
    if private:
        fresh_wiki.make_private()
    with FaultProxy(fresh_wiki.server_url) as proxy:
        mirrored = MirroredWiki(fresh_wiki, tmp_path, api_url=proxy.url, user=user, password=password)
        mirrored.sync(sweep=True)
        before = mirrored.mirror()
        proxy.clear_log()
        mirrored.sync(sweep=True)
        asked = proxy.requests
        logged_in = max(number for number, r in enumerate(asked) if r.parameters.get("action") == "login") + 2
        # It can log in again: it does, and goes on.
        for number in (logged_in + 1, (logged_in + len(asked)) // 2, len(asked) - 2):
            proxy.clear_log()
            proxy.inject(FromThen(number), SessionLost(), times=1)
            report = mirrored.sync(sweep=True)
            assert report.purged == 0
            assert mirrored.mirror() == before
            assert any(isinstance(exchange.fault, SessionLost) for exchange in proxy.exchanges)
        # It cannot: the password was taken away meanwhile. The run stops.
        fresh_wiki.run_maintenance("invalidateBotPasswords.php", "--user", "Lecture")
        proxy.inject(FromThen(logged_in + 2), SessionLost(), times=1)
        with pytest.raises(ConnectorError):
            mirrored.sync(sweep=True)
        assert mirrored.mirror() == before
        mirrored.close()
