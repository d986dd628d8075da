"""Ticks stored per second, beside the same rows through bare sqlite3.

Both in WAL mode under synchronous = NORMAL, one transaction per batch, into the same
table without a rowid. Ours also packs the quotes and moves the cursors.
"""

import sqlite3
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.step import Cursor, Step
from bench.blocks import wall_seconds
from bench.figure import Figure
from bench.world import NAMES, quoted_ticks
from market.tick import Tick
from storage.database import Database, open_database
from storage.ledger import commit

_BLOCKS = 9
_ROWS = 4_000
_TABLE = """
CREATE TABLE ticks (
    instrument INTEGER NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
    price REAL NOT NULL CHECK (price > 0), source INTEGER NOT NULL, quote BLOB,
    PRIMARY KEY (instrument, at, seq)
) WITHOUT ROWID
"""
_INSERT = "INSERT INTO ticks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"

Row = tuple[int, int, int, float, int, bytes]


def measure(*, quick: bool) -> list[Figure]:
    """Rows per second in alternating blocks, at 4 and at 100 ticks per commit."""
    blocks = 3 if quick else _BLOCKS
    return [_compare(batch, blocks) for batch in (4, 100)]


def _compare(batch: int, blocks: int) -> Figure:
    ticks = quoted_ticks(_ROWS * (blocks + 1))
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'ours.db'}")
        connection = _connect(Path(folder) / "raw.db")
        ours, raw = wall_seconds(
            blocks,
            _ours(database, [_step(tick) for tick in ticks], batch),
            _raw(connection, [_row(tick) for tick in ticks], batch),
        )
        connection.close()
        database.close()
    return Figure(
        name=f"ticks stored, {batch} per commit",
        ours=_ROWS / ours,
        other=_ROWS / raw,
        unit="/s",
        against="sqlite3.executemany, WAL, NORMAL",
        budget=0.5,
        at_least=True,
    )


def _ours(database: Database, steps: list[Step], batch: int) -> Callable[[], None]:
    waiting = iter(steps)

    def store() -> None:
        for _ in range(_ROWS // batch):
            group = list(islice(waiting, batch))
            with database.transaction(durable=False) as connection:
                commit(connection, group, at=group[-1].at)

    return store


def _raw(
    connection: sqlite3.Connection, rows: list[Row], batch: int
) -> Callable[[], None]:
    waiting = iter(rows)

    def store() -> None:
        for _ in range(_ROWS // batch):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, islice(waiting, batch))
            connection.execute("COMMIT")

    return store


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(_TABLE)
    return connection


def _step(tick: Tick) -> Step:
    cursor = Cursor(
        instrument=tick.instrument,
        at=tick.at,
        seq=tick.seq,
        price=tick.price,
        source=tick.source,
    )
    return Step(at=tick.at, ticks=(tick,), cursor=cursor)


def _row(tick: Tick) -> Row:
    number = NAMES.index(tick.instrument)
    return number, tick.at, tick.seq, tick.price, 0, b"\x7b\x85"
