"""Tables of what keeps a community alive: what members tried, whom they asked, what was decided.

Nothing here can be read in the wiki again, but for experiences that were published there.
"""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from connector.store.schema import UtcDateTime, WikiNumber, metadata

# "I tried this": kept here until it stands on the page in the wiki, and counts from the first moment on.
experience = Table(
    "experience",
    metadata,
    Column("id", Integer, primary_key=True),
    # Without a key: pages come and go with the wiki.
    Column("pageid", WikiNumber, nullable=False, index=True),
    # Goes with who said it. NULL where nobody signs in.
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), index=True),
    # Where nobody signs in: how they call themselves; may be empty.
    Column("name", String(255), nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("context", String(280), nullable=False),
    Column("tried_on", Date),
    Column("created_at", UtcDateTime, nullable=False),
    # The revision in which it was published; from then on the page is the truth. NULL: not yet.
    Column("revid", WikiNumber),
    Column("note", Text, nullable=False),
    sqlite_autoincrement=True,
)

# The status that a practice was last seen with, so that a change made in the wiki is seen as one.
practice_status = Table(
    "practice_status",
    metadata,
    Column(
        "pageid",
        WikiNumber,
        ForeignKey("page.pageid", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("status", String(16), nullable=False),
    Column("revid", WikiNumber, nullable=False),
    # When it was first seen with it, on the page's own clock.
    Column("since", UtcDateTime, nullable=False),
)

# A change of status: proposed and decided here, or seen in the wiki. Nobody is named but who decided.
status_step = Table(
    "status_step",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pageid", WikiNumber, nullable=False, index=True),
    Column("from_status", String(16), nullable=False),
    Column("to_status", String(16), nullable=False),
    # "accepted", "declined", "seen": made in the wiki by hand; "reviewed": no step, it still stands.
    Column("decision", String(16), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("decided_by", Integer, ForeignKey("account.id", ondelete="SET NULL"), index=True),
    # The revision that made it; NULL where it was declined.
    Column("revid", WikiNumber),
    # What spoke for it then: counts, not names.
    Column("evidence", JSON, nullable=False),
    Column("note", String(280), nullable=False),
    sqlite_autoincrement=True,
)

# Somebody was asked a question, so that nobody is asked too often.
ask = Table(
    "ask",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question_id", Integer, ForeignKey("question.id", ondelete="CASCADE"), nullable=False, index=True),
    # Who was asked, by the number of their account in the wiki; NULL for who is only named on its pages.
    Column("wiki_user_id", WikiNumber, index=True),
    Column("name", String(255), nullable=False, index=True),
    Column("asked_by", Integer, ForeignKey("account.id", ondelete="SET NULL"), index=True),
    Column("asked_at", UtcDateTime, nullable=False, index=True),
    # "asked", "declined", "answered", "dropped".
    Column("state", String(16), nullable=False),
    Column("ended_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# Who shows a newcomer around.
welcome = Table(
    "welcome",
    metadata,
    Column("wiki_user_id", WikiNumber, primary_key=True, autoincrement=False),
    Column("name", String(255), nullable=False),
    Column("contact_user_id", WikiNumber),
    Column("contact_name", String(255), nullable=False, index=True),
    Column("since", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

# What was searched for without a good answer: how often, on how many days, never by whom.
unanswered_search = Table(
    "unanswered_search",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("language", String(16), nullable=False),
    Column("times", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("text", Text, nullable=False),
)

# Who wants the digest by mail. An address is used once it was confirmed.
subscription = Table(
    "subscription",
    metadata,
    Column(
        "account_id",
        Integer,
        ForeignKey("account.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("address", String(254), nullable=False),
    Column("language", String(16), nullable=False),
    # Of the secret in the mail that asks for confirmation, and of the one that ends it.
    Column("confirm_digest", String(64), nullable=False),
    Column("stop_digest", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
)

# When the digest last went to an address of the settings, which is kept as a digest.
digest_list = Table(
    "digest_list",
    metadata,
    Column("address_digest", String(64), primary_key=True),
    Column("sent_at", UtcDateTime, nullable=False),
)

# What somebody decided of something that was put before them: a contradiction, twins, a prompt to thank.
judgement = Table(
    "judgement",
    metadata,
    # "contradiction", "twin", "thanks", "quiet", ...
    Column("kind", String(24), primary_key=True),
    # Names the thing, within its kind: "12+45", "revision 9".
    Column("subject", String(128), primary_key=True),
    Column("verdict", String(24), nullable=False),
    Column("judged_by", Integer, ForeignKey("account.id", ondelete="SET NULL"), index=True),
    Column("judged_at", UtcDateTime, nullable=False),
    Column("note", String(280), nullable=False),
)

# A meeting that is to come, with what it is to talk about; then with its notes.
meeting = Table(
    "meeting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("planned_on", Date, nullable=False, index=True),
    # "18:30", on the clocks of where they meet; empty where nobody has said.
    Column("starts_at", String(5), nullable=False),
    Column("title", String(255), nullable=False),
    Column("place", String(255), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("language", String(16), nullable=False),
    # Items of the agenda, in their order: JSON of the community floor.
    Column("agenda", JSON, nullable=False),
    Column("created_by", Integer, ForeignKey("account.id", ondelete="SET NULL"), index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("notes_id", Integer, ForeignKey("notes.id", ondelete="SET NULL"), index=True),
    Column("cancelled", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

Index("ix_status_step_decided_at", status_step.c.decided_at)
