"""What a wiki shows a reader without privileges, read from its own database; and how a mirror differs.

It shares nothing with the connector: no API, no module of ours. Both sides come as the same values, so that
`differences` is a comparison and no more.
"""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from tests.store_on_postgresql import stands_for_database

# Mirrored of a fresh wiki when the settings say nothing: content, User, Project, Help, Category, their talk.
MIRRORED = (0, 1, 2, 3, 4, 5, 12, 13, 14, 15)
# Bits of rev_deleted: https://www.mediawiki.org/wiki/Manual:Revision_table#rev_deleted
_TEXT_HIDDEN, _COMMENT_HIDDEN, _USER_HIDDEN = 1, 2, 4
_SHOWN = 8  # differences that are spelled out, of each kind

_State = TypeVar("_State", "PageState", "RevisionState", "LinksState")


@dataclass(frozen=True)
class PageState:
    """A page and its newest text."""

    pageid: int
    namespace: int
    title: str
    revid: int
    sha1: str  # of the text in UTF-8
    redirect: bool


@dataclass(frozen=True)
class RevisionState:
    """One line of a history."""

    revid: int
    pageid: int
    parent_revid: int | None
    timestamp: str
    user: str | None
    comment: str
    size: int
    sha1: str
    minor: bool
    tags: tuple[str, ...]


@dataclass(frozen=True)
class LinksState:
    """What a page leads to."""

    pageid: int
    categories: tuple[str, ...]
    links: tuple[str, ...]
    templates: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """A wiki, or its mirror, at one moment: pages by pageid, revisions by revid, links by pageid."""

    pages: Mapping[int, PageState]
    revisions: Mapping[int, RevisionState]
    links: Mapping[int, LinksState] = field(default_factory=dict)


def differences(
    wiki: State,
    mirror: State,
    *,
    unseen_pages: Collection[int] = (),
    unseen_revisions: Collection[int] = (),
    links: bool = False,
) -> list[str]:
    """How the mirror differs from the wiki, in lines; [] when it does not.

    Args:
        wiki: what the wiki shows.
        mirror: what the mirror holds.
        unseen_pages: pages, with their histories, that may differ.
        unseen_revisions: revisions that may differ.
        links: whether categories, links and templates are compared too.
    """
    excused = set(unseen_revisions)
    excused |= {i for state in (wiki, mirror) for i, r in state.revisions.items() if r.pageid in unseen_pages}
    lines = _compare("page", wiki.pages, mirror.pages, set(unseen_pages))
    lines += _compare("revision", wiki.revisions, mirror.revisions, excused)
    if links:
        lines += _compare("links of", wiki.links, mirror.links, set(unseen_pages))
    return lines


def read_wiki(folder: Path, *, namespaces: Collection[int], names: Callable[[int], str]) -> State:
    """What a wiki shows in these namespaces: wikitext pages. A newest text cannot be hidden.

    Args:
        folder: of the `LocalWiki`.
        namespaces: those that are mirrored.
        names: the name of a namespace, "" for the main one.
    """

    def full(namespace: int, title: str) -> str:
        prefix = names(namespace)
        return (f"{prefix}:{title}" if prefix else title).replace("_", " ")

    with _reading(folder / "data" / "wiki.sqlite") as database:
        pages = {}
        for row in database.execute(
            "SELECT page.*, old_text, model_name FROM page"
            " JOIN revision ON rev_id = page_latest"
            " JOIN slots ON slot_revision_id = rev_id JOIN content ON content_id = slot_content_id"
            " JOIN content_models ON model_id = content_model JOIN text ON 'tt:' || old_id = content_address"
        ):
            if row["model_name"] == "wikitext" and row["page_namespace"] in namespaces:
                pages[row["page_id"]] = PageState(
                    pageid=row["page_id"],
                    namespace=row["page_namespace"],
                    title=full(row["page_namespace"], row["page_title"]),
                    revid=row["page_latest"],
                    sha1=_sha1(row["old_text"]),
                    redirect=bool(row["page_is_redirect"]),
                )
        tags: dict[int, list[str]] = {}
        for row in database.execute(
            "SELECT ct_rev_id, ctd_name FROM change_tag JOIN change_tag_def ON ctd_id = ct_tag_id"
        ):
            tags.setdefault(row[0], []).append(row[1])
        revisions = {}
        for row in database.execute(
            "SELECT revision.*, actor_name, comment_text FROM revision"
            " JOIN actor ON actor_id = rev_actor JOIN revision_comment_temp ON revcomment_rev = rev_id"
            " JOIN comment ON comment_id = revcomment_comment_id"
        ):
            if row["rev_page"] in pages:
                hidden = row["rev_deleted"]
                revisions[row["rev_id"]] = RevisionState(
                    revid=row["rev_id"],
                    pageid=row["rev_page"],
                    parent_revid=row["rev_parent_id"] or None,
                    timestamp=row["rev_timestamp"],
                    user=None if hidden & _USER_HIDDEN else row["actor_name"],
                    comment="" if hidden & _COMMENT_HIDDEN else row["comment_text"],
                    size=row["rev_len"],
                    sha1="" if hidden & _TEXT_HIDDEN else f"{int(row['rev_sha1'], 36):040x}",
                    minor=bool(row["rev_minor_edit"]),
                    tags=tuple(sorted(tags.get(row["rev_id"], ()))),
                )
        tables = (
            "SELECT cl_from, 14, cl_to FROM categorylinks",
            "SELECT pl_from, pl_namespace, pl_title FROM pagelinks",
            "SELECT tl_from, lt_namespace, lt_title FROM templatelinks"
            " JOIN linktarget ON lt_id = tl_target_id",
        )
        found: list[dict[int, set[str]]] = []
        for query in tables:
            found.append({})
            for pageid, namespace, title in database.execute(query):
                found[-1].setdefault(pageid, set()).add(full(namespace, title))
    links = {i: LinksState(i, *(tuple(sorted(kind.get(i, ()))) for kind in found)) for i in pages}
    return State(pages, revisions, links)


def read_mirror(path: Path) -> State:
    """What a mirror's database holds."""
    with _mirror_read(path) as database:
        pages = {
            row["pageid"]: PageState(
                pageid=row["pageid"],
                namespace=row["namespace"],
                title=row["title"],
                revid=row["revid"],
                sha1=_sha1(row["wikitext"]),
                redirect=row["redirect_target"] is not None,
            )
            for row in database.execute("SELECT * FROM page")
        }
        revisions = {
            row["revid"]: RevisionState(
                revid=row["revid"],
                pageid=row["pageid"],
                parent_revid=row["parent_revid"],
                timestamp="".join(c for c in str(row["timestamp"])[:19] if c.isdigit()),
                user=row["user"],
                comment=row["comment"],
                size=row["size"],
                sha1=row["sha1"],
                minor=bool(row["minor"]),
                tags=tuple(sorted(_list(row["tags"]))),
            )
            for row in database.execute("SELECT * FROM revision")
        }
        names = [f.name for f in fields(LinksState)]
        links = {
            row["pageid"]: LinksState(row["pageid"], *(tuple(sorted(_list(row[name]))) for name in names[1:]))
            for row in database.execute("SELECT * FROM page_links")
        }
    return State(pages, revisions, links)


def _list(value: Any) -> list[str]:
    """A list as SQLite has it, as text, or PostgreSQL."""
    found: list[str] = json.loads(value) if isinstance(value, str) else value
    return found


@contextlib.contextmanager
def _mirror_read(path: Path) -> Iterator[Any]:
    if not stands_for_database(path):
        with _reading(path) as database:
            yield database
        return
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(path.read_text(), row_factory=dict_row) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # all of it at one moment
        connection.execute("SET LOCAL TimeZone = 'UTC'")
        yield connection


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=60)) as database:
        database.row_factory = sqlite3.Row
        database.execute("BEGIN")  # all of it at one moment
        yield database


def _compare(
    what: str, wiki: Mapping[int, _State], mirror: Mapping[int, _State], excused: Collection[int]
) -> list[str]:
    ghosts = [f"ghost {what} {i}: {mirror[i]}" for i in mirror.keys() - wiki.keys() - set(excused)]
    missing = [f"missing {what} {i}: {wiki[i]}" for i in wiki.keys() - mirror.keys() - set(excused)]
    stale = [
        f"stale {what} {i}: {_changed(wiki[i], mirror[i])}"
        for i in sorted((wiki.keys() & mirror.keys()) - set(excused))
        if wiki[i] != mirror[i]
    ]
    lines = []
    for kind in (ghosts, missing, stale):
        lines += sorted(kind)[:_SHOWN]
        if len(kind) > _SHOWN:
            lines.append(f"... and {len(kind) - _SHOWN} more like this")
    return lines


def _changed(wiki: _State, mirror: _State) -> str:
    pairs = ((f.name, getattr(wiki, f.name), getattr(mirror, f.name)) for f in fields(wiki))
    changed = "; ".join(
        f"{name}: wiki {ours!r}, mirror {theirs!r}" for name, ours, theirs in pairs if ours != theirs
    )
    return f"{changed} ({wiki})"


def _sha1(text: Any) -> str:
    content = text if isinstance(text, bytes) else str(text).encode()
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
