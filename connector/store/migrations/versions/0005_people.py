"""People sign in, say what they wish, ask the community, and say whether a page helped them."""

import sqlalchemy as sa
from alembic import op

from connector.store.schema import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables."""
    _accounts()
    _wishes()
    _questions()


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wiki_user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("credential", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("wiki_user_id", name="uq_account_wiki_user_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_name", "account", ["name"])
    op.create_table(
        "sign_in",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("browser", sa.String(80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_sign_in_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    op.create_index("ix_sign_in_expires_at", "sign_in", ["expires_at"])
    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(8), server_default="api", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
        sa.Column("expires_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.UniqueConstraint("digest", name="uq_access_token_digest"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_access_token_account_id_account", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_token_account_id", "access_token", ["account_id"])


def _wishes() -> None:
    op.create_table(
        "wish",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.Date()),
        sa.Column("asks_a_month", sa.Integer()),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("availability", sa.String(280), nullable=False),
        sa.Column("not_mine", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_wish"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_wish_account_id_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "erased_name",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_erased_name"),
    )


def _questions() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.Integer()),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("closed_by", sa.Integer()),
        sa.Column("answer_pageid", sa.Integer()),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
        sa.UniqueConstraint("digest", name="uq_question_digest"),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["account.id"], name="fk_question_asked_by_account", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name="fk_question_closed_by_account", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_question_state", "question", ["state"])
    op.create_index("ix_question_asked_by", "question", ["asked_by"])
    op.create_table(
        "hit_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pageid", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Integer(), nullable=False),
        sa.Column("not_helped", sa.Integer(), nullable=False),
        sa.Column("judged_at", UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hit_feedback"),
        sa.ForeignKeyConstraint(
            ["pageid"], ["page.pageid"], name="fk_hit_feedback_pageid_page", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_hit_feedback_pageid_digest", "hit_feedback", ["pageid", "digest"], unique=True)
