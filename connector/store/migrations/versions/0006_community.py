"""What members tried, whom they asked, what was decided, which meetings are to come."""

import sqlalchemy as sa
from alembic import op

from connector.store.schema import UtcDateTime, WikiNumber

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables, and who answered a question."""
    _practices()
    _questions()
    _people()
    _meetings()


def _account(table: str, column: str, on_delete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_account"
    return sa.ForeignKeyConstraint([column], ["account.id"], name=name, ondelete=on_delete)


def _practices() -> None:
    op.create_table(
        "experience",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pageid", WikiNumber, nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("context", sa.String(280), nullable=False),
        sa.Column("tried_on", sa.Date()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revid", WikiNumber),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experience"),
        _account("experience", "account_id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_experience_pageid", "experience", ["pageid"])
    op.create_index("ix_experience_account_id", "experience", ["account_id"])
    op.create_table(
        "practice_status",
        sa.Column("pageid", WikiNumber, autoincrement=False, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("revid", WikiNumber, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("pageid", name="pk_practice_status"),
        sa.ForeignKeyConstraint(
            ["pageid"], ["page.pageid"], name="fk_practice_status_pageid_page", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "status_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pageid", WikiNumber, nullable=False),
        sa.Column("from_status", sa.String(16), nullable=False),
        sa.Column("to_status", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("revid", WikiNumber),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(280), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_status_step"),
        _account("status_step", "decided_by", "SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_status_step_pageid", "status_step", ["pageid"])
    op.create_index("ix_status_step_decided_by", "status_step", ["decided_by"])
    op.create_index("ix_status_step_decided_at", "status_step", ["decided_at"])


def _questions() -> None:
    op.add_column("question", sa.Column("answered_by_user_id", WikiNumber))
    op.add_column("question", sa.Column("answered_by", sa.String(255)))
    op.create_index("ix_question_answered_by_user_id", "question", ["answered_by_user_id"])
    op.create_index("ix_question_answered_by", "question", ["answered_by"])
    op.create_table(
        "ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("wiki_user_id", WikiNumber),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("asked_by", sa.Integer()),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_ask"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name="fk_ask_question_id_question", ondelete="CASCADE"
        ),
        _account("ask", "asked_by", "SET NULL"),
        sqlite_autoincrement=True,
    )
    for column in ("question_id", "wiki_user_id", "name", "asked_by", "asked_at"):
        op.create_index(f"ix_ask_{column}", "ask", [column])
    op.create_table(
        "unanswered_search",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_unanswered_search"),
    )
    op.create_index("ix_unanswered_search_last_at", "unanswered_search", ["last_at"])


def _people() -> None:
    op.create_table(
        "welcome",
        sa.Column("wiki_user_id", WikiNumber, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("contact_user_id", WikiNumber),
        sa.Column("contact_name", sa.String(255), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("wiki_user_id", name="pk_welcome"),
    )
    op.create_index("ix_welcome_contact_name", "welcome", ["contact_name"])
    op.create_table(
        "subscription",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("confirm_digest", sa.String(64), nullable=False),
        sa.Column("stop_digest", sa.String(64), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime()),
        sa.Column("sent_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("account_id", name="pk_subscription"),
        _account("subscription", "account_id", "CASCADE"),
    )
    op.create_table(
        "digest_list",
        sa.Column("address_digest", sa.String(64), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address_digest", name="pk_digest_list"),
    )
    op.create_table(
        "judgement",
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("judged_by", sa.Integer()),
        sa.Column("judged_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(280), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_judgement"),
        _account("judgement", "judged_by", "SET NULL"),
    )
    op.create_index("ix_judgement_judged_by", "judgement", ["judged_by"])


def _meetings() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.String(5), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("agenda", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Integer()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("notes_id", sa.Integer()),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
        _account("meeting", "created_by", "SET NULL"),
        sa.ForeignKeyConstraint(
            ["notes_id"], ["notes.id"], name="fk_meeting_notes_id_notes", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    for column in ("planned_on", "created_by", "notes_id"):
        op.create_index(f"ix_meeting_{column}", "meeting", [column])
