"""Pages that say the same are shown once."""

from datetime import UTC, datetime

from search.chunking import Chunk, Part
from search.fusion import RankedPage
from search.keyword_index import IndexedPage, StoredChunk
from search.near_duplicates import fold_duplicates
from search.retrieval import Found

RULE = (
    "Avant de prêter la remorque, on vérifie les feux, la pression des pneus et l’attache, "
    "puis on note le nom de la personne dans le cahier."
)
OTHER = (
    "La clef de l’atelier se demande à l’accueil, contre une pièce d’identité, "
    "et se rend le soir même avant la fermeture."
)


def found(pageid: int, text: str) -> Found:
    chunk = Chunk(title=f"Page {pageid}", heading="", text=text, language="fr", parts=(Part(0, "", ""),))
    indexed = IndexedPage(
        pageid=pageid,
        revid=pageid,
        title=f"Page {pageid}",
        digest="",
        index_version="",
        namespace=0,
        language="fr",
        last_edited=datetime(2026, 1, 1, tzinfo=UTC),
        status=None,
    )
    ranked = RankedPage(pageid=pageid, score=-pageid, chunk_ids=(f"{pageid}:x",))
    stored = StoredChunk(chunk_id=f"{pageid}:x", pageid=pageid, chunk=chunk)
    return Found(page=ranked, indexed=indexed, passages=(stored,), cosine=0.5, by_words=True)


def folded(*pages: Found, most: int = 10) -> list[tuple[int, list[int]]]:
    return [
        (page.page.pageid, [copy.page.pageid for copy in copies])
        for page, copies in fold_duplicates(pages, most=most)
    ]


def test_a_copy_is_named_beside_the_better_page() -> None:
    copy = RULE.replace("cahier", "registre").upper()
    assert folded(found(1, RULE), found(2, OTHER), found(3, copy)) == [(1, [3]), (2, [])]


def test_pages_about_the_same_are_no_copies() -> None:
    assert folded(found(1, RULE), found(2, RULE + " " + OTHER)) == [(1, []), (2, [])]


def test_short_texts_are_alike_everywhere_and_no_copies() -> None:
    assert folded(found(1, "Voir aussi : Outils"), found(2, "Voir aussi : Outils")) == [(1, []), (2, [])]


def test_so_many_are_shown_and_no_more_are_compared() -> None:
    assert folded(found(1, RULE), found(2, OTHER), found(3, RULE), most=1) == [(1, [])]
    assert folded(found(1, RULE), found(2, RULE), found(3, OTHER), most=1) == [(1, [2])]
    assert folded(most=3) == []
