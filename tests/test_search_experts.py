"""Who knows: people by the pages that answer and their part in them; nobody who must not be named."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model import Page, PageHead, Revision, Site
from search.experts import Expert, ExpertFinder, VotingPage
from search.keyword_index import IndexedPage
from search.named_people import NamedPeople, named_people
from search.people import PeopleFilter
from tests.builders import FRENCH_WIKI, MONDAY, ReadableWhere, make_history, make_page, make_store


def voting(pageid: int, *, contacts: tuple[str, ...] = (), weight: float = 1.0) -> VotingPage:
    page = IndexedPage(
        pageid=pageid,
        revid=1,
        title=f"Page {pageid}",
        digest="",
        index_version="",
        namespace=0,
        language="fr",
        last_edited=MONDAY,
        status=None,
        contacts=contacts,
    )
    return VotingPage(page=page, weight=weight)


class Scene:
    def __init__(self, folder: Path) -> None:
        pages = [make_page(n, f"Page {n}") for n in (1, 2, 3)]
        self.store = make_store(folder, [*pages, make_page(11, "Discussion:Page 1", namespace=1)])

    def history(self, pageid: int, authors: list[str | None], sizes: list[int] | None = None) -> None:
        self.store.revisions.put_many(make_history(pageid, authors, sizes=sizes or []))

    def find(
        self, *pages: VotingPage, top_k: int = 10, bots: tuple[str, ...] = (), opt_out: tuple[str, ...] = ()
    ) -> list[Expert]:
        finder = ExpertFinder(store=self.store, people=PeopleFilter(bots=bots, opt_out=opt_out))
        return finder.find(pages, site=FRENCH_WIKI, top_k=top_k)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def names(experts: list[Expert]) -> list[str]:
    return [expert.name for expert in experts]


def test_who_wrote_more_knows_more(scene: Scene) -> None:
    scene.history(1, ["Nadia", "Hugo", "Nadia"], [4000, 4100, 6000])
    nadia, hugo = scene.find(voting(1))
    assert (nadia.name, hugo.name) == ("Nadia", "Hugo")
    assert 0 < hugo.score < nadia.score <= 1
    assert (nadia.evidence[0].reason, nadia.evidence[0].edits) == ("author", 2)
    assert hugo.evidence[0].reason == "editor"
    assert nadia.evidence[0].share + hugo.evidence[0].share == pytest.approx(1)
    assert nadia.evidence[0].url == "https://wiki.example.org/wiki/Page_1"


def test_deleting_text_adds_nothing_to_an_edit(scene: Scene) -> None:
    scene.history(1, ["Nadia", "Hugo"], [8000, 4000])
    nadia, hugo = scene.find(voting(1))
    assert nadia.score > 3 * hugo.score


def test_a_page_that_answers_better_counts_more(scene: Scene) -> None:
    scene.history(1, ["Nadia"])
    scene.history(2, ["Hugo"])
    assert names(scene.find(voting(1, weight=0.2), voting(2, weight=0.9))) == ["Hugo", "Nadia"]


def test_the_contact_of_a_practice_comes_before_who_edited_it(scene: Scene) -> None:
    scene.history(1, ["Hugo", "Hugo"])
    nadia, hugo = scene.find(voting(1, contacts=("Nadia",)), voting(2))
    assert (nadia.name, nadia.evidence[0].reason, nadia.evidence[0].edits) == ("Nadia", "contact", 0)
    assert hugo.name == "Hugo"


def test_a_contact_and_an_account_written_otherwise_are_one_person(scene: Scene) -> None:
    scene.history(1, ["Nadia Ferrand"])
    (nadia,) = scene.find(voting(1, contacts=("nadia_Ferrand",)))
    assert nadia.name == "Nadia Ferrand"
    assert len(nadia.evidence) == 1


def test_who_answers_on_the_talk_page_knows(scene: Scene) -> None:
    scene.history(1, ["Nadia"])
    scene.history(11, ["Solène", "Solène"])
    solene = next(expert for expert in scene.find(voting(1)) if expert.name == "Solène")
    assert (solene.evidence[0].reason, solene.evidence[0].edits) == ("answered", 2)
    assert solene.evidence[0].pageid == 1


def test_programs_addresses_and_hidden_authors_are_nobody(scene: Scene) -> None:
    scene.history(1, ["Nadia", "RangeBot", "Corrbot", "Veilleur", "2001:db8::1", "192.0.2.7", None])
    assert names(scene.find(voting(1), bots=("veilleur",))) == ["Nadia"]


def test_mediawiki_itself_is_no_expert_of_a_new_wikis_main_page(scene: Scene) -> None:
    scene.history(1, ["MediaWiki default", "Nadia", "Maintenance script"])
    assert names(scene.find(voting(1))) == ["Nadia"]


def test_a_name_that_only_contains_bot_is_a_person(scene: Scene) -> None:
    scene.history(1, ["Botond", "Abbot Jones"])
    assert set(names(scene.find(voting(1)))) == {"Botond", "Abbot Jones"}


def test_who_opted_out_is_nowhere(scene: Scene) -> None:
    scene.history(1, ["Nadia", "Hugo"])
    scene.history(11, ["Hugo"])
    found = scene.find(voting(1, contacts=("Hugo", "hugo")), opt_out=("hugo",))
    assert names(found) == ["Nadia"]


def test_recent_work_counts_more(scene: Scene) -> None:
    old, new = make_history(1, ["Nadia", "Hugo"])
    later = Revision(
        revid=new.revid,
        pageid=1,
        parent_revid=old.revid,
        timestamp=new.timestamp + timedelta(days=12 * 365),
        user="Hugo",
        user_id=5,
        size=new.size,
    )
    scene.store.revisions.put_many([old, later])
    assert names(scene.find(voting(1))) == ["Hugo", "Nadia"]


def test_evidence_is_sorted_and_top_k_holds(scene: Scene) -> None:
    for pageid in (1, 2, 3):
        scene.history(pageid, ["Nadia", "Hugo"])
    (nadia,) = scene.find(voting(1, weight=0.3), voting(2, weight=0.9), voting(3, weight=0.5), top_k=1)
    assert [evidence.pageid for evidence in nadia.evidence] == [2, 3, 1]


def test_a_page_that_hardly_answers_is_no_evidence_beside_one_that_does(scene: Scene) -> None:
    for pageid in (1, 2):
        scene.history(pageid, ["Nadia", "Hugo"])
    (nadia,) = scene.find(voting(1, weight=0.1), voting(2, weight=0.9), top_k=1)
    assert [evidence.pageid for evidence in nadia.evidence] == [2]


def test_no_page_gives_nobody(scene: Scene) -> None:
    assert scene.find() == []


def test_evidence_is_told_in_both_languages(scene: Scene) -> None:
    scene.history(1, ["Nadia", "Hugo", "Hugo"], [1000, 1100, 1200])
    scene.history(11, ["Solène"])
    told = {e.name: e.evidence[0] for e in scene.find(voting(1, contacts=("Aïcha",)))}
    assert told["Aïcha"].why("fr") == "personne à contacter pour cette pratique"
    assert told["Nadia"].why("fr").startswith("a créé la page (1 modification, ")
    assert told["Hugo"].why("fr").startswith("a contribué à la page (2 modifications, ")
    assert told["Solène"].why("fr") == "participe à la discussion de la page (1 modification)"
    assert told["Hugo"].why("en").startswith("contributed to the page (2 edits, ")
    assert told["Aïcha"].why("en") == "named as a contact for this practice"


REVERTED = ("mw-reverted",)
ROLLBACK = ("mw-rollback",)


def edits(pageid: int, *steps: tuple[str, int, str, tuple[str, ...]]) -> list[Revision]:
    """One revision a day: who, how many bytes the page has then, which text, which tags."""
    return [
        Revision(
            revid=100 * pageid + number,
            pageid=pageid,
            parent_revid=0 if number == 0 else 100 * pageid + number - 1,
            timestamp=MONDAY + timedelta(days=number),
            user=user,
            user_id=1 + len(user),
            size=size,
            sha1=text and text.ljust(40, "0"),
            tags=tags,
        )
        for number, (user, size, text, tags) in enumerate(steps)
    ]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([("Nadia", 900, "a", ()), ("Hugo", 900, "a", ())], id="moved"),
        pytest.param(
            [("Nadia", 900, "a", ()), ("Vandale!", 5, "x", ()), ("Hugo", 900, "a", ())], id="checksums"
        ),
        pytest.param(
            [("Nadia", 900, "", ()), ("Vandale!", 950, "", REVERTED), ("Hugo", 900, "", ROLLBACK)], id="tags"
        ),
        pytest.param(
            [("Nadia", 900, "a", ()), ("Vandale!", 0, "x", ()), ("Hugo", 890, "b", ())],
            id="blanked and restored",
        ),
    ],
)
def test_who_only_moved_or_reverted_or_spoilt_a_page_is_not_its_expert(
    scene: Scene, steps: list[tuple[str, int, str, tuple[str, ...]]]
) -> None:
    scene.store.revisions.put_many(edits(1, *steps))
    (nadia,) = scene.find(voting(1))
    assert (nadia.name, nadia.evidence[0].edits, nadia.evidence[0].share) == ("Nadia", 1, 1.0)


def test_text_that_was_reverted_and_brought_back_counts_again(scene: Scene) -> None:
    steps = [("Nadia", 900, "a"), ("Hugo", 1500, "b"), ("Vandale!", 900, "a"), ("Solène", 1500, "b")]
    scene.store.revisions.put_many(edits(1, *((*step, ()) for step in steps)))
    assert names(scene.find(voting(1))) == ["Nadia", "Hugo"]


def test_who_rewrites_a_page_that_was_emptied_wrote_it(scene: Scene) -> None:
    scene.store.revisions.put_many(
        edits(1, ("Nadia", 900, "a", ()), ("Solène", 40, "x", ()), ("Hugo", 4000, "b", ()))
    )
    assert names(scene.find(voting(1))) == ["Hugo", "Nadia"]


def test_words_that_were_drafted_from_notes_are_not_their_publishers(scene: Scene) -> None:
    scene.store.revisions.put_many(edits(1, ("Hugo", 4000, "a", ("compagnon",)), ("Nadia", 4900, "b", ())))
    assert names(scene.find(voting(1))) == ["Nadia", "Hugo"]


def test_a_page_of_long_ago_counts_less_than_one_of_now(scene: Scene) -> None:
    (old,), (new,) = make_history(1, ["Nadia"]), make_history(2, ["Hugo"])
    scene.store.revisions.put_many([old, replace(new, timestamp=new.timestamp + timedelta(days=3000))])
    assert names(scene.find(voting(1), voting(2))) == ["Hugo", "Nadia"]


def test_a_renamed_account_is_one_person_with_its_new_name(scene: Scene) -> None:
    (old,), (new,) = make_history(1, ["Nadia"]), make_history(2, ["Nadia F."])
    scene.store.revisions.put_many(
        [old, replace(new, user_id=old.user_id, timestamp=new.timestamp + timedelta(days=3))]
    )
    (nadia,) = scene.find(voting(1), voting(2), voting(3, contacts=("Nadia",)))
    assert nadia.name == "Nadia F."
    assert {evidence.pageid for evidence in nadia.evidence} == {1, 2, 3}
    assert scene.find(voting(1), voting(2), opt_out=("Nadia F.",)) == []


def test_authors_and_attendees_whom_the_page_names_are_found(scene: Scene) -> None:
    text = (
        "{{Practice|statut=testée|auteurs=[[Utilisateur:Solène R.|Solène]], Aïcha Diop}}\n"
        "'''Présents :''' Hugo, [[Utilisateur:Nadia]] et Tess (en visio)\n\nUn atelier."
    )
    scene.store.pages.put_many([make_page(1, "Page 1", text)])
    told = {e.name: e.evidence[0] for e in scene.find(voting(1))}
    assert {name: evidence.reason for name, evidence in told.items()} == {
        "Solène R.": "credited",
        "Aïcha Diop": "credited",
        "Hugo": "attended",
        "Nadia": "attended",
        "Tess": "attended",
    }
    assert told["Solène R."].why("fr") == "figure parmi les auteurs que la page nomme"
    assert told["Hugo"].why("en") == "was at the meeting that the page reports"
    assert names(scene.find(voting(1), opt_out=("Hugo", "aïcha Diop"))) == ["Solène R.", "Nadia", "Tess"]


def test_a_name_that_the_wiki_took_back_is_gone_with_the_next_question(scene: Scene) -> None:
    finder = ExpertFinder(store=scene.store, people=PeopleFilter(bots=(), opt_out=()))
    scene.history(1, ["Nadia", "Hugo"])
    assert len(finder.find([voting(1)], site=FRENCH_WIKI, top_k=5)) == 2
    scene.history(1, [None, "Hugo"])
    assert names(finder.find([voting(1)], site=FRENCH_WIKI, top_k=5)) == ["Hugo"]
    # Of the same mirror, what the index now says of the page counts.
    assert names(finder.find([voting(1, contacts=("Tess",))], site=FRENCH_WIKI, top_k=5)) == ["Tess", "Hugo"]


def test_what_was_read_once_is_not_read_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    finder = ExpertFinder(store=scene.store, people=PeopleFilter(bots=(), opt_out=()))
    scene.history(1, ["Nadia"])
    first = finder.find([voting(1)], site=FRENCH_WIKI, top_k=5)
    monkeypatch.delattr(type(scene.store.revisions), "of_pages")
    assert finder.find([voting(1)], site=FRENCH_WIKI, top_k=5) == first


def test_a_text_is_read_for_names_once_until_it_changes_and_is_forgotten_with_its_page(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(page: Page, *, site: Site) -> NamedPeople:
        read.append(page.title)
        return named_people(page, site=site)

    monkeypatch.setattr("search.page_votes.named_people", counted)
    finder = ExpertFinder(store=scene.store, people=PeopleFilter(bots=(), opt_out=()))

    def found() -> list[str]:
        return names(finder.find([voting(1), voting(2)], site=FRENCH_WIKI, top_k=5))

    def write(title: str, text: str) -> None:
        scene.store.pages.put_many([make_page(1, title, text)])

    write("Page 1", "Présents : Hugo")
    assert (found(), read) == (["Hugo"], ["Page 1", "Page 2"])
    scene.history(3, ["Nadia"])  # something else was written
    assert (found(), read) == (["Hugo"], ["Page 1", "Page 2"])
    # The same revision and other words, as when somebody was erased.
    write("Page 1", "Présents : Tess")
    assert found() == ["Tess"]
    write("Autre titre", "Présents : Tess")
    assert (found(), read[2:]) == (["Tess"], ["Page 1", "Autre titre"])
    scene.store.pages.delete([1])
    assert found() == []
    assert set(finder.votes._named) == {2}


def test_what_may_not_be_read_does_not_vote(scene: Scene) -> None:
    scene.history(1, ["Nadia"])
    scene.history(2, ["Hugo"])
    scene.history(11, ["Solène"])
    finder = ExpertFinder(store=scene.store, people=PeopleFilter(bots=(), opt_out=()))

    def found(allows: Callable[[PageHead], bool]) -> list[str]:
        readable = ReadableWhere(allows)
        return names(finder.find([voting(1), voting(2)], site=FRENCH_WIKI, top_k=5, readable=readable))

    assert set(found(lambda page: True)) == {"Nadia", "Hugo", "Solène"}
    assert set(found(lambda page: page.namespace != 1)) == {"Nadia", "Hugo"}
    assert found(lambda page: page.pageid not in {2, 11}) == ["Nadia"]
    assert found(lambda page: False) == []


def test_threads_find_the_same_while_the_mirror_changes(scene: Scene) -> None:
    for pageid in (1, 2, 3):
        scene.history(pageid, ["Nadia", "Hugo"])
    finder = ExpertFinder(store=scene.store, people=PeopleFilter(bots=(), opt_out=()))
    found: list[set[str]] = []

    def ask() -> None:
        for _ in range(20):
            experts = finder.find([voting(1), voting(2), voting(3)], site=FRENCH_WIKI, top_k=5)
            found.append(set(names(experts)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        scene.store.pages.put_many([make_page(50, "Autre page")])
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(each == {"Nadia", "Hugo"} for each in found)
