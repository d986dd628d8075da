"""The decisions of the rules: what `why` answers from."""

from collections.abc import Iterable

from sqlalchemy import Connection, Row, Select, select

from alerts.reason import Reason
from alerts.step import Decision
from storage.rows import insert_rows
from storage.schema import decisions

_REPEAT = ("rule", "at", "reason", "detail")


def save_decisions(connection: Connection, new: Iterable[Decision]) -> None:
    """Add decisions; the same one again (a step replayed) changes nothing."""
    rows = [
        (
            decision.rule,
            decision.instrument,
            decision.at,
            decision.reason.value,
            decision.price,
            decision.level,
            decision.detail,
        )
        for decision in new
    ]
    insert_rows(connection, decisions, rows, key=_REPEAT)


def load_decisions(
    connection: Connection, rule: str, *, until: int | None = None, limit: int = 100
) -> tuple[Decision, ...]:
    """What a rule decided up to an instant (inclusive), newest first."""
    query = _of(rule)
    if until is not None:
        query = query.where(decisions.c.at <= until)
    return tuple(map(_decision, connection.execute(query.limit(limit))))


def last_decision(connection: Connection, rule: str, at: int) -> Decision | None:
    """The decision in force at an instant; None before the rule's first."""
    found = load_decisions(connection, rule, until=at, limit=1)
    return found[0] if found else None


def _of(rule: str) -> Select[str, str, int, str, float | None, float | None, str]:
    # Of one instant the later written is the later decided.
    return (
        select(
            decisions.c.rule,
            decisions.c.instrument,
            decisions.c.at,
            decisions.c.reason,
            decisions.c.price,
            decisions.c.level,
            decisions.c.detail,
        )
        .where(decisions.c.rule == rule)
        .order_by(decisions.c.at.desc(), decisions.c.id.desc())
    )


def _decision(
    row: Row[str, str, int, str, float | None, float | None, str],
) -> Decision:
    rule, instrument, at, reason, price, level, detail = row
    return Decision(
        rule=rule,
        instrument=instrument,
        at=at,
        reason=Reason(reason),
        price=price,
        level=level,
        detail=detail,
    )
