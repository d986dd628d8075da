"""Rows in bulk: tuples in column order, one statement per table, the same everywhere.

Core's executemany costs more than SQLite itself at four rows as at a thousand, so the
tuples go straight to the driver's cursor. Its errors come out unwrapped; the
transaction translates both kinds.
"""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, Table

Row = tuple[object, ...]
Key = tuple[str, ...]


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Row], *, key: Key = ()
) -> None:
    """Insert what is new; a row whose key is there already changes nothing.

    Args:
        rows: one value per column, in the table's order, without a counted id.
        key: the unique columns that tell a repeat; the primary key by default.
    """
    if rows:
        text = _insert_text(table, connection.dialect, key, update=False)
        connection.connection.cursor().executemany(text, rows)


def upsert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert what is new and replace what is there, by primary key."""
    if rows:
        text = _insert_text(table, connection.dialect, (), update=True)
        connection.connection.cursor().executemany(text, rows)


@lru_cache(maxsize=64)
def _insert_text(table: Table, dialect: Dialect, key: Key, *, update: bool) -> str:
    key = key or tuple(column.name for column in table.primary_key)
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    counter = table.autoincrement_column
    columns = [column.name for column in table.columns if column is not counter]
    others = [quote(name) for name in columns if name not in key]
    action = "NOTHING"
    if update:
        action = "UPDATE SET " + ", ".join(
            f"{name} = excluded.{name}" for name in others
        )
    # Names come from our own tables; values are parameters.
    return (
        f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, columns))}) "  # noqa: S608
        f"VALUES ({', '.join(mark for _ in columns)}) "
        f"ON CONFLICT ({', '.join(map(quote, key))}) DO {action}"
    )
