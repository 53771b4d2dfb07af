"""Tables of the mirror and of what comes from notes. A change needs a migration in `migrations/versions`."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


WikiNumber: Final = BigInteger().with_variant(Integer(), "sqlite")
"""The wiki's own numbers: those of large wikis no longer fit 32 bits. SQLite's have 64 by themselves."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, whatever the database keeps: SQLite forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes: guessing their zone would be a silent error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


state = Table(
    "state",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)

page = Table(
    "page",
    metadata,
    # The wiki's own identifier: never generated here.
    Column("pageid", WikiNumber, primary_key=True, autoincrement=False),
    Column("namespace", Integer, nullable=False),
    Column("title", String(512), nullable=False, index=True),
    Column("revid", WikiNumber, nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("redirect_target", String(512)),
    Column("content_model", String(64), nullable=False),
    # When the wiki last saw a reason to render it anew, as of the links that are kept.
    Column("touched", UtcDateTime),
    # Of the wikitext in UTF-8, hexadecimal: what the wiki's own checksum is compared with.
    Column("sha1", String(40), nullable=False),
    # When the text was last seen to be the wiki's, on the wiki's clock.
    Column("proven_at", UtcDateTime, index=True),
    # Last: SQLite walks through a long value to reach what stands behind it.
    Column("wikitext", Text, nullable=False),
    Index("ix_page_namespace_pageid", "namespace", "pageid"),
)

page_links = Table(
    "page_links",
    metadata,
    Column(
        "pageid",
        WikiNumber,
        ForeignKey("page.pageid", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("categories", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    Column("templates", JSON, nullable=False),
)

rendering = Table(
    "rendering",
    metadata,
    Column(
        "pageid",
        WikiNumber,
        ForeignKey("page.pageid", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("revid", WikiNumber, nullable=False),
    Column("touched", UtcDateTime),
    Column("sections", JSON, nullable=False),
)

# Without who judged. Goes with either page; the words are a page's content, and go when it has them no more.
link_feedback = Table(
    "link_feedback",
    metadata,
    Column(
        "pageid",
        WikiNumber,
        ForeignKey("page.pageid", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "target_pageid",
        WikiNumber,
        ForeignKey("page.pageid", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("link_text", Text, primary_key=True),
    # The newest one that it was offered for.
    Column("revid", WikiNumber, nullable=False),
    Column("offered", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected_everyday", Integer, nullable=False),
    Column("rejected_target", Integer, nullable=False),
    Column("rejected_span", Integer, nullable=False),
    Column("rejected_other", Integer, nullable=False),
    Column("offered_at", UtcDateTime, nullable=False),
    Column("judged_at", UtcDateTime),
)

# Without a title and without a key to `page`: what was suppressed must not be named, and it is gone.
erasure = Table(
    "erasure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pageid", WikiNumber, nullable=False),
    Column("gone_at", UtcDateTime, nullable=False),
    Column("exact", Boolean, nullable=False),
    Column("erased_at", UtcDateTime, nullable=False),
)

revision = Table(
    "revision",
    metadata,
    Column("revid", WikiNumber, primary_key=True, autoincrement=False),
    Column(
        "pageid",
        WikiNumber,
        ForeignKey("page.pageid", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("parent_revid", WikiNumber),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("user", String(255)),
    Column("user_id", WikiNumber),
    Column("comment", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha1", String(40), nullable=False),
    Column("minor", Boolean, nullable=False),
    Column("tags", JSON, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("filename", String(255), nullable=False),
    Column("media_type", String(127), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Of the meeting; NULL until the notes have been read.
    Column("title", String(512)),
    Column("met_on", Date),
    # JSON of the capture floor. With the original, last: SQLite walks through a long value to reach what
    # stands behind it.
    Column("summary", Text),
    Column("original", LargeBinary, nullable=False),
    # The id of what was deleted is never given again: an old form, link or job would mean another's notes.
    sqlite_autoincrement=True,
)

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notes_id", Integer, ForeignKey("notes.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    # Grows by one at each change: whoever writes says which version was read.
    Column("version", Integer, nullable=False),
    Column("title", String(512), nullable=False),
    Column("language", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("pageid", WikiNumber),
    Column("revid", WikiNumber),
    Column("published_by", String(255)),
    # Who looks through it.
    Column("reviewer", String(255)),
    # The page of the wiki that it is to be added to; without a key: pages come and go with the wiki.
    Column("merge_into", WikiNumber),
    # What the wiki is being asked to save, noted before it is asked.
    Column("pending_title", String(512)),
    Column("pending_sha1", String(40)),
    Column("pending_by", String(255)),
    Column("pending_at", UtcDateTime),
    Column("content", Text, nullable=False),
    sqlite_autoincrement=True,
)

draft_event = Table(
    "draft_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft_id", Integer, ForeignKey("draft.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("action", String(32), nullable=False),
    Column("detail", Text, nullable=False),
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notes_id", Integer, ForeignKey("notes.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("owner", String(255)),
    Column("due", Date),
    Column("lines", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(255)),
    # The notes that say that it is done.
    Column("closed_in", Integer, ForeignKey("notes.id", ondelete="SET NULL")),
    sqlite_autoincrement=True,
)

capture_job = Table(
    "capture_job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notes_id", Integer, ForeignKey("notes.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("actor", String(255), nullable=False),
    # How often it was begun: one that ends its process each time must not be begun for ever.
    Column("attempts", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("label", String(64), nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
