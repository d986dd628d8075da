"""Closed bars of every timeframe, built here or fetched from a venue."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from market.bar import Bar
from market.timeframe import Timeframe
from storage.names import find_instrument, instrument_ids
from storage.rows import upsert_rows
from storage.schema import bars


def save_bars(connection: Connection, new: Collection[Bar]) -> None:
    """Keep bars; one that is known is replaced (a backfill knows more than we saw)."""
    numbers = instrument_ids(connection, {bar.instrument for bar in new})
    rows = [
        (
            numbers[bar.instrument],
            bar.timeframe.length,
            bar.open_time,
            bar.close_time,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
        )
        for bar in new
    ]
    upsert_rows(connection, bars, rows)


def load_bars(
    connection: Connection,
    instrument: str,
    timeframe: Timeframe,
    count: int,
    *,
    before: int | None = None,
) -> tuple[Bar, ...]:
    """The newest `count` bars, oldest first.

    Args:
        before: only bars that were closed by this instant (close_time ≤ before).
    """
    query = select(*bars.c[2:]).where(
        bars.c.instrument == find_instrument(connection, instrument),
        bars.c.timeframe == timeframe.length,
    )
    if before is not None:
        query = query.where(bars.c.close_time <= before)
    rows = connection.execute(query.order_by(bars.c.open_time.desc()).limit(count))
    return tuple(
        Bar(
            instrument=instrument,
            timeframe=timeframe,
            open_time=open_time,
            close_time=close_time,
            open=opened,
            high=high,
            low=low,
            close=close,
            volume=volume,
        )
        for open_time, close_time, opened, high, low, close, volume in reversed(
            rows.all()
        )
    )
