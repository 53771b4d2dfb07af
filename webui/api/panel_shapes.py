"""The shapes of what the wiki's own pages show: the box below a page, the panel of an editor, the search.

The same for the extension, whose wiki filters what it passes on by what its reader may read, and for the
gadget, for which `only_readable` does it here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from webui.pages.display import runs

if TYPE_CHECKING:
    from search.experts import Expert
    from search.results import Hit, SearchResult, SimilarPage
    from search.see_also import SeeAlsoSuggestion
    from webui.api.panel_answers import Offer

Shape = dict[str, Any]

SHOWN = {"related": 5, "people": 3, "pages": 3, "suggestions": 10, "see_also": 5}
"""How many of each are shown at the most; twice as many go to the wiki, which leaves some out."""


def box_shape(
    pageid: int,
    related: "Sequence[SimilarPage]",
    people: "Sequence[Expert]",
    *,
    talks: Mapping[int, int],
) -> Shape:
    """Return `{"pageid", "related", "people"}`: practices and people that have to do with a page."""
    return {
        "pageid": pageid,
        "related": [
            {
                "pageid": other.pageid,
                "title": other.title,
                "status": other.status,
                "sentence": other.sentence,
            }
            for other in related
        ],
        "people": [person_shape(expert, talks=talks, here=pageid) for expert in people],
    }


def person_shape(expert: "Expert", *, talks: Mapping[int, int], here: int = 0) -> Shape:
    """Return `{"name", "user", "pages"}`: a person with the pages that prove it, the page `here` last.

    Args:
        expert: the person.
        talks: the talk page of each page, by pageid. Who is known from there alone is a proof, `"talk"`, for
            who may read it, too.
        here: a page.
    """
    pages: list[Shape] = []
    for proof in sorted(expert.evidence, key=lambda proof: proof.pageid == here):
        page = {"pageid": proof.pageid, "title": proof.title}
        if proof.reason != "answered":
            pages.append(page)
        elif proof.pageid in talks:
            pages.append({**page, "talk": talks[proof.pageid]})
    return {"name": expert.name, "user": expert.user, "pages": pages}


def panel_shape(
    *,
    pageid: int,
    revid: int,
    stale: bool,
    offers: "Sequence[Offer]",
    see_also: Sequence[Shape],
    no_links: str,
) -> Shape:
    """Return `{"pageid", "revid", "stale", "suggestions", "see_also", "no_links_title"}`."""
    return {
        "pageid": pageid,
        "revid": revid,
        "stale": stale,
        "suggestions": [
            {
                "link_text": offer.suggestion.link_text,
                "link_target": offer.suggestion.link_target,
                "target_pageid": offer.target_pageid,
                "score": offer.suggestion.score,
                "context_before": offer.suggestion.context_before,
                "context_after": offer.suggestion.context_after,
                "edit": offer.edit,
            }
            for offer in offers
        ],
        "see_also": list(see_also),
        "no_links_title": no_links,
    }


def see_also_shape(suggestion: "SeeAlsoSuggestion", *, edit: Shape, here: int) -> Shape:
    """Return `{"pageid", "title", "score", "sentence", "edit"}`.

    Who may read the suggested page may read the sentence: one that stands elsewhere than there or on the page
    `here`, which is being edited, is left out.
    """
    told = suggestion.sentence_pageid in (suggestion.pageid, here)
    return {
        "pageid": suggestion.pageid,
        "title": suggestion.title,
        "score": round(suggestion.score, 3),
        "sentence": suggestion.sentence if told else None,
        "edit": edit,
    }


def found_shape(result: "SearchResult", *, talks: Mapping[int, int]) -> Shape:
    """Return `{"question", "answerable", "hits", "people"}`."""
    from search.experts import without_answers

    return {
        "question": result.query,
        "answerable": result.answerable,
        "hits": [_hit(hit) for hit in result.hits],
        "people": [person_shape(expert, talks=talks) for expert in without_answers(result.experts)],
    }


def _hit(hit: "Hit") -> Shape:
    return {
        "pageid": hit.pageid,
        "title": hit.title,
        "section": hit.section or None,
        "anchor": hit.anchor or None,
        "passage": [[run.text, run.marked] for run in runs(hit.snippet, hit.marks)],
        "status": hit.status,
    }


def pageids_in(shape: Shape) -> set[int]:
    """Return the pages that a box or a panel names, besides its own."""
    pages = [*shape.get("related", ()), *shape.get("see_also", ())]
    proofs = [page for person in shape.get("people", ()) for page in person["pages"]]
    named = {page["pageid"] for page in (*pages, *proofs)} | {
        page["talk"] for page in proofs if "talk" in page
    }
    return named | {offer["target_pageid"] for offer in shape.get("suggestions", ())}


def only_readable(shape: Shape, titles: Mapping[int, str]) -> Shape:
    """Return a box or a panel without what names pages that may not be read, no longer than is shown.

    Args:
        shape: as `box_shape` or `panel_shape` makes it.
        titles: of the pages that may be read, by pageid, as the wiki has them now. A link goes by its title:
            it is left out when the page has another one since.
    """
    cut = dict(shape)
    if "related" in shape:
        cut["related"] = _named(shape["related"], titles)[: SHOWN["related"]]
    if "people" in shape:
        people = [
            {**person, "pages": _proofs(person["pages"], titles)[: SHOWN["pages"]]}
            for person in shape["people"]
        ]
        cut["people"] = [person for person in people if person["pages"]][: SHOWN["people"]]
    if "suggestions" in shape:
        kept = [
            each for each in shape["suggestions"] if titles.get(each["target_pageid"]) == each["link_target"]
        ]
        cut["suggestions"] = kept[: SHOWN["suggestions"]]
    if "see_also" in shape:
        kept = [each for each in shape["see_also"] if titles.get(each["pageid"]) == each["title"]]
        cut["see_also"] = kept[: SHOWN["see_also"]]
    return cut


def _proofs(pages: Iterable[Shape], titles: Mapping[int, str]) -> list[Shape]:
    return [
        {"pageid": page["pageid"], "title": titles[page["pageid"]]}
        for page in pages
        if page["pageid"] in titles and page.get("talk", page["pageid"]) in titles
    ]


def _named(pages: Iterable[Shape], titles: Mapping[int, str]) -> list[Shape]:
    return [{**page, "title": titles[page["pageid"]]} for page in pages if page["pageid"] in titles]
