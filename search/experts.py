"""Who knows about a subject: people, by the pages that answer the question and their part in them.

Document voting, Model 2 of Balog, Azzopardi & de Rijke, "Formal Models for Expert Finding in Enterprise
Corpora" (SIGIR 2006): a person's score is the sum over pages of p(page | question) × the person's share.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from connector.model import Revision, Site
from connector.store import Store
from connector.titles import split_title
from search.keyword_index import IndexedPage
from search.people import PeopleFilter, name_key

Reason = Literal["contact", "author", "editor", "answered"]

# A page says outright who to ask; having written all of it does not say it as clearly.
_CONTACT_SHARE = 1.5
# Answering on a page's talk page counts half of writing the page.
_TALK_SHARE = 0.5
# Bytes of added text that are worth as much as having made one more edit.
_BYTES_AN_EDIT = 400
_MOST_OF_ONE_EDIT = 6.0
_HALF_LIFE_DAYS = 4 * 365
# Evidence shown for one person: so many pages, and none that says far less than the most telling one.
_MAX_EVIDENCE = 5
_LEAST_TELLING = 0.2

_WHY: Final[dict[str, dict[Reason, str]]] = {
    "fr": {
        "contact": "personne à contacter pour cette pratique",
        "author": "a créé la page ({edits}, {share} % de l’apport)",
        "editor": "a contribué à la page ({edits}, {share} % de l’apport)",
        "answered": "participe à la discussion de la page ({edits})",
    },
    "en": {
        "contact": "named as a contact for this practice",
        "author": "created the page ({edits}, {share}% of the contributions)",
        "editor": "contributed to the page ({edits}, {share}% of the contributions)",
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
    """How many edits of the page, or of its talk page for "answered"."""

    def why(self, language: str) -> str:
        """Return the evidence in words, in French ("fr") or English."""
        known = "fr" if language == "fr" else "en"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class VotingPage:
    """A page that answers the question, with its weight."""

    page: IndexedPage
    weight: float
    """Above 0; only the proportions matter."""


@dataclass(slots=True)
class _Candidate:
    name: str
    score: float = 0.0
    evidence: list[tuple[float, Evidence]] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    """One person's part in one page."""

    name: str
    work: float = 0.0
    edits: int = 0
    created: bool = False


class ExpertFinder:
    """Finds the people behind pages. Safe to share between threads."""

    def __init__(self, *, store: Store, people: PeopleFilter) -> None:
        self._store = store
        self._people = people

    def find(self, pages: Sequence[VotingPage], *, site: Site, top_k: int) -> list[Expert]:
        """Return the people behind `pages`, best first; nobody nameless, hidden or left out."""
        talks = self._talk_pages([v.page for v in pages], site)
        histories = self._store.revisions.of_pages([*(v.page.pageid for v in pages), *talks.values()])
        newest = max((r.timestamp for history in histories.values() for r in history), default=None)
        total = math.fsum(v.weight for v in pages)
        found: dict[str, _Candidate] = {}
        for voting in pages:
            page = voting.page
            wrote = self._parts(histories.get(page.pageid, []), newest)
            talked = self._parts(histories.get(talks.get(page.pageid, 0), []), newest)
            url = site.page_url(page.title)
            for key, name, share, evidence in _votes(page, url, wrote, talked, self._people):
                candidate = found.setdefault(key, _Candidate(name))
                gained = voting.weight / total * share
                candidate.score += gained
                candidate.evidence.append((gained, evidence))
        ranked = sorted(found.values(), key=lambda c: (-c.score, c.name))[:top_k]
        return [
            Expert(
                name=candidate.name,
                score=min(1.0, candidate.score / _CONTACT_SHARE),
                evidence=_most_telling(candidate.evidence),
            )
            for candidate in ranked
        ]

    def _talk_pages(self, pages: Sequence[IndexedPage], site: Site) -> dict[int, int]:
        talks = {}
        for page in pages:
            namespace = site.namespaces.get(page.namespace + 1)
            if namespace is None or not namespace.name:
                continue
            try:
                _, name = split_title(page.title, site=site)
            except ValueError:
                continue
            talk = self._store.pages.by_title(f"{namespace.name}:{name}")
            if talk is not None:
                talks[page.pageid] = talk.pageid
        return talks

    def _parts(self, history: Sequence[Revision], newest: datetime | None) -> dict[str, _Part]:
        """Return each person's part in a page, by name key."""
        parts: dict[str, _Part] = {}
        size = 0
        for number, revision in enumerate(history):
            added = revision.size - size
            size = revision.size
            if revision.user is None or revision.anonymous or not self._people.is_person(revision.user):
                continue
            part = parts.setdefault(name_key(revision.user), _Part(revision.user))
            part.edits += 1
            part.created = part.created or (number == 0 and revision.parent_revid in {None, 0})
            age = (newest - revision.timestamp).days if newest is not None else 0
            work = 1 + min(_MOST_OF_ONE_EDIT, max(0, added) / _BYTES_AN_EDIT)
            part.work += work * 0.5 ** (max(0, age) / _HALF_LIFE_DAYS)
        return parts


def _most_telling(evidence: Sequence[tuple[float, Evidence]]) -> tuple[Evidence, ...]:
    ordered = sorted(evidence, key=lambda each: (-each[0], each[1].pageid))
    least = _LEAST_TELLING * ordered[0][0]
    return tuple(proof for gained, proof in ordered[:_MAX_EVIDENCE] if gained >= least)


def _votes(
    page: IndexedPage,
    url: str,
    wrote: dict[str, _Part],
    talked: dict[str, _Part],
    people: PeopleFilter,
) -> list[tuple[str, str, float, Evidence]]:
    """Return (name key, name, share, evidence) of everyone behind a page, once each."""
    all_work = math.fsum(part.work for part in wrote.values()) or 1.0
    all_talk = math.fsum(part.work for part in talked.values()) or 1.0
    contacts = {name_key(name): name for name in people.named(page.contacts)}
    votes = []
    for key in dict.fromkeys((*contacts, *wrote, *talked)):
        written, said = wrote.get(key), talked.get(key)
        share = written.work / all_work if written else 0.0
        reason: Reason
        if key in contacts:
            reason = "contact"
        elif written:
            reason = "author" if written.created else "editor"
        else:
            reason = "answered"
        edits = said.edits if reason == "answered" and said else written.edits if written else 0
        vote = share + (_CONTACT_SHARE if key in contacts else 0.0)
        if said:
            vote += _TALK_SHARE * said.work / all_talk
        name = written.name if written else said.name if said else contacts[key]
        evidence = Evidence(
            pageid=page.pageid, title=page.title, url=url, reason=reason, share=share, edits=edits
        )
        votes.append((key, name, vote, evidence))
    return votes
