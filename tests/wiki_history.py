"""A random life of a wiki: everything that people, administrators, oversighters and scripts do to pages.

    history = RandomHistory(wiki, seed=20260302)
    history.found(pages=30)      # a wiki to begin with
    history.run(100)             # 100 operations, every kind at least once
    print(history.story())       # the last operations, for who reads a failure

What happens next is chosen from the wiki's own database and a seeded generator: the same seed on the same
blank wiki makes the same history. `unseen_pages` and `unseen_revisions` are what a change feed cannot tell
of, because the wiki keeps it out of its public log: suppressions, and imports by script.
"""

import random
from collections import Counter

from tests.mediawiki import LocalWiki
from tests.mediawiki_api import LocalWikiError
from tests.mediawiki_moderation import ExportedRevision, Moderation
from tests.wiki_history_pages import LivePage, WikiPages
from tests.wiki_history_texts import PEOPLE, TEMPLATES, TITLES, make_text, make_title

# How often, besides once each: ordinary work is most of a wiki's life.
_WEIGHTS = {
    "edit": 30,
    "create": 14,
    "move": 8,
    "move_without_redirect": 4,
    "move_elsewhere": 5,
    "move_onto_redirect": 3,
    "delete": 7,
    "undelete": 5,
    "undelete_in_part": 3,
    "hide": 5,
    "show": 3,
    "suppress": 3,
    "lift_suppression": 2,
    "suppress_page": 2,
    "hide_user": 1,
    "show_user": 1,
    "import_file": 3,
    "import_quietly": 1,
    "edit_quietly": 1,
    "edit_template": 4,
    "protect": 2,
    "merge": 2,
    "change_model": 2,
    "let_time_pass": 4,
}
KINDS = tuple(_WEIGHTS)
# What the wiki may refuse for reasons of its own: the history goes on with something else.
_REFUSALS = {
    "articleexists",
    "cantmove",
    "immobilenamespace",
    "mergehistory-fail-no-change",
    "mergehistory-fail-timestamps-overlap",
    "nochange",
    "protectedpage",
    "revdelete-hide-current",
    "selfmove",
    "undeleterevdel",
}
_STORY = 40  # operations
_SUPPRESSED = 8  # bit of rev_deleted
_ELSEWHERE = (1, 2, 4, 10, 12, 14)  # 10, templates, is not mirrored


class RandomHistory:
    """See the module."""

    def __init__(self, wiki: LocalWiki, *, seed: int) -> None:
        self.seed = seed
        self.wiki = wiki
        self.done: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.unseen_pages: set[int] = set()
        self.unseen_revisions: set[int] = set()
        self._random = random.Random(seed)  # noqa: S311 - a history, no secret
        self._moderation = Moderation(wiki)
        self._hidden_people: list[str] = []
        self._count = 0
        self._moderation.let_time_pass(0)  # from here on the seed alone says what happens when
        self._pages = WikiPages(wiki, self._random)
        for person in PEOPLE:
            wiki.account(person)

    def found(self, *, pages: int) -> None:
        """Create templates and pages to begin with."""
        for template in TEMPLATES:
            self.wiki.edit(f"Modèle:{template}", "Voir aussi : {{{1|}}} <small>Première mouture.</small>")
        for _ in range(pages):
            self._moderation.let_time_pass(1)
            self._create()

    def run(self, operations: int) -> None:
        """Do so many operations; every other one of a kind that has not happened yet, while there is one."""
        target = len(self.done) + operations
        refused = 0
        while len(self.done) < target:
            kind = self._random.choices(KINDS, list(_WEIGHTS.values()))[0]
            if (new := [kind for kind in KINDS if not self.kinds[kind]]) and self._random.random() < 0.5:
                kind = self._random.choice(new)
            # Three in ten happen in the same second as what was before.
            self._moderation.let_time_pass(self._random.choices((0, 1, 20), (3, 5, 2))[0])
            try:
                about = getattr(self, f"_{kind}")()
            except LocalWikiError as error:
                if error.code not in _REFUSALS:
                    raise AssertionError(f"{kind}: {error}\n{self.story()}") from error
                about = None
            if about is None:
                refused += 1
                assert refused < 20 * operations, f"only {len(self.done)} operations were possible"
                continue
            self.kinds[kind] += 1
            self.done.append(f"{kind}: {about}")

    def story(self) -> str:
        """The seed and the last operations."""
        start = max(0, len(self.done) - _STORY)
        lines = [f"{number:5} {line}" for number, line in enumerate(self.done[start:], start=start + 1)]
        return "\n".join([f"seed {self.seed}, {len(self.done)} operations, the last of them:", *lines])

    def settle(self) -> None:
        """Let the wiki work out links, and as much time pass as that may take."""
        self._moderation.run_jobs()
        self._moderation.let_time_pass(2 * 3_600)

    def everything_was_seen(self) -> None:
        """Forget what the feed could not tell of: a sweep has been there."""
        self.unseen_pages.clear()
        self.unseen_revisions.clear()

    # Ordinary work

    def _create(self) -> str | None:
        namespace = self._random.choices((0, 1, 2, 4, 12, 14), (60, 10, 8, 6, 8, 8))[0]
        title = self._pages.title(namespace, make_title(self._random))
        if self._pages.exists(title):
            return None
        redirect = self._random.random() < 0.15
        text = f"#REDIRECTION [[{self._random.choice(TITLES)}]]" if redirect else self._text()
        self.wiki.edit(title, text, user=self._person(), summary=self._summary())
        return title

    def _edit(self) -> str | None:
        page = self._pages.pick()
        return None if page is None else self._save(page)

    def _save(self, page: LivePage) -> str:
        options = {"minor": True} if self._random.random() < 0.2 else {}
        if page.model != "wikitext":
            self.wiki.edit(page.title, f"/* {self._next()} */", user=None)
            return f"{page.title} ({page.model})"
        text = (
            f"#REDIRECTION [[{self._random.choice(TITLES)}]]"
            if self._random.random() < 0.07
            else self._text()
        )
        self.wiki.edit(page.title, text, user=self._person(), summary=self._summary(), **options)
        return page.title

    def _edit_template(self) -> str:
        template = self._random.choice(TEMPLATES)
        links = f"[[{self._random.choice(TITLES)}]] [[Catégorie:Lot {self._random.randrange(5)}]]"
        self.wiki.edit(f"Modèle:{template}", f"Voir aussi : {{{{{{1|}}}}}} {links} ({self._next()})")
        return template

    def _edit_quietly(self) -> str | None:
        page = self._pages.pick()
        if page is None or page.model != "wikitext":
            return None
        self._moderation.edit_quietly(page.title, self._text(), user=self._person() or "Admin")
        return page.title

    # Moves

    def _move(self) -> str | None:
        return self._move_to(self._pages.pick(), redirect=True)

    def _move_without_redirect(self) -> str | None:
        return self._move_to(self._pages.pick(), redirect=False)

    def _move_elsewhere(self) -> str | None:
        page = self._pages.pick()
        away = [n for n in (0, *_ELSEWHERE) if page is not None and n != page.namespace]
        # Half of what is among the templates comes back.
        if back := self._pages.pick("page_namespace = 10 AND page_title NOT LIKE 'Encadré%'"):
            page, away = (back, [0]) if self._random.random() < 0.5 else (page, away)
        return self._move_to(page, redirect=self._random.random() < 0.5, namespaces=away)

    def _move_to(
        self, page: LivePage | None, *, redirect: bool, namespaces: list[int] | None = None
    ) -> str | None:
        if page is None:
            return None
        namespace = self._random.choice(namespaces) if namespaces else page.namespace
        target = self._pages.title(namespace, make_title(self._random))
        if target == page.title or self._pages.exists(target):
            return None
        self.wiki.move(page.title, target, reason=self._summary(), redirect=redirect)
        return f"{page.title} -> {target}"

    def _move_onto_redirect(self) -> str | None:
        """Back over the redirect that a move left: MediaWiki deletes it."""
        page = self._pages.pick("page_is_redirect = 0")
        if page is None:
            return None
        target = self._pages.title(page.namespace, make_title(self._random))
        if self._pages.exists(target):
            return None
        self.wiki.move(page.title, target)
        self.wiki.move(target, page.title, redirect=self._random.random() < 0.5)
        return f"{page.title} -> {target} -> {page.title}"

    # Going and coming back

    def _delete(self) -> str | None:
        page = self._pages.pick()
        if page is not None:
            self.wiki.delete(page.title, reason=self._summary())
        return None if page is None else page.title

    def _suppress_page(self) -> str | None:
        page = self._pages.pick()
        if page is not None:
            self._moderation.suppress_page(page.title, reason=self._summary())
            self.unseen_pages.add(page.pageid)
        return None if page is None else page.title

    def _undelete(self) -> str | None:
        archived = self._pages.archived(revisions=1)
        if archived is None:
            return None
        title, _ = archived
        self.wiki.session().write("undelete", title=title, reason=self._summary())
        return title

    def _undelete_in_part(self) -> str | None:
        archived = self._pages.archived(revisions=2)
        if archived is None:
            return None
        title, timestamps = archived
        some = sorted(self._random.sample(timestamps, self._random.randrange(1, len(timestamps))))
        self.wiki.session().write("undelete", title=title, timestamps=some, reason=self._summary())
        return f"{title}, {len(some)} of {len(timestamps)} revisions"

    # Hiding

    def _hide(self) -> str | None:
        return self._hide_some(suppress=None)

    def _suppress(self) -> str | None:
        return self._hide_some(suppress=True)

    def _hide_some(self, *, suppress: bool | None) -> str | None:
        page = self._pages.pick()
        if page is None:
            return None
        rows = self._pages.all(
            "SELECT rev_id, rev_deleted FROM revision WHERE rev_page = ? ORDER BY rev_id", page.pageid
        )
        chosen = self._random.sample(rows, min(len(rows), self._random.randrange(1, 3)))
        revids = [row["rev_id"] for row in chosen]
        parts = ["user", "comment"] if page.revid in revids else ["content", "user", "comment"]
        hide = self._random.sample(parts, self._random.randrange(1, len(parts) + 1))
        self._moderation.show_or_hide(revids, hide=hide, suppress=suppress, reason=self._summary())
        if suppress or any(row["rev_deleted"] & _SUPPRESSED for row in chosen):
            self.unseen_revisions.update(revids)
        return f"{', '.join(hide)} of {revids} of {page.title}"

    def _show(self) -> str | None:
        return self._show_one("rev_deleted > 0 AND rev_deleted < 8")

    def _lift_suppression(self) -> str | None:
        return self._show_one("rev_deleted >= 8")

    def _show_one(self, condition: str) -> str | None:
        rows = self._pages.all(
            "SELECT rev_id, rev_deleted FROM revision JOIN page ON page_id = rev_page"  # noqa: S608 - ours
            f" WHERE {condition} ORDER BY rev_id"
        )
        if not rows:
            return None
        row = self._random.choice(rows)
        self._moderation.show_or_hide([row["rev_id"]], show=["content", "user", "comment"], suppress=False)
        if row["rev_deleted"] & _SUPPRESSED:
            self.unseen_revisions.add(row["rev_id"])
        return str(row["rev_id"])

    def _hide_user(self) -> str | None:
        person = self._person()
        if person is None or len(self._hidden_people) > 1:
            return None
        self._hidden_people.append(person)
        self._revisions_of(person)
        self._moderation.hide_user(person)
        return person

    def _show_user(self) -> str | None:
        if not self._hidden_people:
            return None
        person = self._hidden_people.pop(self._random.randrange(len(self._hidden_people)))
        self._revisions_of(person)
        self._moderation.show_user(person)
        return person

    def _revisions_of(self, person: str) -> None:
        rows = self._pages.all(
            "SELECT rev_id FROM revision JOIN actor ON actor_id = rev_actor WHERE actor_name = ?", person
        )
        self.unseen_revisions.update(row["rev_id"] for row in rows)

    # What comes from elsewhere, and the rest

    def _import_file(self) -> str | None:
        title = self._pages.title(0, make_title(self._random))
        self._moderation.import_file({title: self._exported()})
        return title

    def _import_quietly(self) -> str | None:
        title = self._pages.title(0, make_title(self._random))
        self._moderation.import_quietly({title: self._exported()})
        [row] = self._pages.all(
            "SELECT page_id FROM page WHERE page_namespace = 0 AND page_title = ?", title.replace(" ", "_")
        )
        self.unseen_pages.add(row["page_id"])
        return title

    def _exported(self) -> list[ExportedRevision]:
        years = sorted(self._random.sample(range(2005, 2020), self._random.randrange(1, 4)))
        return [
            ExportedRevision(
                f"{year}-05-0{self._random.randrange(1, 10)}T08:{self._random.randrange(10, 60)}:00Z",
                self._random.choice(("Ernestine", "Fulgence")),
                self._text(),
                self._summary(),
            )
            for year in years
        ]

    def _protect(self) -> str | None:
        page = self._pages.pick()
        if page is not None:
            level = self._random.choice(("sysop", "all"))
            self.wiki.session().write(
                "protect", title=page.title, protections=f"move={level}", reason=self._summary()
            )
        return None if page is None else page.title

    def _merge(self) -> str | None:
        source, target = self._pages.pick("page_is_redirect = 0"), self._pages.pick("page_is_redirect = 0")
        if source is None or target is None or source.pageid == target.pageid or source.model != target.model:
            return None
        first, second = sorted((source, target), key=lambda page: self._pages.oldest(page.pageid))
        if self._pages.oldest(first.pageid) == self._pages.oldest(second.pageid):
            return None
        self._moderation.merge_history(first.title, second.title)
        return f"{first.title} -> {second.title}"

    def _change_model(self) -> str | None:
        page = self._pages.pick("page_content_model = 'text'") if self._random.random() < 0.5 else None
        page = page or self._pages.pick("page_namespace = 0")
        if page is None:
            return None
        model = "text" if page.model == "wikitext" else "wikitext"
        self.wiki.session().write(
            "changecontentmodel", title=page.title, model=model, summary=self._summary()
        )
        return f"{page.title}: {model}"

    def _let_time_pass(self) -> str:
        minutes = self._random.choice((1, 4, 9, 11, 15, 40))
        self._moderation.let_time_pass(60 * minutes)
        return f"{minutes} minutes"

    # Choosing

    def _person(self) -> str | None:
        seen = [person for person in PEOPLE if person not in self._hidden_people]
        return self._random.choice(seen) if seen else None

    def _text(self) -> str:
        return make_text(self._random, number=self._next())

    def _summary(self) -> str:
        return f"Retouche {self._next()}" if self._random.random() < 0.8 else ""

    def _next(self) -> int:
        self._count += 1
        return self._count
