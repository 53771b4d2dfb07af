"""What notes say is kept with them; who reviews a draft and where it goes; follow-ups; jobs."""

import sqlalchemy as sa
from alembic import op

from connector.store.schema import UtcDateTime

revision = "0003"
down_revision = "0002"

_KEPT = "id, sha256, filename, media_type, created_at, original"


def upgrade() -> None:
    """Rebuild the notes, so that what is long stands last, widen the drafts, and add the new tables.

    As in 0002: whoever runs this has foreign keys switched off.
    """
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
    )
    op.execute(
        f"INSERT INTO new_notes ({_KEPT}) "  # noqa: S608 - a constant of this file
        f"SELECT {_KEPT} FROM notes ORDER BY id"
    )
    op.drop_table("notes")
    op.rename_table("new_notes", "notes")
    op.add_column("draft", sa.Column("reviewer", sa.String(255)))
    op.add_column("draft", sa.Column("merge_into", sa.Integer()))
    op.add_column("draft", sa.Column("pending_title", sa.String(512)))
    op.add_column("draft", sa.Column("pending_sha1", sa.String(40)))
    op.add_column("draft", sa.Column("pending_by", sa.String(255)))
    op.add_column("draft", sa.Column("pending_at", UtcDateTime()))
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
    )
    op.create_index("ix_capture_job_notes_id", "capture_job", ["notes_id"])
    op.create_index("ix_capture_job_state", "capture_job", ["state"])
