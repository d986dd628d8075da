"""Names of instruments and sources as small integers, remembered per connection.

A tick names one of each; as text they would be most of its bytes on disk.
"""

from sqlalchemy import Connection, Table, func, literal, select

from storage.schema import instruments, sources

_CACHE = "levelwatch.names"


def instrument_id(connection: Connection, name: str) -> int:
    """The number of an instrument; a new one gets the next."""
    return _number(connection, instruments, name)


def source_id(connection: Connection, name: str) -> int:
    """The number of a source; a new one gets the next."""
    return _number(connection, sources, name)


def find_instrument(connection: Connection, name: str) -> int | None:
    """The number of an instrument; None where nothing was stored of it."""
    return _find(connection, instruments, name)


def forget_names(connection: Connection) -> None:
    """Drop what is remembered: a rollback may have taken the newest names back."""
    connection.info.pop(_CACHE, None)


def _number(connection: Connection, table: Table, name: str) -> int:
    cache: dict[tuple[Table, str], int] = connection.info.setdefault(_CACHE, {})
    known = cache.get((table, name))
    if known is None:
        known = _find(connection, table, name)
        if known is None:
            known = _add(connection, table, name)
        cache[table, name] = known
    return known


def _find(connection: Connection, table: Table, name: str) -> int | None:
    return connection.scalar(select(table.c.id).where(table.c.name == name))


def _add(connection: Connection, table: Table, name: str) -> int:
    """From 0, and without gaps: the first two cost a tick no byte."""
    following = select(func.coalesce(func.max(table.c.id) + 1, 0), literal(name))
    new = table.insert().from_select(["id", "name"], following)
    added: int = connection.scalars(new.returning(table.c.id)).one()
    return added
