"""What editors say of the links that were suggested to them is kept, for as long as both pages are there."""

import sqlalchemy as sa
from alembic import op

from connector.store.schema import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "link_feedback",
        sa.Column("pageid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_pageid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("link_text", sa.Text(), nullable=False),
        sa.Column("revid", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected_everyday", sa.Integer(), nullable=False),
        sa.Column("rejected_target", sa.Integer(), nullable=False),
        sa.Column("rejected_span", sa.Integer(), nullable=False),
        sa.Column("rejected_other", sa.Integer(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("judged_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("pageid", "target_pageid", "link_text", name="pk_link_feedback"),
        sa.ForeignKeyConstraint(
            ["pageid"], ["page.pageid"], name="fk_link_feedback_pageid_page", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_pageid"], ["page.pageid"], name="fk_link_feedback_target_pageid_page", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_link_feedback_target_pageid", "link_feedback", ["target_pageid"])
