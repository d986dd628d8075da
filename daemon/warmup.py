"""History before the first tick: stored bars at once, the venue's in the background."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alerts.engine import Engine
from alerts.rule import Rule
from alerts.step import Cursor
from alerts.watch import ATR_LENGTH, Watch
from market.aggregate import BarRoller
from market.bar import Bar
from market.errors import FeedError
from market.feeds.feed import Feed
from market.instant import DAY, HOUR, MINUTE
from market.instrument import Instrument, Session
from market.tick import Tick
from market.timeframe import DAY_BAR, MINUTE_BAR, Timeframe, parse_timeframe
from storage.bars import load_bars, save_bars
from storage.ticks import last_tick, load_ticks

_log = logging.getLogger(__name__)

_HOUR_BAR = Timeframe(HOUR)
_CONTEXT = parse_timeframe("5m")
_CONTEXT_BARS = 26 * 12
"""A day and two hours, for the changes in a message: a price of an hour ago may be
six minutes off (market/series.py), which rules out coarser bars."""
_ATR_DAYS = 5 * ATR_LENGTH
_PAGES = 20
"""A venue that never ends its history is not asked for more pages than this."""


def history_needs(rules: Iterable[Rule], instrument: str) -> dict[Timeframe, int]:
    """Closed bars that the rules of an instrument need, by timeframe."""
    needs: dict[Timeframe, int] = {}
    for rule in rules:
        if rule.instrument != instrument:
            continue
        for need in () if rule.level is None else rule.level.needs:
            needs[need.timeframe] = max(needs.get(need.timeframe, 0), need.bars)
        if rule.condition.needs_atr:
            needs[DAY_BAR] = max(needs.get(DAY_BAR, 0), _ATR_DAYS)
    return needs


def recall(
    connection: Connection,
    engine: Engine,
    cursor: Cursor | None,
    instrument: str,
    needs: dict[Timeframe, int],
) -> Tick | None:
    """Load what is stored of an instrument into the engine; its last tick."""
    watch = engine.watches[instrument]
    for timeframe in sorted(needs):
        stored = load_bars(connection, instrument, timeframe, 2 * needs[timeframe])
        watch.book.load(timeframe, stored)
    if cursor is None:
        return None
    engine.resume(cursor)
    since = cursor.at - watch.history.horizon
    if watch.history.horizon:
        carried = last_tick(connection, instrument, since)
        for tick in (
            *([carried] if carried else ()),
            *load_ticks(connection, instrument, since, cursor.at + 1),
        ):
            watch.history.append(tick.at, tick.price)
    _recall_forming(connection, watch, cursor)
    return last_tick(connection, instrument)


def _recall_forming(connection: Connection, watch: Watch, cursor: Cursor) -> None:
    """Rebuild the bars that were forming when we stopped."""
    name = watch.instrument.name
    opened = min(
        (tf.bucket(watch.instrument.session, cursor.at)[0] for tf in watch.book.series),
        default=cursor.at,
    )
    count = min((cursor.at - opened) // MINUTE + 1, 7 * DAY // MINUTE)
    for bar in load_bars(connection, name, MINUTE_BAR, count):
        if bar.open_time >= opened:
            watch.book.seed(bar)
    minute = cursor.at - cursor.at % MINUTE
    for tick in load_ticks(connection, name, minute, cursor.at + 1):
        watch.book.seed_minute(tick.at, tick.price)


async def fetch_history(
    feed: Feed,
    instrument: Instrument,
    needs: dict[Timeframe, int],
    watch: Watch,
    now: int,
) -> list[tuple[Timeframe, list[Bar]]]:
    """Ask a venue for what is missing, per timeframe, oldest first.

    A venue that does not answer costs the levels their start, never the prices: the
    failure is logged, and they go on warming from our own bars.
    """
    found: list[tuple[Timeframe, list[Bar]]] = []
    wanted = {_CONTEXT: _CONTEXT_BARS, **needs}
    for timeframe in sorted(wanted):
        base = _base(timeframe, instrument.session)
        series = watch.book.series.get(timeframe)
        last = None if series is None else series.last
        since = _since(timeframe, wanted[timeframe], instrument.session, now)
        if last is not None:
            since = max(since, last.close_time)
        try:
            bars = await _pages(feed, instrument.name, base, since, now)
        except FeedError as exc:
            _log.warning(
                "%s: no %s bars: %s",
                instrument.name,
                timeframe,
                exc,
                extra={"action": "backfill_failed", "instrument": instrument.name},
            )
            continue
        found.append((timeframe, bars))
    return found


def take_history(
    watch: Watch, timeframe: Timeframe, bars: Sequence[Bar], now: int
) -> list[Bar]:
    """Load fetched bars into the book; gives the closed ones, to be stored."""
    base = bars[0].timeframe if bars else timeframe
    closed = [bar for bar in bars if bar.close_time <= now]
    forming = [replace(bar, close_time=now) for bar in bars if bar.close_time > now]
    if base != timeframe:
        roller = BarRoller(watch.instrument, timeframe)
        whole = [bar for part in closed for bar in roller.add(part)]
        # The first one may lack its beginning: its parts before the page are unknown.
        starts = closed[0].open_time if closed else 0
        parts = [
            bar for bar in closed if not whole or bar.open_time >= whole[-1].close_time
        ]
        closed = [bar for bar in whole if bar.open_time >= starts]
        forming = [*parts, *forming]
    watch.book.load(timeframe, closed)
    series = watch.book.series.get(timeframe)
    if series is not None:
        series.roller.backfill(forming)
    return closed


def store_history(connection: Connection, bars: Sequence[Bar]) -> None:
    """Keep fetched bars, so that the next start asks for fewer."""
    save_bars(connection, bars)


def _base(timeframe: Timeframe, session: Session) -> Timeframe:
    """The longest bar of a venue (aligned to UTC) from which ours can be built."""
    if session is Session.FX and timeframe > _HOUR_BAR:
        return _HOUR_BAR
    return timeframe


def _since(timeframe: Timeframe, bars: int, session: Session, now: int) -> int:
    span = (bars + 2) * timeframe.length
    if session is Session.FX:
        span = span * 7 // 5 + 3 * DAY
    start, _ = timeframe.bucket(session, now - span)
    return start


async def _pages(
    feed: Feed, instrument: str, base: Timeframe, since: int, now: int
) -> list[Bar]:
    bars: list[Bar] = []
    for _ in range(_PAGES):
        page = await feed.fetch_bars(instrument, base, since)
        page = [bar for bar in page if not bars or bar.open_time > bars[-1].open_time]
        bars += page
        if not page or page[-1].close_time > now:
            break
        since = page[-1].close_time
    return bars
