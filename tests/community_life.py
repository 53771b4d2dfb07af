"""A year that is lived: the wiki is synced month by month, and members do what they do on the pages.

    life = Life(services, readers, year, folder)
    life.begin()
    for month in range(1, 13):
        life.live(month)
    life.months[3].told         # what the coordinator was told at the end of March

The clock is set to each moment of the story. Everything that members do goes through the pages and their
forms; only who is signed in is put there by hand.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from community.asking import Candidate
from community.digest import Digest
from community.evidence_rules import Proposal
from connector.dump import DumpWiki
from connector.store import Question
from search.readable import Readable
from tests.builders import HashingEmbedder
from tests.community_year import USER_IDS, YEAR, Year, end_of, meeting_day
from tests.community_year_texts import (
    ANSWERS,
    CALLED,
    CONTACTS,
    COORDINATOR,
    CORE,
    ERASED,
    EXPERIENCES,
    OPTED_OUT,
    PAUSED,
    QUESTIONS,
    SEARCHED,
)
from tests.members import PutThere, make_app
from tests.sign_in_ground import post, soup
from webui.bootstrap import Services, build_services
from webui.config import load_config
from webui.digests.post import DigestPost
from webui.rights.rights import Everything
from webui.rights.roles import Role

SETTINGS: Final = """[wiki]
api_url = "http://wiki.invalid/w/api.php"
[community]
asks_a_month = 2
review_months = 6
"""
CAP: Final = 2
"""How often somebody is asked in thirty days, of the settings above."""
A_MONTH: Final = timedelta(days=30)
OUT_FROM: Final = 5
"""The month in which somebody opts out."""
SEARCHED_IN: Final = 6
"""The month in which people look for what nobody has written."""
PAUSE: Final = (7, 8)
"""Months in which somebody is not to be asked."""
ERASED_FROM: Final = 11
"""The month in which somebody has themselves erased."""


@contextmanager
def year_services(folder: Path) -> Iterator[tuple[Services, PutThere]]:
    """Services before a wiki of which there are exports only, and who asks."""
    (folder / "compagnon.toml").write_text(SETTINGS, encoding="utf-8")
    services = build_services(load_config(folder))
    services.__dict__["embedder"] = HashingEmbedder()
    readers = services.__dict__["readers"] = PutThere(services)
    try:
        yield services, readers
    finally:
        services.eraser.wait()
        services.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What was told in one month."""

    now: datetime
    """Its last evening, with everything synced."""
    told: Any
    """The answer of `/api/v1/community`: JSON."""
    proposals: Sequence[Proposal]
    candidates: Mapping[str, Sequence[Candidate]]
    """Who was proposed for each question, by its words, in the middle of the month."""
    digest: Digest
    """What the month brought."""
    settled: Sequence[str]
    """Items of the meeting's agenda that its notes settled."""
    texts: Sequence[str]
    """The coordinator's page, the meeting's agenda as wikitext and Markdown, the hand-over, the digest."""
    asked: Mapping[str, Sequence[datetime]]
    """When each person was asked something, until then."""
    signed_in: Mapping[str, datetime]
    """When each was here for the last time, until then."""


class Life:
    """See the module.

    Args:
        services: what is lived with.
        readers: who asks.
        year: what happens in the wiki.
        folder: where its exports go.
    """

    def __init__(self, services: Services, readers: PutThere, year: Year, folder: Path) -> None:
        self.services = services
        self.year = year
        self.months: dict[int, Month] = {}
        self.client: FlaskClient = make_app(services).test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.asked: defaultdict[str, list[datetime]] = defaultdict(list)
        """When each was asked a question."""
        self.signed_in: dict[str, datetime] = {}
        """When each was here for the last time."""
        self.questions: dict[str, Question] = {}
        """By their words."""
        self.givers: dict[str, str] = {}
        """Who was asked each first."""
        self.answered: dict[str, str] = {}
        """Who answered which."""
        self._readers = readers
        self._export = folder / "canal.xml"

    def begin(self) -> None:
        """Sync the wiki as it was before the year."""
        with time_machine.travel(end_of(0) - timedelta(hours=4)):
            self._sync(0)

    def live(self, month: int) -> None:
        """Live one month: what is wished, tried, asked, answered and met about, and what the pages say."""
        with self._at(month, 2):
            self._wish(month)
        with self._at(month, 4):
            self._welcome(month)
        self._search(month)
        with self._at(month, 12):
            meeting = self._plan(month)
        with self._at(month, 13):
            self._call(month)
        with self._at(month, 14):
            self._try(month)
        with self._at(month, 15):
            self._ask(month)
        # Never thirty days to the second after the last time.
        with self._at(month, 16, 12 + 6 * (month % 2)) as now:
            candidates = self._find_whom(now)
        with self._at(month, 17):
            self._answer(month)
        with self._at(month, meeting_day(month).day, 22):
            settled = self._meet(month, meeting)
        with time_machine.travel(end_of(month) - timedelta(hours=4)):
            self._sync(month)
            self.months[month] = self._look(month, candidates, meeting=meeting, settled=settled)

    def as_(self, name: str, role: Role = Role.MEMBER, *, readable: Readable | None = None) -> FlaskClient:
        """The browser, in which somebody has signed in."""
        self._readers.person(name, role, number=USER_IDS[name], readable=readable)
        self.signed_in[name] = datetime.now(UTC)
        return self.client

    @property
    def coordinator(self) -> FlaskClient:
        """The browser of who coordinates."""
        return self.as_(COORDINATOR, Role.COORDINATOR)

    @property
    def visitor(self) -> FlaskClient:
        """The browser, in which nobody has signed in."""
        self._readers.visitor()
        return self.client

    @contextmanager
    def _at(self, month: int, day: int, hour: int = 18) -> Iterator[datetime]:
        moment = datetime(YEAR, month, day, hour, tzinfo=UTC)
        with time_machine.travel(moment):
            yield moment

    def _sync(self, month: int) -> None:
        self.year.write(self._export, month=month)
        self.services.sync(DumpWiki(self._export))
        self.services.update_index()
        self.services.contradictions.all()  # as a sync in the background does: no page is to tell of waiting

    def _wish(self, month: int) -> None:
        """Have members say what they want of the others, on their own pages."""
        wishes = {"availability": "", "pause": "no", "until": "", "asks": ""}
        if month == 1:
            self.form(self.as_(CORE[0]), "/me", wishes | {"asks": "1"})
        elif month == OUT_FROM:
            self.form(self.as_(OPTED_OUT), "/me", {"wanted": "out"}, to="/me/opt-out")
            self.services.eraser.wait()
        elif month == PAUSE[0]:
            until = f"{YEAR}-{PAUSE[1] + 1:02}-01"
            self.form(self.as_(PAUSED), "/me", wishes | {"pause": "until", "until": until})
        elif month == ERASED_FROM:
            self.form(self.as_(ERASED), "/me/erase", {"name": ERASED, "others": ""})
            self.services.eraser.wait()

    def _try(self, month: int) -> None:
        """Have members say what they tried."""
        for title, name, outcome, context in EXPERIENCES.get(month, ()):
            pageid = self.year.pageid(title)
            page = f"/practices/{pageid}"
            fields = {"outcome": outcome, "context": context, "note": "", "tried-on": ""}
            self.form(self.as_(name), page, fields, to=f"{page}/experiences")

    def _ask(self, month: int) -> None:
        """Have members ask what they ask in a month."""
        for name, text in QUESTIONS[month]:
            answer = self.form(self.as_(name), f"/questions/ask?q={text}", {"text": text}, to="/questions")
            number = int(answer.location.rsplit("/", 1)[1])
            self.questions[text] = self.services.store.questions.get(number)

    def _find_whom(self, now: datetime) -> dict[str, Sequence[Candidate]]:
        """Have the coordinator ask, of each open question, the first of those who are proposed."""
        found: dict[str, Sequence[Candidate]] = {}
        for text, question in self.questions.items():
            if self.services.store.questions.get(question.id).state != "open":
                continue
            address = f"/questions/{question.id}"
            offered = soup(self.get(self.coordinator, address)).select("input[name=person]")
            found[text] = self.services.asking.whom_to_ask(question, now=now)
            assert [each["value"] for each in offered] == [each.person.name for each in found[text]], text
            for candidate in found[text][:1]:
                name = candidate.person.name
                self.form(self.coordinator, address, {"person": name}, to=f"{address}/asks")
                self.asked[name].append(now)
                self.givers.setdefault(text, name)
        return found

    def _answer(self, month: int) -> None:
        """Have those who were asked answer what was asked in the month before."""
        for _, text in QUESTIONS.get(month - 1, ()):
            giver = self.givers.get(text)
            if text not in ANSWERS or giver is None:
                continue
            address = f"/questions/{self.questions[text].id}"
            fields = {"action": "answer", "title": ANSWERS[text], "giver": giver}
            self.form(self.as_(giver), address, fields)
            self.answered[text] = giver

    def _plan(self, month: int) -> int:
        """Have the coordinator plan the month's meeting, with all that it could talk about."""
        planned = {"planned_on": meeting_day(month).isoformat(), "starts_at": "18:30", "place": "Cabane"}
        planned |= {"title": f"Réunion {month}", "minutes": "90", "language": "fr"}
        address = self.form(self.coordinator, "/community/meetings", planned).location
        items = soup(self.get(self.coordinator, address)).select("input[name=item]")
        keys = [str(item["value"]) for item in items]
        if keys:
            self.form(self.coordinator, address, {"action": "add", "item": keys})
        return int(address.rsplit("/", 1)[1])

    def _welcome(self, month: int) -> None:
        """Have the coordinator give a newcomer somebody who shows them around."""
        if month in CONTACTS:
            newcomer, contact = (str(USER_IDS[name]) for name in CONTACTS[month])
            fields = {"action": "assign", "newcomer": newcomer, "contact": contact}
            self.form(self.coordinator, "/community/newcomers", fields)

    def _call(self, month: int) -> None:
        """Have the coordinator call somebody whom the page says to call."""
        if month in CALLED:
            why, name = CALLED[month]
            fields: dict[str, str | list[str]] = {"why": why, "person": str(USER_IDS[name])}
            address = "/community"
            listed = soup(self.get(self.coordinator, address)).select("#calls input[name=person]")
            assert fields["person"] in [each["value"] for each in listed]
            self.form(self.coordinator, address, fields, to="/community/calls")

    def _search(self, month: int) -> None:
        """Have two people look for what nobody has written."""
        if month == SEARCHED_IN:
            for day, name in ((5, CORE[0]), (6, CORE[1])):
                with self._at(month, day):
                    self.get(self.as_(name), f"/?q={SEARCHED}")

    def _meet(self, month: int, meeting: int) -> list[str]:
        """Paste the notes of a month's meeting that evening, and close what they settle: return which."""
        self.form(self.coordinator, "/capture", {"text": self.year.notes(month)})
        address = f"/community/meetings/{meeting}"
        settled = soup(self.get(self.coordinator, address)).select("input[name=key]")
        keys = [str(each["value"]) for each in settled]
        for key in keys:
            self.form(self.coordinator, address, {"action": "close", "key": key})
        return keys

    def _look(
        self,
        month: int,
        candidates: Mapping[str, Sequence[Candidate]],
        *,
        meeting: int,
        settled: Sequence[str],
    ) -> Month:
        now, services = datetime.now(UTC), self.services
        agenda = f"/community/meetings/{meeting}/agenda?format="
        texts = [
            self.get(self.coordinator, address).get_data(as_text=True)
            for address in (
                "/community?months=3",
                f"{agenda}wikitext",
                f"{agenda}markdown",
                "/community/hand-over.md",
            )
        ]
        post_office = DigestPost(services)
        _, letter = post_office.of_reader(now, readable=Everything(), language="fr")
        texts.append(repr(letter))
        return Month(
            now=now,
            told=self.get(self.coordinator, "/api/v1/community?months=3").get_json(),
            proposals=services.life_cycle.proposals(now=now),
            candidates=candidates,
            digest=services.digests.digest(end_of(month - 1), now, for_members=True),
            settled=settled,
            texts=texts,
            asked={name: tuple(moments) for name, moments in self.asked.items()},
            signed_in=dict(self.signed_in),
        )

    def get(self, client: FlaskClient, address: str) -> TestResponse:
        """A page that must be there."""
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.get_data(as_text=True))
        return answer

    def form(
        self, client: FlaskClient, page: str, fields: Mapping[str, str | list[str]], *, to: str = ""
    ) -> TestResponse:
        """Send a form of a page; it must be taken."""
        # The token stands on each page; this one is made soonest.
        answer = post(client, "/about", fields, to=to or page)
        assert answer.status_code == 303, (page, answer.status_code, answer.get_data(as_text=True))
        return answer
