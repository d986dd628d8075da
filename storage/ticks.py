"""Accepted prices, kept to the last bit at about thirty bytes each."""

from collections.abc import Collection

from sqlalchemy import Connection, Row, Select, select

from market.tick import Tick
from storage.names import find_instrument, instrument_ids, source_ids
from storage.quotes import pack_quote, unpack_quote
from storage.rows import insert_rows
from storage.schema import sources, ticks

_COLUMNS = (
    ticks.c.at,
    ticks.c.seq,
    ticks.c.price,
    ticks.c.quote,
    sources.c.name.label("source"),
)
_Stored = Row[int, int, float, bytes | None, str]


def save_ticks(connection: Connection, new: Collection[Tick]) -> None:
    """Keep ticks; one whose (instrument, at, seq) is known changes nothing."""
    instruments = instrument_ids(connection, {tick.instrument for tick in new})
    names = source_ids(connection, {tick.source for tick in new})
    rows = [
        (
            instruments[tick.instrument],
            tick.at,
            tick.seq,
            tick.price,
            names[tick.source],
            pack_quote(
                tick.price, tick.last, tick.bid, tick.ask, tick.received_at - tick.at
            ),
        )
        for tick in new
    ]
    insert_rows(connection, ticks, rows)


def load_ticks(
    connection: Connection, instrument: str, start: int, end: int
) -> tuple[Tick, ...]:
    """The ticks with start ≤ at < end, in the order in which they were accepted."""
    query = _of(connection, instrument).where(ticks.c.at >= start, ticks.c.at < end)
    rows = connection.execute(query.order_by(ticks.c.at, ticks.c.seq))
    return tuple(_tick(instrument, row) for row in rows)


def load_prices(
    connection: Connection, instrument: str, start: int, end: int
) -> list[tuple[int, float]]:
    """(at, price) with start ≤ at < end, oldest first: a window to be rebuilt."""
    query = (
        select(ticks.c.at, ticks.c.price)
        .where(ticks.c.instrument == find_instrument(connection, instrument))
        .where(ticks.c.at >= start, ticks.c.at < end)
        .order_by(ticks.c.at, ticks.c.seq)
    )
    return [(at, price) for at, price in connection.execute(query)]


def last_tick(
    connection: Connection, instrument: str, at: int | None = None
) -> Tick | None:
    """The price in force at an instant (inclusive), or the newest of all."""
    query = _of(connection, instrument)
    if at is not None:
        query = query.where(ticks.c.at <= at)
    newest_first = query.order_by(ticks.c.at.desc(), ticks.c.seq.desc())
    row = connection.execute(newest_first.limit(1)).first()
    return None if row is None else _tick(instrument, row)


def _of(
    connection: Connection, instrument: str
) -> Select[int, int, float, bytes | None, str]:
    return (
        select(*_COLUMNS)
        .join(sources, sources.c.id == ticks.c.source)
        .where(ticks.c.instrument == find_instrument(connection, instrument))
    )


def _tick(instrument: str, row: _Stored) -> Tick:
    at, seq, price, quote, source = row
    last, bid, ask, lag = unpack_quote(price, quote)
    return Tick(
        instrument=instrument,
        at=at,
        seq=seq,
        price=price,
        source=source,
        received_at=at + lag,
        last=last,
        bid=bid,
        ask=ask,
    )
