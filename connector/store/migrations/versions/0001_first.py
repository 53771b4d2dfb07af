"""The first schema: mirror, notes, drafts."""

import sqlalchemy as sa
from alembic import op

from connector.store.schema import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "state",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_state"),
    )
    op.create_table(
        "page",
        sa.Column("pageid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("namespace", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(512), nullable=False),
        sa.Column("revid", sa.Integer(), nullable=False),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("wikitext", sa.Text(), nullable=False),
        sa.Column("redirect_target", sa.String(512)),
        sa.Column("content_model", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("pageid", name="pk_page"),
    )
    op.create_index("ix_page_title", "page", ["title"])
    op.create_index("ix_page_namespace_pageid", "page", ["namespace", "pageid"])
    op.create_table(
        "revision",
        sa.Column("revid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pageid", sa.Integer(), nullable=False),
        sa.Column("parent_revid", sa.Integer()),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("user", sa.String(255)),
        sa.Column("user_id", sa.Integer()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha1", sa.String(40), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("revid", name="pk_revision"),
        sa.ForeignKeyConstraint(
            ["pageid"], ["page.pageid"], name="fk_revision_pageid_page", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_revision_pageid", "revision", ["pageid"])
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(127), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.UniqueConstraint("sha256", name="uq_notes_sha256"),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notes_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(512), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("pageid", sa.Integer()),
        sa.Column("revid", sa.Integer()),
        sa.Column("published_by", sa.String(255)),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.ForeignKeyConstraint(
            ["notes_id"], ["notes.id"], name="fk_draft_notes_id_notes", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_draft_notes_id", "draft", ["notes_id"])
    op.create_index("ix_draft_state", "draft", ["state"])
    op.create_table(
        "draft_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft_event"),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name="fk_draft_event_draft_id_draft", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_draft_event_draft_id", "draft_event", ["draft_id"])
