"""What the mirror proves itself with: checksums, links, renderings, erasures."""

import hashlib
import sqlite3

import sqlalchemy as sa
from alembic import op

from connector.store.schema import UtcDateTime

revision = "0002"
down_revision = "0001"

_KEPT = "pageid, namespace, title, revid, timestamp, redirect_target, content_model"


def upgrade() -> None:
    """Rebuild the pages, so that the text stands behind the new columns, and add the new tables.

    The order is that of https://www.sqlite.org/lang_altertable.html#otheralter; whoever runs this has foreign
    keys switched off, or dropping the old table would empty those that refer to it. PostgreSQL keeps long
    values apart: there the order says nothing, and no database there was ever at an older schema.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("page", sa.Column("touched", UtcDateTime()))
        op.add_column("page", sa.Column("sha1", sa.String(40), nullable=False))
        op.add_column("page", sa.Column("proven_at", UtcDateTime()))
    else:
        _rebuild_pages()
    op.create_index("ix_page_proven_at", "page", ["proven_at"])
    _add_tables()


def _rebuild_pages() -> None:
    op.create_table(
        "new_page",
        sa.Column("pageid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("namespace", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(512), nullable=False),
        sa.Column("revid", sa.Integer(), nullable=False),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("redirect_target", sa.String(512)),
        sa.Column("content_model", sa.String(64), nullable=False),
        sa.Column("touched", UtcDateTime()),
        sa.Column("sha1", sa.String(40), nullable=False),
        sa.Column("proven_at", UtcDateTime()),
        sa.Column("wikitext", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pageid", name="pk_page"),
    )
    _driver_connection().create_function("sha1_of_text", 1, _sha1, deterministic=True)
    op.execute(
        f"INSERT INTO new_page ({_KEPT}, sha1, wikitext) "  # noqa: S608 - a constant of this file
        f"SELECT {_KEPT}, sha1_of_text(wikitext), wikitext FROM page ORDER BY pageid"
    )
    op.drop_table("page")
    op.rename_table("new_page", "page")
    op.create_index("ix_page_title", "page", ["title"])
    op.create_index("ix_page_namespace_pageid", "page", ["namespace", "pageid"])


def _add_tables() -> None:
    op.create_table(
        "page_links",
        sa.Column("pageid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("templates", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("pageid", name="pk_page_links"),
        sa.ForeignKeyConstraint(
            ["pageid"], ["page.pageid"], name="fk_page_links_pageid_page", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "rendering",
        sa.Column("pageid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revid", sa.Integer(), nullable=False),
        sa.Column("touched", UtcDateTime()),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("pageid", name="pk_rendering"),
        sa.ForeignKeyConstraint(
            ["pageid"], ["page.pageid"], name="fk_rendering_pageid_page", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pageid", sa.Integer(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )


def _driver_connection() -> sqlite3.Connection:
    connection = op.get_bind().connection.driver_connection
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError("this migration is written for SQLite")
    return connection


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
