"""The shapes of what is answered in JSON, the same from the API and from the command line.

They are documented, and stable: a field may be added, none is renamed or removed.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the command line imports this for its shapes, not for what makes them
    from capture.draft import CaptureResult
    from connector.model import Page
    from connector.sync import SyncReport
    from search.experts import Expert
    from search.indexer import IndexReport
    from search.links import LinkSuggestion
    from search.query import ExpertResult, Hit, SearchResult

Shape = dict[str, Any]


def search_shape(result: "SearchResult") -> Shape:
    """Return `{"query", "language", "hits", "experts"}`."""
    return {
        "query": result.query,
        "language": result.language,
        "hits": [hit_shape(hit) for hit in result.hits],
        "experts": _experts(result.experts, result.language),
    }


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
    }


def experts_shape(result: "ExpertResult") -> Shape:
    """Return `{"query", "experts"}`; each reason is a sentence in the language of the query."""
    return {"query": result.query, "experts": _experts(result.experts, result.language)}


def links_shape(page: "Page", suggestions: "Sequence[LinkSuggestion]") -> Shape:
    """Return `{"pageid", "title", "revid", "suggestions"}`; offsets count characters of that revision."""
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
    }


def capture_shape(result: "CaptureResult") -> Shape:
    """Return `{"notes", "drafts"}`: what the meeting said, and the pages that could be made of it."""
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
        "seconds": round(report.seconds, 3),
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


def _experts(experts: "Iterable[Expert]", language: str) -> list[Shape]:
    return [
        {
            "name": expert.name,
            "score": expert.score,
            "evidence": [
                {"pageid": proof.pageid, "title": proof.title, "why": proof.why(language)}
                for proof in expert.evidence
            ],
        }
        for expert in experts
    ]
