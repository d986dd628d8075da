"""Prices come back to the last bit, in order, and are cheap to keep."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.step import Step
from market.tick import Tick
from storage.database import Database, open_database
from storage.ledger import commit
from storage.ticks import last_tick, load_prices, load_ticks, save_ticks
from tests.storage.samples import T0, tick

ORDINARY_BYTES = 107
"""Per tick of the obvious table: id, symbol, time and source as text, one index."""


def test_ticks_come_back_in_the_order_in_which_they_were_accepted(
    database: Database,
) -> None:
    accepted = (tick(T0, 638.1), tick(T0, 637.9, seq=1), tick(T0 + 1, 638.0))
    with database.transaction() as connection:
        save_ticks(connection, accepted[::-1])

        assert load_ticks(connection, "BNB/USD", T0, T0 + 2) == accepted
        assert load_ticks(connection, "BNB/USD", T0, T0 + 1) == accepted[:2]
        assert load_ticks(connection, "BNB/USD", T0 + 2, T0 + 9) == ()
        assert load_ticks(connection, "never seen", 0, T0 + 9) == ()


def test_a_window_is_instants_and_prices(database: Database) -> None:
    with database.transaction() as connection:
        save_ticks(connection, [tick(T0, 638.1), tick(T0 + 5, 637.9)])

        prices = load_prices(connection, "BNB/USD", T0, T0 + 6)

    assert prices == [(T0, 638.1), (T0 + 5, 637.9)]


def test_the_price_in_force_is_the_last_one_at_or_before(database: Database) -> None:
    first, second = tick(T0, 638.1), tick(T0 + 5, 637.9)
    with database.transaction() as connection:
        save_ticks(connection, [first, second])

        assert last_tick(connection, "BNB/USD", T0 - 1) is None
        assert last_tick(connection, "BNB/USD", T0 + 4) == first
        assert last_tick(connection, "BNB/USD", T0 + 5) == second
        assert last_tick(connection, "BNB/USD") == second


PRICES = st.floats(min_value=1e-12, max_value=1e12)


@settings(max_examples=25, deadline=None)
@given(
    price=PRICES,
    last=st.none() | PRICES,
    bid=st.none() | PRICES,
    ask=st.none() | PRICES,
    lag=st.integers(-5_000, 5_000),
)
def test_every_bit_of_a_tick_survives_the_file(
    price: float,
    last: float | None,
    bid: float | None,
    ask: float | None,
    lag: int,
) -> None:
    one = tick(T0, price, last=last, bid=bid, ask=ask, received_at=T0 + lag)
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/levelwatch.db")
        with database.transaction(durable=False) as connection:
            save_ticks(connection, [one])
        database.close()  # to the file and back
        with database.transaction(durable=False) as connection:
            found = load_ticks(connection, "BNB/USD", T0, T0 + 1)
        database.close()

    assert found == (one,)


def test_a_tick_with_its_quote_takes_little_of_the_disk(url: str, path: Path) -> None:
    count = 20_000
    database = open_database(url)
    empty = path.stat().st_size
    for start in range(0, count, 1_000):
        with database.transaction(durable=False) as connection:
            ticks = market(start // 4, (start + 1_000) // 4)
            commit(connection, [Step(at=T0, ticks=ticks)], at=T0)
    database.close()

    per_tick = (path.stat().st_size - empty) / count
    assert per_tick < ORDINARY_BYTES / 3.3


def market(start: int, end: int) -> tuple[Tick, ...]:
    """Four instruments polled every 5 s, quoted as Kraken does."""
    draw = random.Random(start)
    ticks = []
    for poll in range(start, end):
        for name, price, places, spread in (
            ("XMR/USD", 338.0, 2, 0.2),
            ("BNB/USD", 640.0, 2, 0.1),
            ("DOGE/USD", 0.218, 7, 0.000005),
            ("EUR/USD", 1.116, 5, 0.00004),
        ):
            middle = price * (1 + draw.uniform(-0.01, 0.01))
            bid, ask = round(middle - spread, places), round(middle + spread, places)
            at = T0 + poll * 5_000
            last = round(middle, places)
            ticks.append(
                tick(at, last, instrument=name, received_at=at, bid=bid, ask=ask)
            )
    return tuple(ticks)
