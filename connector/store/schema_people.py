"""Tables of the people who use the service: who they are in the wiki, what they wish, what they ask and say.

Nothing here can be read in the wiki again: it is kept until a person takes it away.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from connector.store.schema import UtcDateTime, WikiNumber, metadata

# Somebody who has signed in, known by the number of their account in the wiki: people are renamed.
account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("wiki_user_id", WikiNumber, nullable=False, unique=True),
    # As the wiki last told it, and when.
    Column("name", String(255), nullable=False, index=True),
    Column("groups", JSON, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    # Of the pages; NULL: as the browser asks.
    Column("language", String(16)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    # What lets the service act in the wiki under this person's name, encrypted; NULL for none.
    Column("credential", Text),
    # The id of who was erased is never given again.
    sqlite_autoincrement=True,
)

# A browser in which somebody has signed in. Of the cookie's secret only the digest is kept.
sign_in = Table(
    "sign_in",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("browser", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# What a person gives their programs, to ask in their name. Of its secret only the digest is kept.
access_token = Table(
    "access_token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("label", String(80), nullable=False),
    # What it is good for: "api", or "feed", which stands in addresses and is good for nothing else.
    Column("kind", String(8), nullable=False, server_default="api"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# What somebody wants of the others' finding and asking them; without a row: nothing in particular.
wish = Table(
    "wish",
    metadata,
    Column(
        "account_id",
        Integer,
        ForeignKey("account.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("opted_out", Boolean, nullable=False),
    # "Please not now": until that day, or until they say otherwise.
    Column("paused", Boolean, nullable=False),
    Column("paused_until", Date),
    # How often they may be asked in a month; NULL: no limit.
    Column("asks_a_month", Integer),
    # Codes of the languages in which they can be asked; empty: as their pages show.
    Column("languages", JSON, nullable=False),
    # In their own words: when and how to reach them.
    Column("availability", String(280), nullable=False),
    # Numbers of the pages that are no proof of what they know, as they say.
    Column("not_mine", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

# Somebody who was erased, so that the next sync does not bring them back: keyed digests of how they were
# called, and of how many words each is made, never the names.
erased_name = Table(
    "erased_name",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("words", Integer, nullable=False),
    Column("erased_at", UtcDateTime, nullable=False),
)

# What nobody has answered yet.
question = Table(
    "question",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("language", String(16), nullable=False),
    Column("asked_by", Integer, ForeignKey("account.id", ondelete="SET NULL"), index=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_by", Integer, ForeignKey("account.id", ondelete="SET NULL")),
    # The page that answers; without a key: pages come and go with the wiki.
    Column("answer_pageid", WikiNumber),
    # Of its words, folded: the same question twice is one.
    Column("digest", String(64), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    # Who gave the answer, where that is known: by the number of their account in the wiki, and their name.
    Column("answered_by_user_id", WikiNumber, index=True),
    Column("answered_by", String(255), index=True),
    sqlite_autoincrement=True,
)

# Whether a page helped somebody who asked: counts, without who. Goes with the page.
hit_feedback = Table(
    "hit_feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pageid", WikiNumber, ForeignKey("page.pageid", ondelete="CASCADE"), nullable=False),
    Column("helped", Integer, nullable=False),
    Column("not_helped", Integer, nullable=False),
    Column("judged_at", UtcDateTime, nullable=False),
    # Of the question, by which it is found: an index of PostgreSQL takes no long texts.
    Column("digest", String(64), nullable=False),
    Column("question", Text, nullable=False),
    Index("ix_hit_feedback_pageid_digest", "pageid", "digest", unique=True),
)
