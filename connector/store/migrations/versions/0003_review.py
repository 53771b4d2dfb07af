"""What notes say is kept with them; who reviews a draft and where it goes; follow-ups; jobs."""

import sqlalchemy as sa
from alembic import op

from connector.store.schema import UtcDateTime

revision = "0003"
down_revision = "0002"

_KEPT_OF_NOTES = "id, sha256, filename, media_type, created_at, original"
_KEPT_OF_DRAFTS = (
    "id, notes_id, state, version, title, language, created_at, updated_at, pageid, revid, published_by, "
    "content"
)


def upgrade() -> None:
    """Rebuild notes and drafts, so that what is long stands last, and add the new tables.

    Without AUTOINCREMENT the id of what was deleted would be given again: an old form, link or job would mean
    another's notes (https://www.sqlite.org/autoinc.html). As in 0002, whoever runs this has foreign keys
    switched off. PostgreSQL never gives an id twice, and the order of its columns says nothing (see 0002).
    """
    if op.get_bind().dialect.name == "postgresql":
        _add_columns()
    else:
        _rebuild()
    _add_tables()


def _add_columns() -> None:
    op.add_column("notes", sa.Column("title", sa.String(512)))
    op.add_column("notes", sa.Column("met_on", sa.Date()))
    op.add_column("notes", sa.Column("summary", sa.Text()))
    op.add_column("draft", sa.Column("reviewer", sa.String(255)))
    op.add_column("draft", sa.Column("merge_into", sa.Integer()))
    op.add_column("draft", sa.Column("pending_title", sa.String(512)))
    op.add_column("draft", sa.Column("pending_sha1", sa.String(40)))
    op.add_column("draft", sa.Column("pending_by", sa.String(255)))
    op.add_column("draft", sa.Column("pending_at", UtcDateTime()))


def _rebuild() -> None:
    op.create_table(
        "new_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(127), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("title", sa.String(512)),
        sa.Column("met_on", sa.Date()),
        sa.Column("summary", sa.Text()),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.UniqueConstraint("sha256", name="uq_notes_sha256"),
        sqlite_autoincrement=True,
    )
    op.execute(
        f"INSERT INTO new_notes ({_KEPT_OF_NOTES}) "  # noqa: S608 - a constant of this file
        f"SELECT {_KEPT_OF_NOTES} FROM notes ORDER BY id"
    )
    op.drop_table("notes")
    op.rename_table("new_notes", "notes")
    op.create_table(
        "new_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notes_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(512), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("pageid", sa.Integer()),
        sa.Column("revid", sa.Integer()),
        sa.Column("published_by", sa.String(255)),
        sa.Column("reviewer", sa.String(255)),
        sa.Column("merge_into", sa.Integer()),
        sa.Column("pending_title", sa.String(512)),
        sa.Column("pending_sha1", sa.String(40)),
        sa.Column("pending_by", sa.String(255)),
        sa.Column("pending_at", UtcDateTime()),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.ForeignKeyConstraint(
            ["notes_id"], ["notes.id"], name="fk_draft_notes_id_notes", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.execute(
        f"INSERT INTO new_draft ({_KEPT_OF_DRAFTS}) "  # noqa: S608 - as above
        f"SELECT {_KEPT_OF_DRAFTS} FROM draft ORDER BY id"
    )
    op.drop_table("draft")
    op.rename_table("new_draft", "draft")
    op.create_index("ix_draft_notes_id", "draft", ["notes_id"])
    op.create_index("ix_draft_state", "draft", ["state"])


def _add_tables() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notes_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(255)),
        sa.Column("due", sa.Date()),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("closed_by", sa.String(255)),
        sa.Column("closed_in", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
        sa.ForeignKeyConstraint(
            ["notes_id"], ["notes.id"], name="fk_follow_up_notes_id_notes", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["closed_in"], ["notes.id"], name="fk_follow_up_closed_in_notes", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_follow_up_notes_id", "follow_up", ["notes_id"])
    op.create_index("ix_follow_up_state", "follow_up", ["state"])
    op.create_table(
        "capture_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notes_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_capture_job"),
        sa.ForeignKeyConstraint(
            ["notes_id"], ["notes.id"], name="fk_capture_job_notes_id_notes", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_capture_job_notes_id", "capture_job", ["notes_id"])
    op.create_index("ix_capture_job_state", "capture_job", ["state"])
