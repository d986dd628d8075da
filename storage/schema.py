"""The tables. Instants are epoch ms in UTC, prices the very doubles of the core.

Text columns named `record`, `machine`, `message` and `value` hold JSON that only this
package reads and writes. Every change here needs a revision in `storage/migrations`;
a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up only a column whose type is spelled INTEGER.
_COUNTER = BigInteger().with_variant(Integer, "sqlite")

QUEUED = text("status = 'queued'")
"""As literal text: SQLite uses a partial index only where it sees the same words."""
DEAD = text("status = 'dead'")
UNFINISHED = text("outcome = 'sending'")

instruments = Table(
    "instruments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
)
"""Instruments as small integers, for the tables with a row per price."""

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
)
"""Sources likewise, counted apart: SQLite stores 0 and 1 in no bytes at all."""

ticks = Table(
    "ticks",
    metadata,
    # No foreign keys here and in bars: each costs a look-up per price.
    Column("instrument", Integer, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("price", Double, nullable=False),
    Column("source", Integer, nullable=False),
    Column("quote", LargeBinary),  # storage/quotes.py
    CheckConstraint("price > 0", name="price_positive"),
    sqlite_with_rowid=False,
)

bars = Table(
    "bars",
    metadata,
    Column("instrument", Integer, primary_key=True),
    Column("timeframe", BigInteger, primary_key=True),  # nominal length in ms
    Column("open_time", BigInteger, primary_key=True),
    Column("close_time", BigInteger, nullable=False),
    Column("open", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("close", Double, nullable=False),
    Column("volume", Double, nullable=False),
    CheckConstraint("close_time > open_time", name="takes_time"),
    CheckConstraint(
        "low > 0 AND low <= open AND low <= close AND high >= open AND high >= close",
        name="in_range",
    ),
    sqlite_with_rowid=False,
)

rule_states = Table(
    "rule_states",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("machine", Text, nullable=False),
    Column("fired", Integer, nullable=False),
    Column("sent_at", BigInteger),
    Column("done", Boolean, nullable=False),
    CheckConstraint("fired >= 0", name="fired_counts"),
    sqlite_with_rowid=False,
)

cursors = Table(
    "cursors",
    metadata,
    Column("instrument", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("price", Double, nullable=False),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)

triggers = Table(
    "triggers",
    metadata,
    Column("id", _COUNTER, primary_key=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("rule", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("direction", Text),
    Column("at", BigInteger, nullable=False),
    Column("detected_at", BigInteger, nullable=False),
    Column("price", Double, nullable=False),
    Column("level", Double),
    Column("suppressed", Text),
    Column("record", Text, nullable=False),
    CheckConstraint("direction IN ('up', 'down')", name="direction_known"),
    Index(None, "rule", "at"),
    Index(None, "at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", _COUNTER, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("price", Double),
    Column("level", Double),
    Column("detail", Text, nullable=False),
    # Committing a step again adds nothing; `why` reads along the same index.
    UniqueConstraint("rule", "at", "reason", "detail"),
    Index(None, "at"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", _COUNTER, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    Column("status", String(8), nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", BigInteger),
    Column("in_doubt", Boolean, nullable=False, server_default=false()),
    Column("ended_at", BigInteger),
    Column("reference", Text),
    Column("error", Text),
    UniqueConstraint("event_id", "receiver"),
    CheckConstraint("status IN ('queued', 'sent', 'dead')", name="status_known"),
    CheckConstraint("(status = 'queued') = (ended_at IS NULL)", name="ends_once"),
    CheckConstraint(
        "lease_until IS NULL OR (status = 'queued' AND attempts > 0)",
        name="leased_while_queued",
    ),
    CheckConstraint("status <> 'dead' OR error IS NOT NULL", name="dead_says_why"),
    Index(
        "ix_notifications_queue",
        "receiver",
        "id",
        sqlite_where=QUEUED,
        postgresql_where=QUEUED,
    ),
    Index(
        "ix_notifications_dead",
        "receiver",
        "id",
        sqlite_where=DEAD,
        postgresql_where=DEAD,
    ),
    # Ids are the order of delivery: one must never be given out twice.
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    Column(
        "notification",
        _COUNTER,
        ForeignKey("notifications.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("outcome", String(8), nullable=False),
    Column("error", Text),
    CheckConstraint(
        "outcome IN ('sending', 'sent', 'failed', 'unknown')", name="outcome_known"
    ),
    # 'unknown': we died while sending, so nobody knows when or how it ended.
    CheckConstraint(
        "(outcome IN ('sending', 'unknown')) = (ended_at IS NULL)", name="ends_once"
    ),
    Index(
        "ix_attempts_unfinished",
        "notification",
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    ),
    sqlite_with_rowid=False,
)

silences = Table(
    "silences",
    metadata,
    Column("id", _COUNTER, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("target", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    CheckConstraint("kind IN ('rule', 'instrument', 'all')", name="kind_known"),
    CheckConstraint("(kind = 'all') = (target = '')", name="target_named"),
    CheckConstraint("until >= created_at", name="ends_later"),
    Index(None, "until"),
)

facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What the daemon says about itself (heartbeat, health): read by `status`."""

revision_table = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), primary_key=True),
)
"""Alembic's own table, outside our metadata: read without importing Alembic."""
