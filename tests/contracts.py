"""What every implementation of a Protocol must do, as tests. A subclass says what is tested.

`WikiContract` is played on a real MediaWiki, on an export of the same wiki, and on the fake.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

from connector.model import LoggedEvent, Page, PageHead, PageLinks, Revision
from connector.wiki import PageRenderer, Wiki, WikiSearch

_NAMESPACES = (0, 1, 2, 8, 14)
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


class Made(Protocol):
    """What an edit made."""

    @property
    def pageid(self) -> int: ...
    @property
    def revid(self) -> int: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True)
class WikiScene:
    """A wiki's pages as they must be read, and what must not be read."""

    texts: dict[str, str] = field(default_factory=dict)
    """The newest text of every page that is to be seen."""
    heads: dict[str, PageHead] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    links: dict[str, PageLinks] = field(default_factory=dict)
    """Of the pages that lead anywhere."""
    authors: dict[str, list[tuple[str | None, str, bool]]] = field(default_factory=dict)
    """Author, comment and whether minor, of each revision, oldest first."""
    deleted: list[int] = field(default_factory=list)
    """Pages that are gone."""
    foreign: list[int] = field(default_factory=list)
    """Pages that are no wikitext."""
    hidden: list[int] = field(default_factory=list)
    """Revisions whose text, author and comment are hidden."""

    @property
    def pageids(self) -> list[int]:
        return [head.pageid for head in self.heads.values()]


def play_scene(wiki: Any, *, hide: Callable[[str, int], None]) -> WikiScene:
    """Make the contract's wiki: `wiki` is a `LocalWiki` or a `FakeWiki`, where `hide` hides a revision."""
    scene = WikiScene()

    def edit(namespace: int, title: str, text: str, *, user: str, summary: str, minor: bool = False) -> int:
        made: Made = wiki.edit(title, text, summary=summary, minor=minor, user=user)
        scene.texts[made.title] = text
        scene.authors.setdefault(made.title, []).append((user, summary, minor))
        scene.heads[made.title] = PageHead(
            pageid=made.pageid, namespace=namespace, title=made.title, revid=made.revid
        )
        return made.revid

    edit(0, "Tour à bois", "Le tour à bois.", user="Odile Garance", summary="Début")
    text = "Le tour à bois.\n\n== Mandrins ==\nTrois mors."
    edit(0, "Tour à bois", text, user="Basile Ormond", summary="/* Mandrins */ trois mors", minor=True)
    text = "Le '''tour'''.\n\n== Mandrins ==\n* Trois mors\n* Quatre mors"
    edit(0, "Tour à bois", text, user="Odile Garance", summary="Quatre [[mors]] ; <b>relu</b>")
    text = "🪵 <nowiki>&amp;</nowiki> 𝄞 é"
    edit(0, "R&D : « l’atelier » 2", text, user="Odile Garance", summary="🪵")
    edit(1, "Discussion:Tour à bois", "Quel mandrin ?", user="Basile Ormond", summary="Question")
    edit(14, "Catégorie:Machines", "Les machines de l’atelier.", user="Odile Garance", summary="Début")
    edit(0, "Le tour", "#REDIRECTION [[Tour à bois]]", user="Basile Ormond", summary="Autre nom")
    edit(0, "Mandrin", "#REDIRECTION [[Tour à bois#Mandrins]]", user="Basile Ormond", summary="Autre nom")
    scene.redirects.update({"Le tour": "Tour à bois", "Mandrin": "Tour à bois"})

    wiki.edit("Modèle:Fiche", "Fiche relue par l’atelier.")
    text = (
        "{{Fiche}}\n\nPour [[tour_à bois|le tour]], après [[rabot]] ([[:Catégorie:Machines]], [[Gouge]]).\n\n"
        "[[Catégorie:Machines]] [[category:Outils à main|gouge]]"
    )
    edit(0, "Gouge", text, user="Odile Garance", summary="Liens")
    for title, target in scene.redirects.items():
        scene.links[title] = PageLinks(pageid=scene.heads[title].pageid, links=(target,))
    scene.links["Gouge"] = PageLinks(
        pageid=scene.heads["Gouge"].pageid,
        categories=("Catégorie:Machines", "Catégorie:Outils à main"),
        links=("Catégorie:Machines", "Rabot", "Tour à bois"),
        templates=("Modèle:Fiche",),
    )

    secret = edit(0, "Vernis", "Le numéro de Basile : 06 00 00 00 00", user="Basile Ormond", summary="Numéro")
    edit(0, "Vernis", "Deux couches minces.", user="Odile Garance", summary="Sans le numéro")
    hide("Vernis", secret)
    scene.authors["Vernis"][0] = (None, "", False)
    scene.hidden.append(secret)

    gone = wiki.edit("Brouillon raté", "À supprimer.")
    wiki.delete("Brouillon raté")
    scene.deleted.append(gone.pageid)
    style = wiki.edit("MediaWiki:Common.css", "b { color: red }")
    scene.foreign.append(style.pageid)
    return scene


class WikiContract:
    """The Protocol `Wiki`, as tests. Subclasses give the fixtures `subject` and `scene`."""

    live = True
    """Whether it has a log, an order of time, and pages that are touched: a file has none."""

    def test_its_description_names_the_wiki_and_its_namespaces(self, subject: Wiki) -> None:
        site = subject.site()
        assert (site.name, site.language, site.private) == ("Savoirs communs", "fr", False)
        names = {number: site.namespaces[number].name for number in (0, 1, 4, 14)}
        assert names == {0: "", 1: "Discussion", 4: "Savoirs communs", 14: "Catégorie"}
        assert site.namespaces[14].canonical == "Category"
        assert site.namespaces[0].content
        assert min(site.namespaces) == 0
        assert site.server_url.startswith("http")
        assert site.page_url("Tour à bois").endswith("/Tour_%C3%A0_bois")

    def test_its_description_says_about_how_much_there_is(self, subject: Wiki, scene: WikiScene) -> None:
        site = subject.site()
        assert len(scene.heads) <= site.page_count < 2 * len(scene.heads)
        assert sum(map(len, scene.authors.values())) <= site.edit_count < 50

    def test_its_time_is_utc_and_not_before_its_newest_revision(
        self, subject: Wiki, scene: WikiScene
    ) -> None:
        newest = max(page.timestamp for page in subject.pages(scene.pageids))
        assert subject.now() >= newest
        assert subject.now().utcoffset() == timedelta(0)

    def test_the_sweep_has_every_page_and_no_other(self, subject: Wiki, scene: WikiScene) -> None:
        heads = [head for head in subject.heads(namespaces=_NAMESPACES) if head.title != "Accueil"]
        assert {head.title: replace(head, touched=None) for head in heads} == scene.heads
        assert len(heads) == len(scene.heads)

    def test_a_page_was_touched_when_it_was_saved_or_later(self, subject: Wiki, scene: WikiScene) -> None:
        saved = {page.pageid: page.timestamp for page in subject.pages(scene.pageids)}
        heads = subject.existing(scene.pageids)
        swept = {head.pageid: head for head in subject.heads(namespaces=_NAMESPACES)}
        for pageid, timestamp in saved.items():
            touched = heads[pageid].touched
            assert swept[pageid].touched == touched
            assert (touched is not None) == self.live
            assert touched is None or (touched >= timestamp and touched.utcoffset() == timedelta(0))

    def test_the_sweep_keeps_to_its_namespaces(self, subject: Wiki, scene: WikiScene) -> None:
        assert [head.title for head in subject.heads(namespaces=[1])] == ["Discussion:Tour à bois"]
        assert list(subject.heads(namespaces=[8])) == []
        assert list(subject.heads(namespaces=[])) == []

    def test_a_first_copy_has_every_head_and_no_other_text(self, subject: Wiki, scene: WikiScene) -> None:
        found = list(subject.contents(namespaces=_NAMESPACES))
        swept = {head.pageid: head for head in subject.heads(namespaces=_NAMESPACES)}
        assert {head.pageid: head for head, _ in found} == swept
        assert len(found) == len(swept)
        told = [page for _, page in found if page is not None]
        assert {page.pageid: page for page in subject.pages([page.pageid for page in told])} == {
            page.pageid: page for page in told
        }
        assert len(told) > 0
        assert all(page is None or page.pageid == head.pageid for head, page in found)
        assert list(subject.contents(namespaces=[])) == []

    def test_an_iterator_may_be_left_early(self, subject: Wiki, scene: WikiScene) -> None:
        assert isinstance(next(subject.heads(namespaces=_NAMESPACES)), PageHead)
        assert isinstance(next(subject.pages(scene.pageids)), Page)
        assert isinstance(next(subject.revisions(scene.pageids)), Revision)
        assert isinstance(next(subject.all_revisions(namespaces=[0])), Revision)
        assert len(list(subject.pages(scene.pageids))) == len(scene.pageids)

    def test_what_exists_is_told_by_pageid(self, subject: Wiki, scene: WikiScene) -> None:
        asked = [*scene.pageids, *scene.deleted, *scene.foreign, 999_999]
        found = {pageid: replace(head, touched=None) for pageid, head in subject.existing(asked).items()}
        assert found == {head.pageid: head for head in scene.heads.values()}
        assert subject.existing([]) == {}

    def test_what_exists_is_told_by_title(self, subject: Wiki, scene: WikiScene) -> None:
        asked = [*scene.heads, "Brouillon raté", "MediaWiki:Common.css", "Jamais | écrit", "<>"]
        found = {title: replace(head, touched=None) for title, head in subject.titled(asked).items()}
        assert found == {title: head for title, head in scene.heads.items() if title in scene.texts}
        assert subject.titled(["Jamais écrit"]) == {}
        assert subject.titled([]) == {}

    def test_texts_are_the_newest_and_what_cannot_be_read_is_left_out(
        self, subject: Wiki, scene: WikiScene
    ) -> None:
        asked = [*scene.pageids, *scene.deleted, *scene.foreign, 999_999, scene.pageids[0]]
        pages = list(subject.pages(asked))
        assert {page.title: page.wikitext for page in pages} == scene.texts
        assert Counter(page.pageid for page in pages).most_common(1)[0][1] == 1
        for page in pages:
            head = scene.heads[page.title]
            assert (page.pageid, page.namespace, page.revid) == (head.pageid, head.namespace, head.revid)
            assert page.timestamp.tzinfo is UTC or page.timestamp.utcoffset() == timedelta(0)
            assert page.content_model == "wikitext"
        assert list(subject.pages([])) == []

    def test_redirects_say_where_they_lead(self, subject: Wiki, scene: WikiScene) -> None:
        pages = subject.pages(scene.pageids)
        assert {p.title: p.redirect_target for p in pages if p.redirect_target} == scene.redirects

    def test_histories_are_whole_and_those_of_a_page_come_together(
        self, subject: Wiki, scene: WikiScene
    ) -> None:
        revisions = list(subject.revisions([*scene.pageids, *scene.deleted, 999_999]))
        groups = [pageid for pageid, _ in groupby(revisions, key=lambda revision: revision.pageid)]
        assert sorted(groups) == sorted(scene.pageids)
        for title, expected in scene.authors.items():
            mine = [r for r in revisions if r.pageid == scene.heads[title].pageid]
            mine.sort(key=lambda revision: revision.revid)
            assert [(r.user, r.comment, r.minor) for r in mine] == expected
            assert [r.parent_revid for r in mine] == [None, *(r.revid for r in mine[:-1])]
            assert mine[-1].revid == scene.heads[title].revid
            text = scene.texts[title].encode()
            assert mine[-1].size == len(text)
            assert mine[-1].sha1 == hashlib.sha1(text, usedforsecurity=False).hexdigest()
            assert mine[-1].user_id
            assert not mine[-1].anonymous

    def test_what_is_hidden_in_a_revision_is_absent(self, subject: Wiki, scene: WikiScene) -> None:
        pageid = scene.heads["Vernis"].pageid
        [revision] = [r for r in subject.revisions([pageid]) if r.revid in scene.hidden]
        assert (revision.user, revision.user_id, revision.comment, revision.sha1) == (None, None, "", "")
        assert "06 00" not in "".join(page.wikitext for page in subject.pages([pageid]))

    def test_the_history_of_the_whole_wiki_is_that_of_its_pages(
        self, subject: Wiki, scene: WikiScene
    ) -> None:
        chosen = set(scene.pageids)
        whole = [r for r in subject.all_revisions(namespaces=_NAMESPACES) if r.pageid in chosen]
        by_page = list(subject.revisions(scene.pageids))
        assert sorted(whole, key=lambda r: r.revid) == sorted(by_page, key=lambda r: r.revid)
        talk = list(subject.all_revisions(namespaces=[1]))
        assert {r.pageid for r in talk} == {scene.heads["Discussion:Tour à bois"].pageid}

    def test_the_history_since_a_moment_begins_with_it(self, subject: Wiki, scene: WikiScene) -> None:
        whole = list(subject.all_revisions(namespaces=_NAMESPACES))
        moments = sorted({revision.timestamp for revision in whole})
        for since in (moments[len(moments) // 2], moments[-1], moments[0] - timedelta(days=1)):
            later = list(subject.all_revisions(namespaces=_NAMESPACES, since=since))
            assert {r.revid for r in later} == {r.revid for r in whole if r.timestamp >= since}
            assert not self.live or later == sorted(later, key=lambda r: (r.timestamp, r.revid))
        assert list(subject.all_revisions(namespaces=[0], since=moments[-1] + timedelta(seconds=1))) == []

    def test_changes_are_revisions_and_log_in_the_order_of_time(
        self, subject: Wiki, scene: WikiScene
    ) -> None:
        whole = list(subject.all_revisions(namespaces=_NAMESPACES))
        moments = sorted({revision.timestamp for revision in whole})
        for since in (_EPOCH, moments[len(moments) // 2]):
            changes = list(subject.changes(namespaces=_NAMESPACES, since=since))
            assert [c.timestamp for c in changes] == sorted(c.timestamp for c in changes)
            revisions = [change for change in changes if isinstance(change, Revision)]
            expected = [revision for revision in whole if revision.timestamp >= since]
            assert sorted(revisions, key=lambda r: r.revid) == sorted(expected, key=lambda r: r.revid)
        future = subject.now() + timedelta(days=1)
        assert list(subject.changes(namespaces=_NAMESPACES, since=future)) == []

    def test_the_log_tells_what_became_of_pages(self, subject: Wiki, scene: WikiScene) -> None:
        changes = subject.changes(namespaces=[], since=_EPOCH)
        events = [change for change in changes if isinstance(change, LoggedEvent)]
        told = [(e.type, e.action, e.pageid, e.title) for e in events if e.type == "delete"]
        hidden = ("delete", "revision", scene.heads["Vernis"].pageid, "Vernis")
        deleted = ("delete", "delete", scene.deleted[0], "Brouillon raté")
        assert told == ([hidden, deleted] if self.live else [])
        assert len({event.logid for event in events}) == len(events)
        assert all(event.timestamp.utcoffset() == timedelta(0) for event in events)

    def test_links_are_known_of_every_page(self, subject: Wiki, scene: WikiScene) -> None:
        asked = [*scene.pageids, *scene.deleted, *scene.foreign, 999_999, scene.pageids[0]]
        links = list(subject.page_links(asked))
        expected = {head.pageid: PageLinks(pageid=head.pageid) for head in scene.heads.values()}
        expected |= {found.pageid: found for found in scene.links.values()}
        assert {found.pageid: found for found in links} == expected
        assert len(links) == len(expected)
        assert list(subject.page_links([])) == []

    def test_checksums_are_those_of_the_texts(self, subject: Wiki, scene: WikiScene) -> None:
        asked = [*scene.pageids, *scene.deleted, 999_999]
        hashes = subject.text_hashes(asked)
        assert hashes.keys() == set(scene.pageids)
        for page in subject.pages(asked):
            sha1 = hashlib.sha1(page.wikitext.encode(), usedforsecurity=False).hexdigest()
            found = hashes[page.pageid]
            assert (found.pageid, found.revid, found.sha1) == (page.pageid, page.revid, sha1)
        assert subject.text_hashes([]) == {}


class PageRendererContract:
    """The Protocol `PageRenderer`, as tests. Subclasses give `renderer` and `scene`."""

    def test_a_rendering_is_the_pages_content_without_edit_links(
        self, renderer: PageRenderer, scene: WikiScene
    ) -> None:
        for title, head in scene.heads.items():
            rendering = renderer.rendering(head.pageid)
            assert rendering is not None, title
            assert (rendering.pageid, rendering.revid) == (head.pageid, head.revid)
        lathe = renderer.rendering(scene.heads["Tour à bois"].pageid)
        assert lathe is not None
        assert 'id="Mandrins"' in lathe.html
        assert "Quatre mors" in lathe.html
        assert not any(part in lathe.html for part in ("editsection", "<html", "NewPP", "=="))

    def test_what_templates_bring_is_in_the_rendering(self, renderer: PageRenderer, scene: WikiScene) -> None:
        gouge = renderer.rendering(scene.heads["Gouge"].pageid)
        assert gouge is not None
        assert "Fiche relue par l’atelier." in gouge.html

    def test_what_is_not_there_has_no_rendering(self, renderer: PageRenderer, scene: WikiScene) -> None:
        assert [renderer.rendering(pageid) for pageid in (*scene.deleted, 999_999)] == [None, None]


class WikiSearchContract:
    """The Protocol `WikiSearch`, as tests. Subclasses give `engine` and `scene`."""

    def test_pages_are_found_by_their_words(self, engine: WikiSearch, scene: WikiScene) -> None:
        lathe, talk = scene.heads["Tour à bois"].pageid, scene.heads["Discussion:Tour à bois"].pageid
        # Words of titles: an engine may take its time with texts.
        found = engine.find("tour", namespaces=[0], limit=10)
        assert lathe in found
        assert len(found) == len(set(found))
        assert set(found) <= {head.pageid for head in scene.heads.values() if head.namespace == 0}
        assert engine.find("tour bois", namespaces=[1], limit=10) == [talk]

    def test_no_more_are_given_than_asked_for(self, engine: WikiSearch, scene: WikiScene) -> None:
        assert len(engine.find("tour", namespaces=[0, 1, 14], limit=1)) == 1
        assert len(engine.find("tour", namespaces=[0, 1, 14], limit=50)) > 1

    def test_what_is_not_there_is_not_found(self, engine: WikiSearch) -> None:
        for question in ("zzyzx", '"', "-", "intitle:", "a" * 250, "🪵" * 20):
            assert engine.find(question, namespaces=[14], limit=10) == []

    def test_what_may_not_be_read_is_not_found(self, engine: WikiSearch, scene: WikiScene) -> None:
        gone = {*scene.deleted, *scene.foreign}
        assert not gone & set(engine.find("supprimer", namespaces=[0, 8], limit=10))
