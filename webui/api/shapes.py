"""The shapes of what is answered in JSON, the same from the API and from the command line.

They are documented, and stable: a field may be added, none is renamed or removed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the command line imports this for its shapes, not for what makes them
    from capture.draft import CaptureResult
    from connector.model import Page, Site
    from connector.store import Erasure
    from connector.sync import SyncReport, Verification
    from search.answers import Answer
    from search.experts import Expert
    from search.filters import Facets
    from search.indexer import IndexComparison, IndexReport
    from search.keyword_index import TitleMatch
    from search.links import LinkSuggestion
    from search.results import ExpertResult, Hit, SearchResult, SimilarPage
    from search.see_also import SeeAlsoSuggestion
    from webui.answers import Answers
    from webui.monitoring.health import Health

Shape = dict[str, Any]


def search_shape(result: "SearchResult", *, answers: "Answers | None" = None) -> Shape:
    """Return `{"query", "language", "hits", "experts", "answerable", "confidence", "corrections"}`.

    With `answers` there is an `"answer"` too: the sentences that answer, or null when there is none.
    """
    shape = {
        "query": result.query,
        "language": result.language,
        "hits": [hit_shape(hit) for hit in result.hits],
        "experts": experts_list(result.experts, result.language),
        "answerable": result.answerable,
        "confidence": round(result.confidence, 4),
        "corrections": [
            {"typed": correction.typed, "read_as": list(correction.read_as)}
            for correction in result.corrections
        ],
    }
    if answers is not None:
        answer = answers.best(result)
        shape["answer"] = None if answer is None else answer_shape(answer)
    return shape


def hit_shape(hit: "Hit") -> Shape:
    """Return one page that answers: `{"pageid", "title", "url", "section", "snippet", "score", ...}`."""
    return {
        "pageid": hit.pageid,
        "title": hit.title,
        "url": hit.url,
        "section": hit.section,
        "snippet": hit.snippet,
        "score": hit.score,
        "revid": hit.revid,
        "language": hit.language,
        "matched": list(hit.matched),
        "status": hit.status,
        "contacts": list(hit.contacts),
        "same": [{"pageid": page.pageid, "title": page.title, "url": page.url} for page in hit.same],
        "answered_question": hit.answered,
    }


def answer_shape(answer: "Answer") -> Shape:
    """Return `{"language", "written", "left_out", "fallback", "sentences"}`; sentences have sources."""
    return {
        "language": answer.language,
        "written": answer.written,
        "left_out": answer.left_out,
        "fallback": answer.fallback,
        "sentences": [
            {
                "text": sentence.text,
                "sources": [
                    {
                        "pageid": source.pageid,
                        "revid": source.revid,
                        "title": source.title,
                        "section": source.section,
                        "url": source.url,
                        "language": source.language,
                    }
                    for source in sentence.sources
                ],
            }
            for sentence in answer.sentences
        ],
    }


def related_shape(page: "Page", related: "Sequence[SimilarPage]", site: "Site") -> Shape:
    """Return `{"pageid", "title", "related"}`: the pages about what a page is about, nearest first."""
    return {
        "pageid": page.pageid,
        "title": page.title,
        "related": related_list(related, site),
    }


def titles_shape(query: str, titles: "Sequence[TitleMatch]") -> Shape:
    """Return `{"query", "titles"}`: the pages whose title, or a redirect to them, may be meant."""
    return {
        "query": query,
        "titles": [{"pageid": each.pageid, "title": each.title, "matched": each.matched} for each in titles],
    }


def experts_shape(result: "ExpertResult") -> Shape:
    """Return `{"query", "experts"}`; each reason is a sentence in the language of the query."""
    return {"query": result.query, "experts": experts_list(result.experts, result.language)}


def facets_shape(facets: "Facets") -> Shape:
    """Return `{"statuses", "categories", "languages", "namespaces"}`: what a search can be narrowed by."""
    return {
        kind: [{"value": each.value, "name": each.name, "pages": each.pages} for each in choices]
        for kind, choices in (
            ("statuses", facets.statuses),
            ("categories", facets.categories),
            ("languages", facets.languages),
            ("namespaces", facets.namespaces),
        )
    }


def links_shape(
    page: "Page", suggestions: "Sequence[LinkSuggestion]", see_also: "Sequence[SeeAlsoSuggestion]"
) -> Shape:
    """Return `{"pageid", "title", "revid", "suggestions", "see_also"}`; offsets count characters."""
    return {
        "pageid": page.pageid,
        "title": page.title,
        "revid": page.revid,
        "suggestions": [
            {
                "link_text": suggestion.link_text,
                "link_target": suggestion.link_target,
                "wikitext_offset": suggestion.wikitext_offset,
                "match_index": suggestion.match_index,
                "context_before": suggestion.context_before,
                "context_after": suggestion.context_after,
                "score": suggestion.score,
            }
            for suggestion in suggestions
        ],
        "see_also": [
            {
                "pageid": other.pageid,
                "title": other.title,
                "sentence": other.sentence,
                "score": round(other.score, 3),
            }
            for other in see_also
        ],
    }


def capture_shape(result: "CaptureResult") -> Shape:
    """Return `{"notes", "drafts", "remarks"}`: what the meeting said, and its possible pages."""
    shape: Shape = result.model_dump(mode="json")
    return shape


def sync_shape(report: "SyncReport") -> Shape:
    """Return what a sync did: counts of pages and revisions, and how long it took."""
    return {
        "added": report.added,
        "updated": report.updated,
        "moved": report.moved,
        "purged": report.purged,
        "unchanged": report.unchanged,
        "revisions": report.revisions,
        "swept": report.swept,
        "proven": report.proven,
        "mended": report.mended,
        "rendered": report.rendered,
        "seconds": round(report.seconds, 3),
    }


def verification_shape(verification: "Verification", index: "IndexComparison | None") -> Shape:
    """Return `{"checked_at", "in_step", "mirror", "index", ...}`; pages are told by pageid, not by title."""
    return {
        "checked_at": iso(verification.checked_at),
        "in_step": verification.in_step and (index is None or index.in_step),
        "last_sync": iso(verification.last_sync),
        "last_sweep": iso(verification.last_sweep),
        "mirror": {
            "pages": verification.pages,
            "ghosts": list(verification.ghosts),
            "missing": list(verification.missing),
            "stale": list(verification.stale),
            "left_out": list(verification.left_out),
            "texts": verification.texts,
            "oldest_proof": iso(verification.oldest_proof),
        },
        "index": None
        if index is None
        else {
            "pages": index.pages,
            "ghosts": list(index.ghosts),
            "missing": list(index.missing),
            "stale": list(index.stale),
        },
        "erasures": [
            {"pageid": erasure.pageid, **_erasure_shape(erasure)} for erasure in verification.erasures
        ],
    }


def health_shape(health: "Health") -> Shape:
    """Return `{"in_step", "mirror", "last_verification", "index", ...}`: numbers and moments only."""
    verified, background = health.last_verification, health.background
    error = None if background is None else background.last_error
    return {
        "in_step": health.in_step,
        "mirror": {
            "pages": health.pages,
            "revisions": health.revisions,
            "last_sync": iso(health.last_sync),
            "last_sweep": iso(health.last_sweep),
            "oldest_proof": iso(health.oldest_proof),
        },
        "last_verification": None
        if verified is None
        else {
            "checked_at": iso(verified.checked_at),
            "in_step": verified.in_step,
            "pages": verified.pages,
            "ghosts": verified.ghosts,
            "missing": verified.missing,
            "stale": verified.stale,
            "left_out": verified.left_out,
            "texts": verified.texts,
        },
        "index": None
        if health.index is None or health.comparison is None
        else {
            "pages": health.index.pages,
            "chunks": health.index.chunks,
            "built_at": iso(health.index.built_at),
            "ghosts": len(health.comparison.ghosts),
            "missing": len(health.comparison.missing),
            "stale": len(health.comparison.stale),
        },
        "erasures": [_erasure_shape(erasure) for erasure in health.erasures],
        "background": None
        if background is None
        else {
            "every_seconds": background.every_seconds,
            "alive": background.alive,
            # A message can name a page: its kind and moment are enough here, the log has the rest.
            "last_error": None
            if error is None
            else {"at": iso(error.at), "type": type(error.error).__name__},
        },
    }


def index_shape(report: "IndexReport") -> Shape:
    """Return what an update of the index did: counts of pages and chunks, and how long it took."""
    return {
        "pages_indexed": report.pages_indexed,
        "pages_removed": report.pages_removed,
        "chunks_embedded": report.chunks_embedded,
        "chunks_reused": report.chunks_reused,
        "seconds": round(report.seconds, 3),
    }


def _erasure_shape(erasure: "Erasure") -> Shape:
    return {
        "gone_at": iso(erasure.gone_at),
        "exact": erasure.exact,
        "erased_at": iso(erasure.erased_at),
        "seconds": round(erasure.seconds, 3),
    }


def iso(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 has it, to the second."""
    return None if moment is None else moment.isoformat(timespec="seconds")


def experts_list(experts: "Iterable[Expert]", language: str) -> list[Shape]:
    """Return people, with why in a language."""
    return [
        {
            "name": expert.name,
            "score": expert.score,
            "languages": list(expert.languages),
            "available": expert.available,
            "availability": expert.availability,
            "evidence": [
                {"pageid": proof.pageid, "title": proof.title, "why": proof.why(language)}
                for proof in expert.evidence
            ],
        }
        for expert in experts
    ]


def related_list(related: "Iterable[SimilarPage]", site: "Site") -> list[Shape]:
    """Return pages about what a page is about."""
    return [
        {
            "pageid": other.pageid,
            "title": other.title,
            "url": site.page_url(other.title),
            "score": round(other.score, 4),
            "status": other.status,
        }
        for other in related
    ]
