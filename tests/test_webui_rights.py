"""What somebody may read: who is asked, how long the answer is good, and what a wiki that is away shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.errors import WikiLoginError, WikiUnavailableError
from connector.model import PageHead, Site
from connector.store import Account
from tests import fakes
from tests.community import SITE
from webui.bootstrap import build_services
from webui.config import Config, load_config
from webui.rights import rights as rights_module
from webui.rights.asked_pages import PAUSE_SECONDS, WikiPause
from webui.rights.rights import KEPT_SECONDS, Everything, OpenNamespaces, Rights
from webui.rights.wiki_rights import NoExtensionError
from webui.setting_values import closed_namespaces, restricted_namespaces

STAFF_NAMESPACE = 3000
PAGES = [PageHead(pageid=i, namespace=0, title=f"Page {i}", revid=i) for i in (1, 2, 3)]
STAFF_PAGE = PageHead(pageid=4, namespace=STAFF_NAMESPACE, title="Equipe:Page 4", revid=4)


class FakeWiki:
    """A wiki, or its extension, that lets some pages be read; it counts how often it is asked."""

    def __init__(self, *readable: int) -> None:
        self.may_be_read = set(readable)
        self.error: Exception | None = None
        self.asked: list[tuple[int, ...]] = []

    def readable_titles(self, pageids: Sequence[int]) -> dict[int, str]:
        self.asked.append(tuple(pageids))
        if self.error is not None:
            raise self.error
        return {pageid: f"Page {pageid}" for pageid in pageids if pageid in self.may_be_read}

    def readable(self, user_id: int, pageids: Sequence[int]) -> frozenset[int]:
        assert user_id == 7
        return frozenset(self.readable_titles(pageids))


class Ground:
    """Rights, and all that they ask."""

    def __init__(
        self, folder: Path, settings: Mapping[str, object] | None = None, *, site: Site = SITE
    ) -> None:
        values = {
            "wiki.api_url": "http://wiki.invalid/api.php",
            "wiki.user": "Reader@mirror",
            **(settings or {}),
        }
        known = load_config(folder)
        self.config = Config(folder, {**known.values, **values})  # type: ignore[dict-item]
        self.now = 100.0
        self.source = "http://wiki.invalid/api.php"
        self.by_account = False
        self.nobody, self.extension, self.own = FakeWiki(1), FakeWiki(1, 2), FakeWiki(1, 2)
        self.has_extension = self.has_own = True
        self.rights = Rights(
            self.config,
            site=lambda: site,
            source=lambda: self.source,
            by_account=lambda: self.by_account,
            nobody=lambda: self.nobody,
            extension=lambda: self.extension if self.has_extension else None,  # type: ignore[arg-type,return-value]
            own=lambda _: self.own if self.has_own else None,
            monotonic=lambda: self.now,
        )

    def reads(self, account: Account, pages: Sequence[PageHead] = PAGES) -> set[int]:
        return set(self.rights.of_account(account).among(pages))


def account(number: int = 1, *groups: str) -> Account:
    return Account(
        id=number,
        wiki_user_id=7,
        name=f"Person {number}",
        groups=("*", "user", *groups),
        told_at=datetime(2026, 3, 1, tzinfo=UTC),
        language=None,
        has_credential=False,
    )


PRIVATE = replace(SITE, private=True)


def test_the_extension_is_asked_first_then_the_person_then_nobody(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.extension.may_be_read = {1, 2, 3}
    assert ground.reads(account()) == {1, 2, 3}
    assert (ground.own.asked, ground.nobody.asked) == ([], [])
    ground.has_extension = False
    assert ground.reads(account(2)) == {1, 2}
    assert ground.nobody.asked == []
    ground.has_own = False
    assert ground.reads(account(3)) == {1}


def test_a_wiki_without_the_extension_is_asked_in_the_next_way_for_a_minute(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.extension.error = NoExtensionError("answers 404")
    assert ground.reads(account()) == {1, 2}
    ground.now += KEPT_SECONDS
    assert ground.reads(account()) == {1, 2}
    assert len(ground.extension.asked) == 1
    ground.now += 31
    ground.extension.error = None
    ground.extension.may_be_read = {3}
    assert ground.reads(account()) == {3}


def test_a_credential_that_the_wiki_refuses_leaves_what_anybody_may_read(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.has_extension = False
    ground.own.error = WikiLoginError("revoked")
    assert ground.reads(account()) == {1}


def test_an_answer_is_good_for_half_a_minute(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    assert ground.reads(account()) == {1, 2}
    ground.extension.may_be_read = {1}
    ground.now += KEPT_SECONDS - 0.1
    assert ground.reads(account()) == {1, 2}
    assert ground.extension.asked == [(1, 2, 3)], "one request for all, and then none"
    ground.now += 0.2
    assert ground.reads(account()) == {1}
    ground.extension.may_be_read = set()
    ground.rights.forget(1)
    assert ground.reads(account()) == set()


def test_what_one_person_may_read_is_told_to_no_other(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    assert ground.reads(account(1)) == {1, 2}
    ground.extension.may_be_read = {3}
    assert ground.reads(account(2)) == {3}
    assert ground.rights.of_nobody().among(PAGES) == {1}


def test_a_wiki_that_is_away_shows_nothing_and_is_left_alone_by_all(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.extension.error = WikiUnavailableError("away")
    assert ground.reads(account(1)) == set()
    assert ground.reads(account(2)) == set()
    assert ground.rights.of_nobody().among(PAGES) == set()
    assert len(ground.extension.asked) == 1, "nobody waits for a dead wiki a second time"
    assert ground.nobody.asked == []
    ground.now += PAUSE_SECONDS
    assert ground.reads(account(1)) == set()
    assert ground.reads(account(2)) == set()
    assert len(ground.extension.asked) == 2, "one of them has tried"
    ground.extension.error = None
    ground.now += PAUSE_SECONDS
    assert ground.reads(account(1)) == {1, 2}
    assert ground.reads(account(2)) == {1, 2}


def test_of_the_pause_one_tries_at_its_end() -> None:
    now = [0.0]
    pause = WikiPause(monotonic=lambda: now[0])
    assert pause.may_ask()
    pause.tell(answered=False)
    assert not pause.may_ask()
    now[0] += PAUSE_SECONDS
    assert [pause.may_ask() for _ in range(3)] == [True, False, False]
    pause.tell(answered=True)
    assert [pause.may_ask() for _ in range(3)] == [True, True, True]


def test_a_mirror_that_nobody_in_particular_has_read_holds_no_secrets(tmp_path: Path) -> None:
    ground = Ground(tmp_path, {"wiki.user": None})
    assert not ground.rights.of_nobody().restricted
    assert ground.reads(account()) == {1, 2, 3}
    assert ground.extension.asked == []
    private = Ground(tmp_path, {"wiki.user": None}, site=PRIVATE)
    assert private.rights.of_nobody().restricted
    assert private.reads(account()) == {1, 2}


def test_members_may_be_let_read_all_and_others_not(tmp_path: Path) -> None:
    ground = Ground(tmp_path, {"web.rights": "members"})
    assert isinstance(ground.rights.of_account(account()), Everything)
    assert ground.extension.asked == []
    assert ground.rights.of_nobody().among(PAGES) == {1}


def test_a_closed_namespace_is_out_before_anybody_is_asked(tmp_path: Path) -> None:
    ground = Ground(tmp_path, {"web.restricted_namespaces": ("3000=staff|sysop",)})
    ground.extension.may_be_read = {1, 4}
    pages = [*PAGES, STAFF_PAGE]
    assert ground.reads(account(1), pages) == {1}
    assert ground.extension.asked == [(1, 2, 3)]
    assert ground.reads(account(2, "sysop"), pages) == {1, 4}
    assert STAFF_PAGE.pageid not in ground.rights.of_nobody().among(pages)


def test_a_closed_namespace_is_closed_to_members_who_read_all_else(tmp_path: Path) -> None:
    closing = {"web.rights": "members", "web.restricted_namespaces": ("3000=staff",)}
    ground = Ground(tmp_path, closing)
    readable = ground.rights.of_account(account())
    assert isinstance(readable, OpenNamespaces)
    assert readable.restricted
    assert readable.among([*PAGES, STAFF_PAGE]) == {1, 2, 3}
    assert isinstance(ground.rights.of_account(account(2, "staff")), Everything)


def test_only_those_who_asked_last_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights_module, "MOST_ACCOUNTS", 2)
    ground = Ground(tmp_path)
    for number in (1, 2, 1, 3):
        ground.reads(account(number))
    assert len(ground.extension.asked) == 3
    ground.reads(account(1))
    assert len(ground.extension.asked) == 3
    ground.reads(account(2))
    assert len(ground.extension.asked) == 4, "who asked longest ago was forgotten"


@pytest.mark.parametrize("wrong", ["3000", "staff=3000", "=staff", "-1=staff", "x=staff"])
def test_a_namespace_that_is_not_written_as_it_should_be_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="3000=staff"):
        restricted_namespaces([wrong])


def test_namespaces_are_read_with_their_groups() -> None:
    found = restricted_namespaces("3000=staff|sysop, 3001 = staff, 12=")
    assert closed_namespaces(found) == {3000: {"staff", "sysop"}, 3001: {"staff"}, 12: set()}


def test_a_list_of_all_pages_keeps_nobody_waiting(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    pages = [PageHead(pageid=i, namespace=0, title=f"Page {i}", revid=i) for i in range(1, 2_001)]
    ground.extension.may_be_read = {page.pageid for page in pages}
    ask = ground.extension.readable_titles

    def slowly(pageids: Sequence[int]) -> dict[int, str]:
        ground.now += 5.0
        return ask(pageids)

    ground.extension.readable_titles = slowly  # type: ignore[method-assign]
    assert len(ground.reads(account(), pages)) == 1_000, "what there was no time for may not be read"
    assert len(ground.reads(account(), pages)) == 2_000, "who asks again goes on"
    assert len(ground.extension.asked) == 4


def test_a_copy_of_a_file_is_asked_for_page_by_page(tmp_path: Path) -> None:
    ground = Ground(tmp_path, {"wiki.user": None})
    assert isinstance(ground.rights.of_nobody(), Everything)
    # Whoever made the file may have read more than everybody may.
    ground.source = "/srv/wiki/everything.xml"
    assert set(ground.rights.of_nobody().among(PAGES)) == {1}
    assert ground.reads(account()) == {1, 2}


def test_what_an_account_has_read_is_asked_for_until_all_was_seen_without_one(tmp_path: Path) -> None:
    ground = Ground(tmp_path, {"wiki.user": None})
    ground.by_account = True
    assert set(ground.rights.of_nobody().among(PAGES)) == {1}
    ground.by_account = False
    assert isinstance(ground.rights.of_nobody(), Everything)


def test_a_mirror_remembers_that_an_account_has_read_it(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = fakes.FakeWiki()
    wiki.edit("Étau", "Un étau d’établi.")

    def synced(*, sweep: bool) -> bool:
        services = build_services(load_config(data_dir))
        services.sync(wiki, sweep=sweep)
        read_by_account = services.store.site.read_by_account()
        services.close()
        return read_by_account

    assert not synced(sweep=True)
    monkeypatch.setenv("COMPAGNON_WIKI_USER", "Lectrice@miroir")
    assert synced(sweep=False)
    monkeypatch.delenv("COMPAGNON_WIKI_USER")
    assert synced(sweep=False), "some pages are from before"
    assert not synced(sweep=True)
