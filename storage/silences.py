"""Silences: a person's word that something is not to be told for a while."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Row, case, insert, select, update

from alerts.silence import Silence, SilenceKind
from storage.schema import silences


def add_silence(connection: Connection, silence: Silence) -> Silence:
    """Store a silence; several may overlap, the longest counts.

    Returns:
        The same with its id.
    """
    statement = insert(silences).values(
        kind=silence.kind.value,
        target=silence.target,
        author=silence.author,
        note=silence.note,
        created_at=silence.created_at,
        until=silence.until,
    )
    new_id = connection.scalars(statement.returning(silences.c.id)).one()
    return replace(silence, id=new_id)


def remove_silences(
    connection: Connection, kind: SilenceKind, target: str, *, at: int
) -> int:
    """End every silence of exactly this target now; history keeps them.

    Returns:
        How many were ended; 0 tells that there was none.
    """
    statement = (
        update(silences)
        .where(silences.c.kind == kind.value, silences.c.target == target)
        .where(silences.c.until > at)
        # One that begins later ends before it began to matter.
        .values(
            until=case((silences.c.created_at > at, silences.c.created_at), else_=at)
        )
    )
    return connection.execute(statement).rowcount


def active_silences(connection: Connection, at: int) -> tuple[Silence, ...]:
    """The silences in force at an instant, oldest first."""
    rows = connection.execute(
        select(silences)
        .where(silences.c.created_at <= at, silences.c.until > at)
        .order_by(silences.c.id)
    )
    return _silences(rows.all())


def load_silences(connection: Connection, ending_after: int) -> tuple[Silence, ...]:
    """The silences that end after an instant, begun or not, oldest first."""
    query = select(silences).where(silences.c.until > ending_after)
    return _silences(connection.execute(query.order_by(silences.c.id)).all())


def _silences(rows: Sequence[Row[*tuple[object, ...]]]) -> tuple[Silence, ...]:
    return tuple(
        Silence(
            kind=SilenceKind(row.kind),
            target=row.target,
            author=row.author,
            note=row.note,
            created_at=row.created_at,
            until=row.until,
            id=row.id,
        )
        for row in rows
    )
