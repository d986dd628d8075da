"""Closed bars: the newest of a timeframe, oldest first."""

from dataclasses import replace

import pytest

from market.bar import Bar
from market.timeframe import DAY_BAR, MINUTE_BAR
from storage.bars import load_bars, save_bars
from storage.database import Database
from storage.errors import StorageUnusable
from tests.storage.samples import T0, bar

MINUTE = 60_000


def test_the_newest_bars_come_oldest_first(database: Database) -> None:
    bars = [bar(T0 + n * MINUTE, close=638.0 + n / 8) for n in range(4)]
    with database.transaction() as connection:
        save_bars(connection, bars)

        assert load_bars(connection, "BNB/USD", MINUTE_BAR, 2) == tuple(bars[2:])
        assert load_bars(connection, "BNB/USD", MINUTE_BAR, 9) == tuple(bars)
        assert load_bars(connection, "BNB/USD", DAY_BAR, 9) == ()
        assert load_bars(connection, "XMR/USD", MINUTE_BAR, 9) == ()


def test_only_bars_that_were_closed_by_then_are_given(database: Database) -> None:
    bars = [bar(T0), bar(T0 + MINUTE)]
    with database.transaction() as connection:
        save_bars(connection, bars)
        just_before = load_bars(
            connection, "BNB/USD", MINUTE_BAR, 9, before=T0 + 2 * MINUTE - 1
        )
        at_close = load_bars(
            connection, "BNB/USD", MINUTE_BAR, 9, before=T0 + 2 * MINUTE
        )

    assert just_before == (bars[0],)
    assert at_close == tuple(bars)


def test_a_bar_that_a_backfill_knows_better_replaces_ours(database: Database) -> None:
    with database.transaction() as connection:
        save_bars(connection, [bar(close=638.0)])
        save_bars(connection, [bar(close=639.25)])

        assert load_bars(connection, "BNB/USD", MINUTE_BAR, 9) == (bar(close=639.25),)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(bar(), low=638.5),  # above the open
        replace(bar(), high=638.05),  # below the close
        replace(bar(), close_time=T0),
    ],
)
def test_a_bar_that_cannot_be_is_refused(database: Database, wrong: Bar) -> None:
    with (
        pytest.raises(StorageUnusable, match="ck_bars"),
        database.transaction() as connection,
    ):
        save_bars(connection, [wrong])
