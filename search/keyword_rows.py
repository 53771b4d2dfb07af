"""Rows of a keyword index as both engines keep them: pages of the manifest, and chunks."""

import json
import re
from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from typing import Any

from search.chunking import Chunk, Part, is_key
from search.keyword_index import IndexedPage, StoredChunk
from search.language import base_language

Row = tuple[Any, ...]

_NOT_ENCODABLE = re.compile("[\x00\ud800-\udfff]")


def page_to_row(page: IndexedPage) -> Row:
    """Return a page as the columns of `manifest`."""
    return (
        page.pageid,
        page.revid,
        page.title,
        page.digest,
        page.index_version,
        page.namespace,
        page.language,
        page.last_edited.isoformat(),
        page.status,
        json.dumps(page.contacts, ensure_ascii=False),
    )


def page_from_row(row: Row) -> IndexedPage:
    """Return the page of a row of `manifest`."""
    pageid, revid, title, digest, index_version, namespace, language, last_edited, status, contacts = row
    return IndexedPage(
        pageid=pageid,
        revid=revid,
        title=title,
        digest=digest,
        index_version=index_version,
        namespace=namespace,
        language=base_language(language),
        last_edited=datetime.fromisoformat(last_edited),
        status=status,
        contacts=() if contacts == "[]" else tuple(json.loads(contacts)),
    )


def parts_to_column(chunk: Chunk) -> str:
    """Return a chunk's parts as one text."""
    return json.dumps([astuple(part) for part in chunk.parts], ensure_ascii=False)


def chunk_from_row(row: Row) -> StoredChunk:
    """Return the chunk of a row (chunk_id, pageid, title, heading, text, language, parts)."""
    chunk_id, pageid, title, heading, text, language, parts = row
    return StoredChunk(
        chunk_id=chunk_id,
        pageid=pageid,
        chunk=Chunk(
            title=title,
            heading=heading,
            text=text,
            language=base_language(language),
            parts=tuple(Part(*part) for part in json.loads(parts)),
            is_key=is_key(chunk_id),
        ),
    )


def encodable(texts: Iterable[str]) -> list[str]:
    """Leave out what no database can be asked for: NUL, and half a pair of surrogates."""
    return [text for text in texts if not _NOT_ENCODABLE.search(text)]
