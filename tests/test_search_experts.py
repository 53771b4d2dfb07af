"""Who knows: people by the pages that answer and their part in them; nobody who must not be named."""

from datetime import timedelta
from pathlib import Path

import pytest

from connector.model import Revision
from search.experts import Expert, ExpertFinder, VotingPage
from search.keyword_index import IndexedPage
from search.people import PeopleFilter
from tests.builders import FRENCH_WIKI, MONDAY, make_history, make_page, make_store


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
