"""Who knows about a subject: people, by the pages that answer the question and their part in them.

Document voting, Model 2 of Balog, Azzopardi & de Rijke, "Formal Models for Expert Finding in Enterprise
Corpora" (SIGIR 2006): a person's score is the sum over pages of p(page | question) × the person's share.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from connector.model import Site
from connector.store import Store
from search.keyword_index import IndexedPage
from search.page_votes import Identities, PageVote, PageVotes, Reason, name_now
from search.people import Availability, PeopleFilter
from search.readable import Readable, readable_pages
from search.settings import ExpertSettings

# Evidence shown for one person: so many pages, and none that says far less than the most telling one.
_MAX_EVIDENCE = 5
_LEAST_TELLING = 0.2

_WHY: Final[dict[Literal["fr", "en"], dict[Reason, str]]] = {
    "fr": {
        "contact": "personne à contacter pour cette pratique",
        "credited": "figure parmi les auteurs que la page nomme",
        "author": "a créé la page ({edits}, {share} % de l’apport)",
        "editor": "a contribué à la page ({edits}, {share} % de l’apport)",
        "attended": "était à la réunion que la page rapporte",
        "answered_question": "a répondu à une question de la communauté avec cette page",
        "answered": "participe à la discussion de la page ({edits})",
    },
    "en": {
        "contact": "named as a contact for this practice",
        "credited": "is among the authors whom the page names",
        "author": "created the page ({edits}, {share}% of the contributions)",
        "editor": "contributed to the page ({edits}, {share}% of the contributions)",
        "attended": "was at the meeting that the page reports",
        "answered_question": "answered a question of the community with this page",
        "answered": "takes part in the page’s discussion ({edits})",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A page that shows what someone knows."""

    pageid: int
    title: str
    url: str
    reason: Reason
    share: float
    """The person's part (0..1) in what was contributed to the page; 0 for a contact who did not edit it."""
    edits: int
    """How many edits of the page that added something, or of its talk page for "answered"."""

    def why(self, language: str) -> str:
        """Return the evidence in words, in French ("fr") or English."""
        known: Literal["fr", "en"] = "fr" if language == "fr" else "en"
        noun = "modification" if known == "fr" else "edit"
        edits = f"{self.edits} {noun}{'s' if self.edits > 1 else ''}"
        return _WHY[known][self.reason].format(edits=edits, share=max(1, round(100 * self.share)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """A person who knows about the subject."""

    name: str
    score: float
    """0 to 1: 1 for whom every page that answers names as its contact."""
    evidence: tuple[Evidence, ...]
    """The most telling page first."""
    user: str | None = None
    """Name of the person's account in the wiki; None for who is only named on these pages."""
    user_id: int | None = None
    """Number of that account."""
    languages: tuple[str, ...] = ()
    """Of the pages that are the evidence, the one that most of them have first."""
    available: bool = True
    """Whether the person may be asked now."""
    availability: str = ""
    """What the person says of it: until when not, how often at most; empty where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VotingPage:
    """A page that answers the question, with its weight."""

    page: IndexedPage
    weight: float
    """Above 0; only the proportions matter."""


@dataclass(slots=True)
class _Candidate:
    votes: list[tuple[float, IndexedPage, PageVote]] = field(default_factory=list)
    score: float = 0.0

    @property
    def name(self) -> str:
        return name_now(vote for _, _, vote in self.votes)

    @property
    def user_id(self) -> int | None:
        return next((vote.user_id for _, _, vote in self.votes if vote.user_id is not None), None)


class ExpertFinder:
    """Finds the people behind pages. Safe to share between threads."""

    def __init__(self, *, store: Store, people: PeopleFilter, settings: ExpertSettings | None = None) -> None:
        self._settings = settings or ExpertSettings()
        self._people = people
        self.votes = PageVotes(store=store, people=people, settings=self._settings)
        """Of single pages."""

    def find(
        self,
        pages: Sequence[VotingPage],
        *,
        site: Site,
        top_k: int,
        readable: Readable | None = None,
    ) -> list[Expert]:
        """Return the people behind `pages`, best first; nobody nameless, hidden or left out.

        Args:
            pages: those that answer, each once.
            site: their wiki.
            top_k: how many people at most.
            readable: what who asks may read: no other page votes, nor talk page. None: everything.
        """
        allowed = readable_pages((voting.page for voting in pages), readable)
        pages = [voting for voting in pages if voting.page.pageid in allowed]
        voters = self.votes.of([voting.page for voting in pages], site=site, readable=readable)
        total = math.fsum(voting.weight for voting in pages)
        newest = max((voter.newest for voter in voters), default=None)
        identities = Identities(voters)
        found: dict[int | str, _Candidate] = {}
        for voting, voter in zip(pages, voters, strict=True):
            fresh = 0.5 ** ((newest - voter.newest) / self.votes.half_life) if newest else 1.0
            for vote in voter.votes:
                who = identities.of(vote)
                if who is None:
                    continue
                candidate = found.setdefault(who, _Candidate())
                gained = voting.weight / total * (vote.lasting + fresh * vote.recent)
                candidate.score += gained
                candidate.votes.append((gained, voting.page, vote))
        ranked = sorted(found.values(), key=lambda c: (-c.score, c.name))[:top_k]
        known = [(each, self._people.availability(each.name, each.user_id, site=site)) for each in ranked]
        # Who asked for peace is named after the others, and not left out for people who know less: one learns
        # who knows, and when to ask them.
        known.sort(key=lambda each: not each[1].available)
        return [self._expert(candidate, availability, site) for candidate, availability in known]

    def _expert(self, candidate: _Candidate, availability: Availability, site: Site) -> Expert:
        telling = _most_telling(candidate)
        languages: Counter[str] = Counter(page.language for page, _ in telling)
        return Expert(
            name=candidate.name,
            score=min(1.0, candidate.score / self._settings.contact_vote),
            evidence=tuple(evidence_of(page, vote, site=site) for page, vote in telling),
            user=None if candidate.user_id is None else candidate.name,
            user_id=candidate.user_id,
            languages=availability.languages
            or tuple(sorted(languages, key=lambda language: (-languages[language], language))),
            available=availability.available,
            availability=availability.words,
        )


def _most_telling(candidate: _Candidate) -> list[tuple[IndexedPage, PageVote]]:
    ordered = sorted(candidate.votes, key=lambda each: (-each[0], each[1].pageid))[:_MAX_EVIDENCE]
    least = _LEAST_TELLING * ordered[0][0]
    return [(page, vote) for gained, page, vote in ordered if gained >= least]


def without_answers(experts: Iterable[Expert]) -> tuple[Expert, ...]:
    """Return people as visitors are told of them: who answered which question is for members.

    Who is known by nothing else is left out.
    """
    found = []
    for expert in experts:
        told = tuple(proof for proof in expert.evidence if proof.reason != "answered_question")
        if told:
            found.append(expert if len(told) == len(expert.evidence) else replace(expert, evidence=told))
    return tuple(found)


def evidence_of(page: IndexedPage, vote: PageVote, *, site: Site) -> Evidence:
    """Return what a page's vote for somebody proves."""
    return Evidence(
        pageid=page.pageid,
        title=page.title,
        url=site.page_url(page.title),
        reason=vote.reason,
        share=vote.share,
        edits=vote.edits,
    )
