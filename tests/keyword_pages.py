"""Pages for the tests of the keyword indexes."""

from search.chunking import Chunk, Part
from search.keyword_index import IndexedPage, KeywordIndex
from search.language import Language
from search.words import WordAnalyzer
from tests.builders import MONDAY

ANALYZER = WordAnalyzer()


def chunk(title: str, text: str, *, heading: str = "", language: Language = "fr") -> Chunk:
    return Chunk(title=title, heading=heading, text=text, language=language, parts=(Part(0, heading, ""),))


def put(
    index: KeywordIndex, pageid: int, *chunks: Chunk, redirects: tuple[str, ...] = (), revid: int = 1
) -> None:
    page = IndexedPage(
        pageid=pageid,
        revid=revid,
        title=chunks[0].title,
        digest="d",
        index_version="v",
        namespace=0,
        language="fr",
        last_edited=MONDAY,
        status="tested",
        contacts=("Aïcha Benali",),
    )
    index.put_page(page, chunks, redirects)


def found(index: KeywordIndex, question: str, language: Language | None = "fr") -> list[int]:
    """The pages of what a question finds, in order; its scores are as the contract wants them."""
    scored = index.search(ANALYZER.query(question, language), limit=50)
    assert all(score > 0 for _, score in scored)
    assert [score for _, score in scored] == sorted((score for _, score in scored), reverse=True)
    return [int(chunk_id.partition(":")[0]) for chunk_id, _ in scored]


def fill(index: KeywordIndex) -> None:
    """Words are rare only among others: BM25 weighs nothing that every passage has."""
    for pageid in range(50, 60):
        put(index, pageid, chunk(f"Page {pageid}", f"Le texte numéro {pageid} ne dit rien de tout cela."))
