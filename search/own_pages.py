"""The pages that speak for one person: what somebody who is found is found by, for themselves to see."""

from dataclasses import dataclass

from connector.model import Site
from search.experts import Evidence, ExpertFinder, evidence_of
from search.indexer import Index
from search.page_votes import Identities
from search.people import name_key
from search.readable import Readable, readable_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPage:
    """A page that speaks for somebody."""

    evidence: Evidence
    language: str
    """Of the page."""
    weight: float
    """How much it counts, beside their other pages."""


def own_pages(
    finder: ExpertFinder,
    index: Index,
    *,
    site: Site,
    name: str,
    user_id: int | None,
    readable: Readable | None = None,
) -> list[OwnPage]:
    """Return the pages that speak for somebody, the most telling first; none for who is left out.

    Args:
        finder: knows whom pages speak for.
        index: the pages.
        site: their wiki.
        name: of the person's account.
        user_id: number of that account in the wiki, if it is known.
        readable: what the person may read: other pages are not told.

    Raises:
        IndexNotBuiltError: there is no index yet.
    """
    index.check()
    pages = list(index.keywords.manifest().values())
    voters = finder.votes.of(pages, site=site)
    identities = Identities(voters)
    wanted = {name_key(name), user_id, identities.named(name)} - {None}
    theirs = [
        (page, vote)
        for page, voter in zip(pages, voters, strict=True)
        for vote in voter.votes
        if identities.of(vote) in wanted
    ]
    allowed = readable_pages((page for page, _ in theirs), readable)
    found = [
        OwnPage(
            evidence=evidence_of(page, vote, site=site),
            language=page.language,
            weight=vote.lasting + vote.recent,
        )
        for page, vote in theirs
        if page.pageid in allowed
    ]
    return sorted(found, key=lambda each: (-each.weight, each.evidence.title))
