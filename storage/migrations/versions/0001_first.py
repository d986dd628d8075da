"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _prices()
    _rules()
    _delivery()
    _operations()


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first schema")


def _prices() -> None:
    op.create_table(
        "instruments",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruments")),
        sa.UniqueConstraint("name", name=op.f("uq_instruments_name")),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_table(
        "ticks",
        sa.Column("instrument", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("price", sa.Double(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("quote", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("price > 0", name=op.f("ck_ticks_price_positive")),
        sa.PrimaryKeyConstraint("instrument", "at", "seq", name=op.f("pk_ticks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bars",
        sa.Column("instrument", sa.Integer(), nullable=False),
        sa.Column("timeframe", sa.BigInteger(), nullable=False),
        sa.Column("open_time", sa.BigInteger(), nullable=False),
        sa.Column("close_time", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("close", sa.Double(), nullable=False),
        sa.Column("volume", sa.Double(), nullable=False),
        sa.CheckConstraint("close_time > open_time", name=op.f("ck_bars_takes_time")),
        sa.CheckConstraint(
            "low > 0 AND low <= open AND low <= close "
            "AND high >= open AND high >= close",
            name=op.f("ck_bars_in_range"),
        ),
        sa.PrimaryKeyConstraint(
            "instrument", "timeframe", "open_time", name=op.f("pk_bars")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cursors",
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("price", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instrument", name=op.f("pk_cursors")),
        sqlite_with_rowid=False,
    )


def _rules() -> None:
    op.create_table(
        "rule_states",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.CheckConstraint("fired >= 0", name=op.f("ck_rule_states_fired_counts")),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_rule_states")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "triggers",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detected_at", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Double(), nullable=False),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("suppressed", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "direction IN ('up', 'down')", name=op.f("ck_triggers_direction_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggers")),
        sa.UniqueConstraint("event_id", name=op.f("uq_triggers_event_id")),
    )
    op.create_index(op.f("ix_triggers_at"), "triggers", ["at"], unique=False)
    op.create_index(
        op.f("ix_triggers_rule_at"), "triggers", ["rule", "at"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint(
            "rule",
            "at",
            "reason",
            "detail",
            name=op.f("uq_decisions_rule_at_reason_detail"),
        ),
    )
    op.create_index(op.f("ix_decisions_at"), "decisions", ["at"], unique=False)
    op.create_table(
        "silences",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'all') = (target = '')", name=op.f("ck_silences_target_named")
        ),
        sa.CheckConstraint(
            "kind IN ('rule', 'instrument', 'all')", name=op.f("ck_silences_kind_known")
        ),
        sa.CheckConstraint("until >= created_at", name=op.f("ck_silences_ends_later")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_index(op.f("ix_silences_until"), "silences", ["until"], unique=False)


def _delivery() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", _COUNTER, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "status", sa.String(length=8), server_default="queued", nullable=False
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("in_doubt", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'queued') = (ended_at IS NULL)",
            name=op.f("ck_notifications_ends_once"),
        ),
        sa.CheckConstraint(
            "lease_until IS NULL OR (status = 'queued' AND attempts > 0)",
            name=op.f("ck_notifications_leased_while_queued"),
        ),
        sa.CheckConstraint(
            "status <> 'dead' OR error IS NOT NULL",
            name=op.f("ck_notifications_dead_says_why"),
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'sent', 'dead')",
            name=op.f("ck_notifications_status_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "event_id", "receiver", name=op.f("uq_notifications_event_id_receiver")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_notifications_dead",
        "notifications",
        ["receiver", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'dead'"),
        postgresql_where=sa.text("status = 'dead'"),
    )
    op.create_index(
        "ix_notifications_queue",
        "notifications",
        ["receiver", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'queued'"),
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_table(
        "attempts",
        sa.Column("notification", _COUNTER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(outcome IN ('sending', 'unknown')) = (ended_at IS NULL)",
            name=op.f("ck_attempts_ends_once"),
        ),
        sa.CheckConstraint(
            "outcome IN ('sending', 'sent', 'failed', 'unknown')",
            name=op.f("ck_attempts_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["notification"],
            ["notifications.id"],
            name=op.f("fk_attempts_notification"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notification", "number", name=op.f("pk_attempts")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_attempts_unfinished",
        "attempts",
        ["notification"],
        unique=False,
        sqlite_where=sa.text("outcome = 'sending'"),
        postgresql_where=sa.text("outcome = 'sending'"),
    )


def _operations() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
        sqlite_with_rowid=False,
    )
