"""One observation, one transaction: what a step changed and whom it is told to.

The price, the rule's new state, the firing, its reasons, how far we have read and the
messages to send are stored together or not at all. So a crash can neither lose a
firing nor tell it twice: after it the step either was never seen, and is seen again,
or it is complete, and the outbox goes on from there.
"""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from alerts.notification import Message, Notification
from alerts.step import Cursor, RuleState, Step
from storage.bars import save_bars
from storage.journal import save_decisions
from storage.outbox import LATE_AFTER, claim_fresh, enqueue
from storage.rows import upsert_rows
from storage.schema import cursors, rule_states
from storage.ticks import save_ticks
from storage.triggers import load_triggers, save_triggers

__all__ = [
    "commit",
    "load_cursors",
    "load_states",
    "load_triggers",
    "save_cursors",
    "save_states",
]


def commit(
    connection: Connection,
    steps: Sequence[Step],
    messages: Sequence[tuple[str, Message]] = (),
    *,
    at: int,
    lease_until: int | None = None,
    late_after: int = LATE_AFTER,
) -> tuple[Notification, ...]:
    """Write steps and their messages in the caller's transaction.

    Where several steps change the same state or cursor, the last one counts. What is
    stored already (by key, event_id, receiver) changes nothing, so the same call
    again is a no-op.

    Args:
        steps: oldest first. Make the transaction durable where any has a trigger.
        messages: (receiver, message), in the order in which they are to arrive.
        at: now, epoch ms: when the messages were queued.
        lease_until: given, the messages that can go out at once are born leased with
            their first attempt recorded, so that live delivery needs no further
            transaction before the send.
        late_after: as for `outbox.claim`.

    Returns:
        The leased notifications, at most one per receiver: send these now. The
        others are claimed when their turn comes.
    """
    save_ticks(connection, [tick for step in steps for tick in step.ticks])
    save_bars(connection, [bar for step in steps for bar in step.bars])
    states: dict[str, RuleState] = {}
    heads: dict[str, Cursor] = {}
    for step in steps:
        states.update(step.states)
        if step.cursor is not None:
            heads[step.cursor.instrument] = step.cursor
    save_states(connection, states.values())
    save_triggers(connection, (one for step in steps for one in step.triggers))
    save_decisions(connection, (one for step in steps for one in step.decisions))
    save_cursors(connection, heads.values())
    fresh = enqueue(connection, messages, at=at)
    if lease_until is None or not fresh:
        return ()
    return claim_fresh(connection, fresh, at, lease_until, late_after=late_after)


def save_states(connection: Connection, states: Iterable[RuleState]) -> None:
    """Replace what is remembered of these rules."""
    rows = [
        (
            state.rule,
            state.revision,
            json.dumps(state.machine, separators=(",", ":")),
            state.fired,
            state.sent_at,
            state.done,
        )
        for state in states
    ]
    upsert_rows(connection, rule_states, rows)


def load_states(connection: Connection) -> dict[str, RuleState]:
    """What is remembered of every rule, by its id.

    `machine` comes back equal, but with lists for tuples and text for the keys of
    mappings, as JSON has it.
    """
    return {
        row.rule: RuleState(
            rule=row.rule,
            revision=row.revision,
            machine=json.loads(row.machine),
            fired=row.fired,
            sent_at=row.sent_at,
            done=row.done,
        )
        for row in connection.execute(select(rule_states))
    }


def save_cursors(connection: Connection, heads: Iterable[Cursor]) -> None:
    """Remember how far each instrument has been read."""
    rows = [
        (cursor.instrument, cursor.at, cursor.seq, cursor.price, cursor.source)
        for cursor in heads
    ]
    upsert_rows(connection, cursors, rows)


def load_cursors(connection: Connection) -> dict[str, Cursor]:
    """The last observation that the rules have seen, by instrument."""
    return {
        row.instrument: Cursor(
            instrument=row.instrument,
            at=row.at,
            seq=row.seq,
            price=row.price,
            source=row.source,
        )
        for row in connection.execute(select(cursors))
    }
