"""What models want to read before a question and before a passage."""

from pathlib import Path

from search.settings import EmbeddingSettings

# (query, passage) that a family of models was trained with; the model cards say so. First match wins.
_PREFIXES: tuple[tuple[str, str, str], ...] = (
    ("e5-mistral", "Instruct: Given a question, retrieve passages that answer it\nQuery: ", ""),
    ("-e5-", "query: ", "passage: "),
    ("e5-", "query: ", "passage: "),
    ("bge-m3", "", ""),
    ("bge-", "Represent this sentence for searching relevant passages: ", ""),
    ("nomic-embed", "search_query: ", "search_document: "),
)


def prefixes(settings: EmbeddingSettings) -> tuple[str, str]:
    """Return what stands before a question and before a passage: as set, or as the model's family wants."""
    name = Path(settings.model).name if Path(settings.model).is_dir() else settings.model
    family = name.casefold()
    query, passage = next(((q, p) for mark, q, p in _PREFIXES if mark in family), ("", ""))
    return (
        query if settings.query_prefix is None else settings.query_prefix,
        passage if settings.passage_prefix is None else settings.passage_prefix,
    )
