"""Names of people who were erased are found however they are written, and nobody else's are."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.erased import MASK, NOBODY, Erased, finder, name_digest, name_words
from connector.erasing import begin_erasing, finish_erasing
from connector.errors import StoreError, SyncStoppedError
from connector.model import PageHead, PageLinks, Section
from connector.store import Store
from tests.builders import FRENCH_WIKI, make_history, make_page
from tests.fakes import FakeWiki
from tests.mirrors import run

SPACES = ("Utilisateur", "Discussion utilisateur")
ANAIS = finder(["Anaïs Le Bihan", "A. Le Bihan"], user_spaces=SPACES)


@pytest.mark.parametrize(
    "written",
    [
        "Anaïs Le Bihan",
        "anais le bihan",
        "ANAÏS LE BIHAN",
        "Anaïs_Le_Bihan",
        unicodedata.normalize("NFD", "Anaïs Le Bihan"),
        "Ana\u00adïs Le\u00a0Bihan",
        "'''Anaïs''' Le Bihan",
        "Anaïs Le\nBihan",
        "Anaïs\r\n> Le Bihan",
        "Ana%C3%AFs%20Le%20Bihan",
        "Ana%c3%afs+Le+Bihan",
        "Ana&iuml;s&nbsp;Le&#32;Bihan",
        "Ana\\u00efs Le Bihan",
        "Ana=C3=AFs=20Le=20Bihan",
        "anais.le-bihan",
        "A. Le Bihan",
        "a le bihan",
    ],
)
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    masked = ANAIS.masked(f"Vu avec {written}, hier.")
    assert MASK in masked
    assert masked.startswith("Vu avec ")
    assert masked.endswith(", hier.")
    assert not ANAIS.holds(masked)
    assert masked.count("\n") == written.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "Anaïs Le Bihannic",
        "Marianaïs Le Bihan",
        "Anaïs a vu Le Bihan",
        "C’est Anaïs. Le Bihan est loin.",
        "* Anaïs\n* Le Bihan",
        "Le Bihan",
        "Anaïs",
        "",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert ANAIS.masked(text) == text


def test_a_name_of_one_word_is_masked_where_it_is_an_account() -> None:
    rose = finder(["Rose"], user_spaces=SPACES)
    text = (
        "Une rose, dit [[Utilisateur:Rose|Rose]] ; Rose aussi. [[User talk:rose]] @Rose"
        " Special:Contributions/Rose"
    )
    assert rose.masked(text) == (
        f"Une rose, dit [[Utilisateur:{MASK}|{MASK}]] ; Rose aussi. [[User talk:{MASK}]] @{MASK}"
        f" Special:Contributions/{MASK}"
    )
    assert rose.without("Rose") == MASK
    assert rose.masked_json({"title": "Rose", "people": ["Rose", "Léo"], "accounts": {"Rose": "Rose"}}) == {
        "title": "Rose",
        "people": [MASK, "Léo"],
        "accounts": {MASK: MASK},
    }


@pytest.mark.parametrize("name", ["A(na) [Lo] .*", "J’ai+ (?:rien)", "50% Dupré", "Dupré\\1 Jean", "x & y"])
def test_signs_of_patterns_in_a_name_are_signs(name: str) -> None:
    found = finder([name])
    assert found.masked(f"avec {name.upper()}, ici").startswith(f"avec {MASK}")
    assert found.masked("avec Ana Lopez, ici") == "avec Ana Lopez, ici"


def test_what_is_kept_of_a_name_does_not_tell_it() -> None:
    words = name_words("Anaïs_LE Bihan")
    assert words == ("anais", "le", "bihan")
    assert name_digest(b"one", words) != name_digest(b"two", words)
    assert not NOBODY
    assert NOBODY.masked("Anaïs Le Bihan") == "Anaïs Le Bihan"
    assert Erased(b"k", {name_digest(b"k", words): 3}).holds("avec Anaïs Le Bihan")


def test_json_in_a_column_keeps_its_form_and_loses_the_name() -> None:
    written = json.dumps({"text": "Dit par Anaïs\nLe Bihan", "lines": [1]}, ensure_ascii=True)
    assert json.loads(ANAIS.masked_text_or_json(written)) == {"text": f"Dit par {MASK}\n", "lines": [1]}
    assert ANAIS.masked_text_or_json('{"text" : "rien"}') == '{"text" : "rien"}'
    assert (
        ANAIS.masked_text_or_json("{{Practice|contacts=Anaïs Le Bihan}}")
        == f"{{{{Practice|contacts={MASK}}}}}"
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3", secret=lambda: "a secret") as store:
        store.site.put(FRENCH_WIKI, source="https://wiki.example.org/api.php")
        yield store


def fill(store: Store) -> None:
    """A mirror with Anaïs everywhere; her account was called otherwise before."""
    store.pages.put_many(
        [
            make_page(1, "Taille", "Avec Anaïs Le Bihan et Nana dans le noir."),
            make_page(2, "Utilisateur:Anaïs Le Bihan", "Moi.", namespace=2),
            make_page(3, "Elle", redirect="Utilisateur:Anaïs Le Bihan"),
        ]
    )
    first, second, third = make_history(1, ["Nana dans le noir", "Anaïs Le Bihan", "Léo"])
    store.revisions.put_many(
        [
            replace(first, user_id=70),
            replace(second, user_id=70, comment="/* Taille */ de Anaïs Le Bihan"),
            replace(third, user_id=71, comment="merci anaïs le bihan"),
        ]
    )
    store.links.put_many(
        [PageLinks(pageid=1, categories=(), links=("Utilisateur:Anaïs Le Bihan", "Sève"), templates=())]
    )
    section = Section(heading="", level=0, anchor="", path=(), text="Avec Anaïs Le Bihan.")
    store.renderings.put(1, revid=100, touched=None, sections=[section])


def names_in(folder: Path) -> list[str]:
    """Where she is found."""
    forms = [form.encode() for form in ("Le Bihan", "Le_Bihan", "le bihan", "dans le noir")]
    return [path.name for path in folder.iterdir() if any(form in path.read_bytes() for form in forms)]


@pytest.mark.sqlite("the bytes of the file")
def test_the_mirror_forgets_and_knows_the_accounts_other_names(store: Store, tmp_path: Path) -> None:
    fill(store)
    assert names_in(tmp_path)
    assert begin_erasing(store, ["Anaïs Le Bihan"]) == 2
    report = finish_erasing(store)
    assert (report.pages, report.pages_left_out, report.comments) == (2, 1, 2)
    assert report.wiped
    assert names_in(tmp_path) == []
    page = store.pages.get(1)
    assert page is not None
    assert page.wikitext == f"Avec {MASK} et {MASK}."
    assert [revision.user for revision in store.revisions.of_page(1)] == [None, None, "Léo"]
    links = store.links.get(1)
    assert links is not None
    assert links.links == (f"Utilisateur:{MASK}", "Sève")


@pytest.mark.sqlite("the bytes of the file")
def test_an_erasing_that_is_cut_off_is_ended_by_the_next(store: Store, tmp_path: Path) -> None:
    fill(store)
    begin_erasing(store, ["Anaïs Le Bihan"])
    calls = 0

    def cut(done: int, total: int, what: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise SyncStoppedError("stopped")

    with pytest.raises(SyncStoppedError):
        finish_erasing(store, progress=cut)
    assert names_in(tmp_path), "the test must cut it off before its end"
    assert not store.erased_names.is_finished()
    finish_erasing(store)
    store.erased_names.finish()
    assert store.erased_names.is_finished()
    assert names_in(tmp_path) == []
    again = finish_erasing(store)
    assert (again.pages, again.others, again.comments) == (0, 0, 0)


def test_syncs_bring_nobody_back_and_find_nothing_to_mend(store: Store, tmp_path: Path) -> None:
    wiki = FakeWiki()
    wiki.edit("Taille", "Avec Anaïs Le Bihan.", user="Anaïs Le Bihan")
    wiki.edit("Sève", "La sève monte.", user="Léo")
    begin_erasing(store, ["Anaïs Le Bihan"])
    finish_erasing(store)
    store.pages.delete([head.pageid for head in store.pages.heads()])
    with Store.open(tmp_path / "other.sqlite3", secret=lambda: "a secret") as mirror:
        begin_erasing(mirror, ["Anaïs Le Bihan"])
        run(wiki, mirror)
        wiki.edit("Utilisateur:Anaïs Le Bihan", "Moi.", user="Anaïs Le Bihan")
        for _ in range(2):
            report = run(wiki, mirror, sweep=True)
        assert (report.added, report.updated, report.moved, report.purged, report.mended) == (0, 0, 0, 0, 0)
        page = mirror.pages.require("Taille")
        assert page.wikitext == f"Avec {MASK}."
        assert [revision.user for revision in mirror.revisions.of_page(page.pageid)] == [None]
        assert not any("Bihan" in head.title for head in mirror.pages.heads())


def test_without_the_key_nothing_is_written(store: Store, tmp_path: Path) -> None:
    fill(store)
    begin_erasing(store, ["Anaïs Le Bihan"])
    with Store.open(tmp_path / "mirror.sqlite3") as other, pytest.raises(StoreError, match="secret key"):
        other.pages.rename_many([PageHead(pageid=1, namespace=0, title="Autre", revid=100)])
    with pytest.raises(ValueError, match="letters"):
        begin_erasing(store, ["…"])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("{{Expérience|par=Rose|issue=réussi}}", f"{{{{Expérience|par={MASK}|issue=réussi}}}}"),
        ("{{Experience\n| by = rose\n| note=La rose tient.\n}}", None),
        ("{{Practice|contacts=Zoé Blanc, Rose}}", f"{{{{Practice|contacts=Zoé Blanc, {MASK}}}}}"),
        ("{{Practice|relue_par=Rose}}", f"{{{{Practice|relue_par={MASK}}}}}"),
    ],
)
def test_one_word_is_a_name_where_a_template_names_somebody(text: str, masked: str | None) -> None:
    found = finder(["Rose"]).masked(text)
    assert found == (masked or text.replace("= rose", f"= {MASK}"))


@pytest.mark.parametrize(
    "text", ["{{Expérience|par=Rose Marie}}", "{{Expérience|note=Rose}}", "{{Practice|contacts=Rose-Marie}}"]
)
def test_one_word_of_another_name_or_of_a_text_stays(text: str) -> None:
    assert finder(["Rose"]).masked(text) == text
