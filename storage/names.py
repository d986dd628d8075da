"""Names of instruments and sources as small integers, remembered per connection.

A tick names one of each; as text they would be most of its bytes on disk.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Table, func, literal, select

from storage.schema import instruments, sources

_CACHE = "levelwatch.names"

_Cache = dict[Table, dict[str, int]]


def instrument_ids(connection: Connection, names: Iterable[str]) -> Mapping[str, int]:
    """The numbers of these instruments (and of others); a new one gets the next."""
    return _numbers(connection, instruments, names)


def source_ids(connection: Connection, names: Iterable[str]) -> Mapping[str, int]:
    """The numbers of these sources (and of others); a new one gets the next."""
    return _numbers(connection, sources, names)


def find_instrument(connection: Connection, name: str) -> int | None:
    """The number of an instrument; None where nothing was stored of it."""
    return _find(connection, instruments, name)


def forget_names(connection: Connection) -> None:
    """Drop what is remembered: a rollback may have taken the newest names back."""
    connection.info.pop(_CACHE, None)


def _numbers(
    connection: Connection, table: Table, names: Iterable[str]
) -> Mapping[str, int]:
    cache: _Cache = connection.info.setdefault(_CACHE, {})
    known = cache.setdefault(table, {})
    for name in sorted(set(names) - known.keys()):
        found = _find(connection, table, name)
        known[name] = _add(connection, table, name) if found is None else found
    return known


def _find(connection: Connection, table: Table, name: str) -> int | None:
    return connection.scalar(select(table.c.id).where(table.c.name == name))


def _add(connection: Connection, table: Table, name: str) -> int:
    """From 0, and without gaps: the first two cost a tick no byte."""
    following = select(func.coalesce(func.max(table.c.id) + 1, 0), literal(name))
    new = table.insert().from_select(["id", "name"], following)
    added: int = connection.scalars(new.returning(table.c.id)).one()
    return added
