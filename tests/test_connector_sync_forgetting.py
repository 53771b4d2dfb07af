"""What the wiki hides is nowhere on this machine's disk, even when an administrator's account reads the wiki.

Each secret is a word that stands nowhere else: in a text, a title, a summary, a name. After a sync and an
update of the index every file of the data directory is searched for it: database, write-ahead logs, keyword
index, Chroma's files, and a log of everything that any library has to say.
"""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from search.indexer import Index
from tests.builders import HashingEmbedder, make_index
from tests.mediawiki import LocalWiki
from tests.mediawiki_moderation import Moderation
from tests.mirrored_wiki import MirroredWiki
from tests.store_on_postgresql import rows_behind

# No two begin alike: an FTS5 index leaves out what a word shares with the one before it. In lower case and
# without accents, as a keyword index keeps words; stemming may cut the end of one.
SECRETS = {
    "text of a suppressed page": "bruxolindrake",
    "title of a suppressed page": "cyprovandelbo",
    "text of a deleted page": "dromikelvasto",
    "title of a deleted page": "fenquolabrist",
    "text of a suppressed revision": "gulvertompax",
    "text of a hidden revision": "hibroskendal",
    "section of a suppressed revision": "jarmovelinque",
    "suppressed summary": "kestrulabimo",
    "hidden summary": "lomfrabeskuv",
    "suppressed author": "mirvoldatrex",
    "hidden author": "nuxperalgidon",
    "author of a hidden account": "oplimerakuzt",
    "title of a page moved away": "quandrobelfix",
    "word of a deleted list": "rivoltempask",
}
_KEPT = "vermicelandro"  # stands in pages that everybody may read


class Ground:
    """A wiki whose administrator sees everything, and the data directory of a Compagnon that reads as her."""

    def __init__(self, wiki: LocalWiki, data: Path) -> None:
        self.wiki = wiki
        self.data = data
        self.moderation = Moderation(wiki)
        admin = wiki.admin
        self.mirrored = MirroredWiki(wiki, data, user=admin.name, password=admin.password)
        self.embedder = HashingEmbedder()

    def write(self) -> None:
        """Pages with all the secrets, and others beside them."""
        wiki, secret = self.wiki, SECRETS
        for number in range(12):
            wiki.edit(f"Fiche {number}", f"{_KEPT} : la fiche {number} dit comment ranger l’atelier.")
        wiki.edit(secret["title of a suppressed page"].title(), f"Ici {secret['text of a suppressed page']}.")
        wiki.edit(secret["title of a deleted page"].title(), f"Ici {secret['text of a deleted page']} aussi.")
        wiki.edit(secret["title of a page moved away"].title(), "Cette page change de nom.")
        wiki.edit("MediaWiki:Compagnon-no-links", f"* {secret['word of a deleted list']}")
        self.revids: dict[str, int] = {}
        self._edit(
            "suppressed revision",
            "Cahier",
            f"On y lit {secret['text of a suppressed revision']}.\n\n"
            f"== {secret['section of a suppressed revision']} ==\nEt la suite.",
        )
        self._edit("hidden revision", "Carnet", f"On y lit {secret['text of a hidden revision']}.")
        self._edit("suppressed summary", "Agenda", "Lundi.", summary=secret["suppressed summary"])
        self._edit("hidden summary", "Agenda", "Mardi.", summary=secret["hidden summary"])
        self._edit("suppressed author", "Agenda", "Mercredi.", user=secret["suppressed author"].title())
        self._edit("hidden author", "Agenda", "Jeudi.", user=secret["hidden author"].title())
        self._edit("hidden account", "Agenda", "Vendredi.", user=secret["author of a hidden account"].title())

    def _edit(
        self, what: str, title: str, text: str, *, user: str | None = None, summary: str = "Un mot"
    ) -> None:
        # Without a summary MediaWiki writes one, with the beginning of the text.
        self.revids[what] = self.wiki.edit(title, text, user=user, summary=summary).revid

    def hide(self) -> None:
        """Take all the secrets out of everybody's sight."""
        wiki, secret, moderation = self.wiki, SECRETS, self.moderation
        moderation.suppress_page(secret["title of a suppressed page"].title())
        wiki.delete(secret["title of a deleted page"].title(), reason="Erreur")
        wiki.delete("MediaWiki:Compagnon-no-links", reason="Erreur")
        wiki.move(secret["title of a page moved away"].title(), "Page sans histoire", redirect=False)
        wiki.edit("Cahier", f"{_KEPT} : on n’y lit plus rien.", summary="Ménage")
        wiki.edit("Carnet", f"{_KEPT} : on n’y lit plus rien non plus.", summary="Ménage")
        hide = moderation.show_or_hide
        hide([self.revids["suppressed revision"]], hide=["content"], suppress=True)
        hide([self.revids["hidden revision"]], hide=["content"])
        hide([self.revids["suppressed summary"]], hide=["comment"], suppress=True)
        hide([self.revids["hidden summary"]], hide=["comment"])
        hide([self.revids["suppressed author"]], hide=["user"], suppress=True)
        hide([self.revids["hidden author"]], hide=["user"])
        moderation.hide_user(secret["author of a hidden account"].title())
        # The summary of a move names the old title.
        newest = wiki.revisions("Page sans histoire", limit=1)[0]["revid"]
        hide([newest], hide=["comment"])

    def reject_links(self) -> None:
        """Let somebody reject links whose words are secret, on the pages that have them."""
        feedback, pages = self.mirrored.store.link_feedback, self.mirrored.store.pages
        target = pages.require("Fiche 1").pageid
        for title, what in (
            (SECRETS["title of a suppressed page"], "text of a suppressed page"),
            (SECRETS["title of a deleted page"], "text of a deleted page"),
            ("Cahier", "text of a suppressed revision"),
            ("Carnet", "text of a hidden revision"),
        ):
            page = pages.require(title.capitalize())
            feedback.offer(page.pageid, page.revid, [(target, SECRETS[what])])
            feedback.judge(page.pageid, page.revid, target, SECRETS[what], "rejected", "target")

    def assert_the_reader_sees_it(self) -> None:
        """The account that reads is given what is hidden: the test would show nothing otherwise."""
        revision = self.wiki.revisions("Cahier")[-1]
        assert revision["texthidden"]
        assert revision["suppressed"]
        assert SECRETS["text of a suppressed revision"] in revision["content"]

    def bring_in_step(self) -> None:
        with logged(self.data / "everything.log"):
            self.mirrored.sync(sweep=True)
            index = self.open_index()
            index.update()
            index.close()

    def open_index(self) -> Index:
        return make_index(self.data, self.mirrored.store, self.embedder)

    def found(self, words: Mapping[str, str]) -> dict[str, list[str]]:
        """The files in which some word stands, in any case, by what the word is."""
        contents = {path: path.read_bytes() for path in self.data.rglob("*") if path.is_file()}
        files = {
            str(path.relative_to(self.data)): (content + rows_behind(content)).lower()
            for path, content in contents.items()
        }
        places = {}
        for what, word in words.items():
            needle = word[1:9].encode()
            places[what] = sorted(name for name, content in files.items() if needle in content)
        return {what: names for what, names in places.items() if names}


@pytest.fixture
def ground(fresh_wiki: LocalWiki, tmp_path: Path) -> Iterator[Ground]:
    data = tmp_path / "data"
    data.mkdir()
    made = Ground(fresh_wiki, data)
    yield made
    made.mirrored.close()


@contextlib.contextmanager
def logged(path: Path) -> Iterator[None]:
    """Write down everything that any library has to say."""
    handler = logging.FileHandler(path, encoding="utf-8")
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


def test_what_was_hidden_before_the_first_copy_is_never_written(ground: Ground) -> None:
    ground.write()
    ground.hide()
    ground.assert_the_reader_sees_it()
    ground.bring_in_step()
    assert ground.found({"what everybody may read": _KEPT})
    assert ground.found(SECRETS) == {}
    ground.mirrored.close()
    assert ground.found(SECRETS) == {}


def test_what_is_hidden_later_is_wiped(ground: Ground) -> None:
    ground.write()
    ground.bring_in_step()
    assert ground.found(SECRETS).keys() == SECRETS.keys()
    ground.reject_links()
    rejected = ground.mirrored.store.link_feedback.all()
    assert {each.link_text for each in rejected} < set(SECRETS.values())
    ground.hide()
    ground.bring_in_step()
    assert ground.found({"what everybody may read": _KEPT})
    assert ground.found(SECRETS) == {}
    kept = ground.mirrored.store.link_feedback.all()
    assert [(each.link_text, each.rejected) for each in kept] == [("", 1)] * 2, "of Cahier and Carnet"


@pytest.mark.sqlite("a Chroma server keeps its own files")
def test_chroma_is_never_given_any_text(ground: Ground) -> None:
    ground.write()
    ground.bring_in_step()
    everything = {**SECRETS, "what everybody may read": _KEPT}
    assert not [places for places in ground.found(everything).values() if any("chroma" in p for p in places)]
    assert list((ground.data / "index" / "chroma").rglob("*.sqlite3"))
