"""Killed at any moment, the sync goes on where it was, and the wiki's saved revisions are all in the mirror.

A few moments here; `make soak` takes 50 for the sync and 20 for the wiki.
"""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki
from tests.mediawiki_api import ApiSession, LocalWikiError
from tests.mediawiki_moderation import ExportedRevision, Moderation
from tests.mirrored_wiki import MirroredWiki
from tests.sync_process import CountingProxy, SyncProcess, assert_sound, sync_and_kill
from tests.wiki_history import RandomHistory
from tests.wiki_history_pages import wiki_namespaces
from tests.wiki_history_texts import make_text
from tests.wiki_truth import MIRRORED, differences, read_mirror, read_wiki

_PAGES = 140
_AT_ONCE = 100  # texts that one transaction of the sync keeps, at most


@pytest.fixture(scope="module")
def full_wiki_template(
    wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalWiki]:
    """A wiki of a few batches of texts, each with a short history."""
    wiki = wiki_template_fr.copy(tmp_path_factory.mktemp("crashes") / "wiki")
    rng = random.Random(1)  # noqa: S311 - texts, no secrets
    pages = {
        f"Fiche {number}": [
            ExportedRevision(
                f"20{20 + year}-05-04T08:10:{number % 60:02}Z", "Fulgence", make_text(rng, number=number)
            )
            for year in range(1 + number % 3)
        ]
        for number in range(_PAGES)
    }
    Moderation(wiki).import_quietly(pages)
    wiki.stop()
    yield wiki
    wiki.discard()


@pytest.fixture
def full_wiki(make_wiki: MakeWiki, full_wiki_template: LocalWiki) -> LocalWiki:
    return make_wiki(source=full_wiki_template)


@pytest.fixture
def proxy(full_wiki: LocalWiki) -> Iterator[CountingProxy]:
    with CountingProxy(full_wiki.server_url) as proxy:
        yield proxy


def assert_equal(wiki: LocalWiki, data: Path) -> None:
    names = wiki_namespaces(wiki)
    truth = read_wiki(wiki.folder, namespaces=MIRRORED, names=names.__getitem__)
    assert not (found := differences(truth, read_mirror(data / "compagnon.sqlite3"))), "\n".join(found)


def finish(data: Path, proxy: CountingProxy, *arguments: str) -> int:
    """Sync to the end, undisturbed, and return the requests that it took."""
    before = len(proxy.requests)
    code, _, err = SyncProcess(data, proxy.url, ["sync", "--allow-shrink", *arguments]).finish()
    assert (code, err) == (0, ""), err
    return len(proxy.requests) - before


@pytest.mark.timeout(3_600)
def test_a_first_copy_that_is_killed_goes_on_where_it_was(
    full_wiki: LocalWiki, proxy: CountingProxy, tmp_path: Path, soak: bool, seeds: list[int]
) -> None:
    requests = finish(tmp_path / "whole", proxy)
    assert sum(proxy.texts.values()) == len(proxy.texts)  # nothing is asked for twice when nothing happens
    trials = 12 if soak else 1
    kills = 0
    for trial in range(trials):
        rng = random.Random(f"{seeds[0]} {trial}")  # noqa: S311
        data = tmp_path / str(trial)
        proxy.forget()
        killed = 0
        left = requests
        for third in range(3):
            # Early, in the middle, late: each sync has less to do than the one before.
            moment = rng.randrange(2, max(3, left - 3 * (2 - third)))
            print(f"seed {seeds[0]}, trial {trial}: killed at request {moment} of {left} or more")
            killed += sync_and_kill(data, proxy, request=moment, rng=rng)
            left -= moment - 1  # the request it was killed at is asked again
            if (data / "compagnon.sqlite3").exists():
                assert_sound(data / "compagnon.sqlite3")
        finish(data, proxy)
        assert_sound(data / "compagnon.sqlite3")
        assert_equal(full_wiki, data)
        # What a kill costs: the texts, and the lines of histories, that were on their way.
        twice = sum(proxy.texts.values()) - len(proxy.texts)
        assert twice <= killed * _AT_ONCE
        kills += killed
    # The first always comes; a later one, near the end, may find the sync faster than itself.
    assert kills >= 3 * trials // 2


@pytest.mark.timeout(3_600)
def test_a_later_sync_that_is_killed_goes_on_where_it_was(
    full_wiki: LocalWiki, proxy: CountingProxy, tmp_path: Path, soak: bool, seeds: list[int]
) -> None:
    data = tmp_path / "data"
    finish(data, proxy)
    history = RandomHistory(full_wiki, seed=seeds[0])
    rng = random.Random(seeds[0])  # noqa: S311
    kills = 0
    for _ in range(12 if soak else 2):
        history.run(12)
        for _ in range(2):
            kills += sync_and_kill(data, proxy, request=rng.randrange(1, 12), rng=rng)
            assert_sound(data / "compagnon.sqlite3")
        finish(data, proxy)
        names = wiki_namespaces(full_wiki)
        truth = read_wiki(full_wiki.folder, namespaces=MIRRORED, names=names.__getitem__)
        different = differences(
            truth,
            read_mirror(data / "compagnon.sqlite3"),
            unseen_pages=history.unseen_pages,
            unseen_revisions=history.unseen_revisions,
        )
        assert not different, "\n".join([*different, history.story()])
    assert kills
    finish(data, proxy, "--sweep")
    assert_equal(full_wiki, data)
    assert_sound(data / "compagnon.sqlite3")


class Writer(threading.Thread):
    """Somebody who saves one page after another until the wiki is gone."""

    def __init__(self, wiki: LocalWiki, *, number: int) -> None:
        super().__init__()
        self.saved = 0
        self.problem: LocalWikiError | None = None
        self._number = number
        self._session = ApiSession(wiki.api_url)
        self._session.log_in(wiki.account())

    def run(self) -> None:
        rng = random.Random(self._number)  # noqa: S311
        try:
            while True:
                title = f"Carnet {self._number}/{rng.randrange(12)}"
                text = make_text(rng, number=rng.randrange(10**6))
                self._session.write("edit", title=title, text=text)
                self.saved += 1
        except OSError:  # the wiki is gone (requests' errors are OSErrors)
            self._session.close()
        except LocalWikiError as error:
            self.problem = error


@pytest.mark.timeout(3_600)
def test_every_revision_that_a_killed_wiki_saved_is_in_the_mirror(
    fresh_wiki: LocalWiki, tmp_path: Path, soak: bool, seeds: list[int]
) -> None:
    rng = random.Random(seeds[0])  # noqa: S311
    mirrored = MirroredWiki(fresh_wiki, tmp_path / "mirror")
    mirrored.sync(sweep=True)
    saved = revisions = 0
    for round_ in range(20 if soak else 5):
        writers = [Writer(fresh_wiki, number=2 * round_ + each) for each in range(2)]
        for writer in writers:
            writer.start()
        threading.Event().wait(rng.uniform(0.3, 1.2))
        fresh_wiki.kill()
        for writer in writers:
            writer.join()
            assert writer.problem is None
            saved += writer.saved
        fresh_wiki.start()
        report = mirrored.sync(sweep=False)
        assert not report.swept
        revisions += report.revisions
        different = mirrored.differences()
        assert not different, "\n".join([f"seed {seeds[0]}, round {round_}", *different])
    print(f"{saved} edits were answered, {revisions} revisions came")
    assert revisions >= saved > 0
    assert not mirrored.store.integrity_check()
    mirrored.close()
