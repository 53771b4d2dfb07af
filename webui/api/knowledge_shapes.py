"""The shapes of the map, of contradictions and of twins in JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # as in `webui.api.shapes`
    from community.topic_life import TopicLife
    from search.contradictions import Contradiction, Quote
    from search.topic_map import Map
    from search.twins import Lack, TwinComparison, TwinPage, TwinPair


def map_shape(drawn: "Map", lives: "Sequence[TopicLife]") -> dict[str, Any]:
    """Return `{"pages", "practices_only", "topics"}`."""
    return {
        "pages": drawn.pages,
        "practices_only": drawn.practices_only,
        "topics": [
            {
                "names": {language: list(words) for language, words in topic.names.items()},
                "place": [round(each, 4) for each in topic.place],
                "people": [expert.name for expert in topic.people],
                "life": {
                    "pulse": life.pulse,
                    "pages": life.pages,
                    "edits": life.edits,
                    "experiences": life.experiences,
                },
                "pages": [
                    {
                        "pageid": page.pageid,
                        "title": page.title,
                        "url": page.url,
                        "language": page.language,
                        "status": page.status,
                        "last_edited": page.last_edited.isoformat(),
                    }
                    for page in topic.pages
                ],
            }
            for topic, life in zip(drawn.topics, lives, strict=True)
        ],
    }


def contradictions_shape(found: "Sequence[Contradiction]", *, top_k: int) -> dict[str, Any]:
    """Return `{"number", "contradictions"}`."""
    return {
        "number": len(found),
        "contradictions": [
            {
                "key": each.key,
                "why": each.why,
                "score": round(each.score, 4),
                "at_meeting": each.at_meeting,
                "left": _quote(each.left),
                "right": _quote(each.right),
            }
            for each in found[:top_k]
        ],
    }


def twins_shape(pairs: "Sequence[TwinPair]", *, top_k: int) -> dict[str, Any]:
    """Return `{"number", "twins"}`."""
    return {"number": len(pairs), "twins": [_pair(pair) for pair in pairs[:top_k]]}


def twin_shape(compared: "TwinComparison") -> dict[str, Any]:
    """Return a pair, and `{"only_french", "only_english", "paired"}`."""
    return {
        **_pair(compared.pair),
        "only_french": [_lack(each) for each in compared.only_french],
        "only_english": [_lack(each) for each in compared.only_english],
        "paired": [list(each) for each in compared.paired],
    }


def _quote(quote: "Quote") -> dict[str, Any]:
    return {
        "pageid": quote.pageid,
        "title": quote.title,
        "url": quote.url,
        "heading": quote.heading,
        "sentence": quote.sentence,
        "language": quote.language,
        "status": quote.status,
    }


def _pair(pair: "TwinPair") -> dict[str, Any]:
    return {
        "french": _page(pair.french),
        "english": _page(pair.english),
        "score": round(pair.score, 4),
        "judged": pair.judged,
    }


def _page(page: "TwinPage") -> dict[str, Any]:
    return {"pageid": page.pageid, "title": page.title, "url": page.url, "status": page.status}


def _lack(lack: "Lack") -> dict[str, Any]:
    return {
        "heading": lack.heading,
        "anchor": lack.anchor,
        "beginning": lack.beginning,
        "words": lack.words,
    }
