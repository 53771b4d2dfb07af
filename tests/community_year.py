"""A year in the life of a community: thirty members, twelve meetings, who leaves, who tires, who comes.

    year = Year(seed=20250101)
    year.write(path, month=3)     # an export of the wiki, as it was at the end of March
    year.notes(3)                 # the notes of March's meeting

What happens is chosen by a seeded generator, and kept as it happens: what the pages of the community say of
it is compared with that, by sums of this module's own.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from tests.community_year_texts import (
    BOT,
    CATEGORIES,
    COORDINATOR,
    CORE,
    DETAILS,
    EXPERT,
    FAILING,
    FORGOTTEN,
    NEWCOMERS,
    OCCASIONAL,
    OPTED_OUT,
    REGULARS,
    SUBJECTS,
    TRIED,
    WANTED,
)

YEAR: Final = 2025
MEMBERS: Final = (COORDINATOR, EXPERT, OPTED_OUT, *CORE, *REGULARS, *OCCASIONAL, *NEWCOMERS)
USER_IDS: Final = {name: 101 + number for number, name in enumerate((*MEMBERS, BOT))}
LEFT_AFTER: Final = 6
"""The last month in which the expert writes."""
# The coordinator's edits by month: she carries it, and tires.
_TIRING: Final = (26, 24, 25, 22, 20, 16, 9, 6, 4, 2, 1, 0)
_HEAD: Final = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="fr">
<siteinfo><sitename>Les Jardins du Canal</sitename><dbname>canal</dbname>
<base>http://wiki.invalid/index.php/Accueil</base><generator>MediaWiki 1.39.17</generator>
<case>first-letter</case><namespaces>
<namespace key="0" case="first-letter" /><namespace key="1" case="first-letter">Discussion</namespace>
<namespace key="2" case="first-letter">Utilisateur</namespace>
<namespace key="3" case="first-letter">Discussion utilisateur</namespace>
<namespace key="10" case="first-letter">Modèle</namespace>
<namespace key="14" case="first-letter">Catégorie</namespace>
</namespaces></siteinfo>
"""


def end_of(month: int) -> datetime:
    """The first moment of the next month."""
    return datetime(YEAR + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def meeting_day(month: int) -> date:
    """The day of a month's meeting."""
    return date(YEAR, month, 20)


def due_day(month: int) -> date:
    """The day on which the action of a month's meeting is due."""
    return date(YEAR + month // 12, month % 12 + 1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One revision."""

    revid: int
    title: str
    user: str
    moment: datetime
    text: str


@dataclass(slots=True)
class _Page:
    """A practice as it grows: its status, who relates to it, and its sentences."""

    category: str
    status: str = "émergente"
    contacts: list[str] = field(default_factory=list)
    reviewed_by: str = ""
    sentences: list[str] = field(default_factory=list)
    finished: bool = False
    """Nobody works on it any more."""

    def text(self, title: str) -> str:
        reviewed = f"|relue_par={self.reviewed_by}" if self.reviewed_by else ""
        return (
            f"{{{{Practice|statut={self.status}|contacts={', '.join(self.contacts)}{reviewed}|langue=fr}}}}\n"
            f"== Problème ==\nSans habitude commune, {SUBJECTS[self.category]} nous donnent du souci.\n"
            f"== Solution ==\n{title} ensemble, avec {SUBJECTS[self.category]}.\n"
            + "\n".join(self.sentences)
            + f"\n[[Catégorie:{self.category}]]\n"
        )


class Year:
    """See the module.

    Args:
        seed: the same one, the same year.
    """

    def __init__(self, *, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a story, no secret
        self.edits: list[Edit] = []
        self._pages: dict[str, _Page] = {}
        self._pageids: dict[str, int] = {}
        self._found()
        for month in range(1, 13):
            self._live(month)

    def until(self, month: int) -> list[Edit]:
        """What was saved until the end of a month; 0: before the year began."""
        return [edit for edit in self.edits if edit.moment < end_of(month)]

    def counts(self, first: int, last: int, *, without: Sequence[str] = ()) -> Counter[str]:
        """How often each person edited in these months; programs, and who is left out, did nothing."""
        left_out = {BOT, *without}
        return Counter(
            edit.user
            for edit in self.edits
            if edit.moment.year == YEAR and first <= edit.moment.month <= last and edit.user not in left_out
        )

    def pageid(self, title: str) -> int:
        """The number of a page."""
        return self._pageids[title]

    def write(self, path: Path, *, month: int) -> None:
        """Write an export of all that was saved until the end of a month."""
        path.write_text("".join(self._export(month)), encoding="utf-8")

    def notes(self, month: int) -> str:
        """The notes of a month's meeting: who was there, an action, and the one of the month before, done."""
        present = [COORDINATOR, OPTED_OUT, *CORE[:3]]
        if month <= LEFT_AFTER:
            present.append(EXPERT)
        owner = CORE[month % 3]
        lines = [
            f"# Réunion du {meeting_day(month):%d/%m/%Y}",
            "",
            f"Présents : {', '.join(present)}",
            "",
            "## Actions",
            "",
            f"- [ ] {owner} : commander la pièce numéro {month} avant le {due_day(month):%d/%m/%Y}",
        ]
        if month in (2, 3, 4, 7):
            lines.append(f"- [x] {CORE[(month - 1) % 3]} : commander la pièce numéro {month - 1}")
        return "\n".join([*lines, ""])

    def _export(self, month: int) -> Iterator[str]:
        yield _HEAD
        by_title: dict[str, list[Edit]] = {}
        for edit in self.until(month):
            by_title.setdefault(edit.title, []).append(edit)
        for title, edits in by_title.items():
            namespace = 14 if title.startswith("Catégorie:") else 0
            number = self._pageids[title]
            yield f"<page><title>{escape(title)}</title><ns>{namespace}</ns><id>{number}</id>"
            for edit in edits:
                yield (
                    f"<revision><id>{edit.revid}</id><timestamp>{edit.moment:%Y-%m-%dT%H:%M:%SZ}</timestamp>"
                    f"<contributor><username>{escape(edit.user)}</username><id>{USER_IDS[edit.user]}</id>"
                    "</contributor><model>wikitext</model><format>text/x-wiki</format>"
                    f'<text xml:space="preserve">{escape(edit.text)}</text></revision>'
                )
            yield "</page>\n"
        yield "</mediawiki>\n"

    def _live(self, month: int) -> None:
        plan = list(self._authors(month))
        self._random.shuffle(plan)
        step = timedelta(days=24) / max(1, len(plan))
        moment = datetime(YEAR, month, 3, 8, tzinfo=UTC)
        for author, category in plan:
            title = self._random.choice(self._open(category))
            self._say(title, author, self._random.choice(DETAILS), moment)
            moment += step
        for title, author, change in _EVENTS.get(month, ()):
            change(self._pages.setdefault(title, _Page("Outils", contacts=[author])))
            self._save(title, author, self._pages[title].text(title), moment)
            moment += timedelta(minutes=7)

    def _found(self) -> None:
        """Have the pages, and everybody who is no newcomer, begin in the autumn before."""
        moment = datetime(YEAR - 1, 9, 1, 8, tzinfo=UTC)
        forgotten = self._pages[FORGOTTEN] = _Page("Outils", status="référence", contacts=[COORDINATOR])
        forgotten.finished = True
        self._save(FORGOTTEN, COORDINATOR, forgotten.text(FORGOTTEN), moment)
        for category, titles in CATEGORIES.items():
            author = {"Greffe": EXPERT, "Arrosage": OPTED_OUT}.get(category, COORDINATOR)
            self._save(f"Catégorie:{category}", BOT, f"Tout ce qui touche à : {category}.", moment)
            for title in titles:
                page = self._pages[title] = _Page(category, contacts=[author])
                if title == FAILING:
                    page.status = "testée"
                if title in ("Retourner le compost", "Affûter une bêche", "Arroser le soir"):
                    page.sentences.append(f"Voir aussi [[{WANTED}]].")
                moment += timedelta(minutes=40)
                self._save(title, author, page.text(title), moment)
        for name in MEMBERS:
            if name not in NEWCOMERS:
                moment += timedelta(minutes=40)
                self._say("Tenir le portail", name, DETAILS[0], moment)

    def _open(self, category: str) -> list[str]:
        pages = self._pages.items()
        return [title for title, page in pages if page.category == category and not page.finished]

    def _authors(self, month: int) -> Iterator[tuple[str, str]]:
        """Who edits something of which category, once for each time."""
        chance = self._random
        theirs = [category for category in CATEGORIES if category not in ("Greffe",)]
        yield from ((COORDINATOR, chance.choice(theirs)) for _ in range(_TIRING[month - 1]))
        if month <= LEFT_AFTER:
            yield from ((EXPERT, "Greffe") for _ in range(5))
        yield from ((OPTED_OUT, "Arrosage") for _ in range(8))
        for number, name in enumerate(CORE):
            yield from ((name, theirs[number % len(theirs)]) for _ in range(chance.randint(3, 6)))
        for name in REGULARS:
            yield from ((name, chance.choice(theirs)) for _ in range(chance.randint(1, 2)))
        for name in OCCASIONAL:
            if chance.random() < 0.3:
                yield name, chance.choice(theirs)
        for name, first in NEWCOMERS.items():
            if month >= first:
                yield name, "Accueil"
        yield from ((BOT, chance.choice(theirs)) for _ in range(15))

    def _say(self, title: str, author: str, sentence: str, moment: datetime) -> None:
        page = self._pages[title]
        page.sentences.append(sentence)
        if author not in page.contacts and author != BOT and page.category != "Accueil":
            page.contacts = [*page.contacts, author][:4]
        self._save(title, author, page.text(title), moment)

    def _save(self, title: str, author: str, text: str, moment: datetime) -> None:
        self._pageids.setdefault(title, 10 + len(self._pageids))
        revid = 1_000 + len(self.edits)
        self.edits.append(Edit(revid=revid, title=title, user=author, moment=moment, text=text))


def _status(status: str) -> Callable[[_Page], None]:
    def change(page: _Page) -> None:
        page.status = status

    return change


def _more(sentence: str) -> Callable[[_Page], None]:
    def change(page: _Page) -> None:
        page.sentences.append(sentence)

    return change


def _less(sentence: str) -> Callable[[_Page], None]:
    def change(page: _Page) -> None:
        page.sentences.remove(sentence)

    return change


WATER, DO_NOT_WATER = (
    "Il faut arroser le compost chaque semaine.",
    "Il ne faut pas arroser le compost chaque semaine.",
)
# What happens at the end of a month besides: page, who edits it, what changes.
_EVENTS: Final[Mapping[int, Sequence[tuple[str, str, Callable[[_Page], None]]]]] = {
    5: [(TRIED, COORDINATOR, _status("testée"))],
    6: [
        ("Nourrir le compost", CORE[0], _more(WATER)),
        ("Abriter le compost", CORE[1], _more(DO_NOT_WATER)),
    ],
    9: [
        (WANTED, CORE[1], _status("émergente")),
        ("Abriter le compost", CORE[1], _less(DO_NOT_WATER)),
        (TRIED, CORE[1], _status("adoptée")),
    ],
}
