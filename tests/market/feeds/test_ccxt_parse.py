"""From ccxt's dictionaries to quotes and bars."""

from math import isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.bar import Bar
from market.feeds.ccxt_listing import read_listing, suggest
from market.feeds.ccxt_parse import (
    find_doubt,
    parse_bars,
    parse_number,
    parse_quote,
    price_decimals,
)
from market.screening import RefusalReason
from market.tick import Quote
from market.timeframe import parse_timeframe

HOUR_BAR = parse_timeframe("1h")
OPENED = 1_747_353_600_000


@pytest.mark.parametrize(
    ("wire", "number"),
    [
        ("640.10", 640.1),
        (640.1, 640.1),
        (640, 640.0),
        ("0", 0.0),
        ("-1", -1.0),
        ("1e400", float("inf")),
        (None, None),
        ("", None),
    ],
)
def test_a_wire_number_is_read_as_it_stands(wire: object, number: float | None) -> None:
    assert parse_number(wire) == number


@pytest.mark.parametrize("wire", ["abc", "NaN", True, [], {}, "1,5", 10**400])
def test_what_is_no_number_is_nan_so_that_screening_can_name_it(wire: object) -> None:
    number = parse_number(wire)

    assert number is not None
    assert isnan(number)


def test_a_kraken_ticker_has_no_time() -> None:
    ticker = {
        "symbol": "BNB/USD",
        "timestamp": None,
        "bid": "640.05",
        "ask": "640.15",
        "last": "640.10",
        "close": "640.10",
        "info": {"c": ["640.10", "1.0"]},
    }

    quote = parse_quote(ticker, instrument="BNB/USD", source="k", received_at=7)

    assert quote == Quote(
        instrument="BNB/USD",
        source="k",
        received_at=7,
        at=None,
        last=640.1,
        bid=640.05,
        ask=640.15,
    )


def test_a_last_that_the_venue_did_not_send_stays_absent() -> None:
    ticker = {"symbol": "A/B", "open": "100", "change": "1", "average": "100.5"}

    assert parse_quote(ticker, instrument="A/B", source="k", received_at=7).last is None


@pytest.mark.parametrize("timestamp", [0, -5, 1.5, "1747353600000"])
def test_a_time_that_is_no_instant_is_no_time(timestamp: object) -> None:
    ticker = {"symbol": "A/B", "last": "1", "timestamp": timestamp}

    assert parse_quote(ticker, instrument="A/B", source="k", received_at=7).at is None


@pytest.mark.parametrize(
    ("ticker", "reason"),
    [
        ({"symbol": "A/B", "info": {"symbol": "AB"}}, None),
        ({"symbol": "A/B", "info": {"symbol": "something else"}}, None),
        ({"symbol": "A/B"}, None),
        ({"symbol": "C/D", "info": {}}, RefusalReason.WRONG_INSTRUMENT),
        ({"symbol": "A/B", "info": {"symbol": "CD"}}, RefusalReason.WRONG_INSTRUMENT),
        ({"symbol": "A/B", "info": {"instId": "CD"}}, RefusalReason.WRONG_INSTRUMENT),
        (None, RefusalReason.MISSING),
        ("A/B", RefusalReason.MISSING),
    ],
)
def test_a_reply_for_another_instrument_is_recognised(
    ticker: object, reason: RefusalReason | None
) -> None:
    doubt = find_doubt(
        ticker, instrument="A/B", venue_id="AB", known=frozenset({"AB", "CD"})
    )

    assert (None if doubt is None else doubt[0]) is reason


def test_a_candle_becomes_a_bar() -> None:
    rows = [[OPENED, 652.1, "652.4", 651.9, 652.0, 12.5]]

    bars, bad = parse_bars(rows, instrument="BNB/USD", timeframe=HOUR_BAR)

    assert bad == 0
    assert bars == [
        Bar(
            instrument="BNB/USD",
            timeframe=HOUR_BAR,
            open_time=OPENED,
            close_time=OPENED + 3_600_000,
            open=652.1,
            high=652.4,
            low=651.9,
            close=652.0,
            volume=12.5,
        )
    ]


@pytest.mark.parametrize(
    "row",
    [
        [OPENED + 1, 1, 1, 1, 1, 0],
        [None, 1, 1, 1, 1, 0],
        ["x", 1, 1, 1, 1, 0],
        [OPENED, None, 1, 1, 1, 0],
        [OPENED, 0, 1, 0, 1, 0],
        [OPENED, -1, 1, -1, 1, 0],
        [OPENED, 1, float("nan"), 1, 1, 0],
        [OPENED, 1, float("inf"), 1, 1, 0],
        [OPENED, 2, 1.5, 1, 1.2, 0],
        [OPENED, 1, 2, 1.1, 1.2, 0],
        [OPENED, 1, 1, 1, 1],
        "text",
        None,
        {},
    ],
)
def test_a_candle_that_cannot_be_is_dropped_and_counted(row: object) -> None:
    good = [OPENED, 1, 1, 1, 1, 0]

    bars, bad = parse_bars([row, good], instrument="A/B", timeframe=HOUR_BAR)

    assert (len(bars), bad) == (1, 1)


@pytest.mark.parametrize("rows", [None, {}, 5])
def test_a_page_that_is_no_list_has_no_bars(rows: object) -> None:
    assert parse_bars(rows, instrument="A/B", timeframe=HOUR_BAR) == ([], 1)


def test_bars_come_oldest_first_and_the_later_of_two_rows_stands() -> None:
    rows = [
        [OPENED + 3_600_000, 3, 3, 3, 3, 0],
        [OPENED, 1, 1, 1, 1, 0],
        [OPENED, 2, 2, 2, 2, 0],
    ]

    bars, _ = parse_bars(rows, instrument="A/B", timeframe=HOUR_BAR)

    assert [bar.close for bar in bars] == [2, 3]


def test_weeks_may_begin_on_any_day() -> None:
    thursday = 1_747_267_200_000

    bars, bad = parse_bars(
        [[thursday, 1, 1, 1, 1, 0]],
        instrument="A/B",
        timeframe=parse_timeframe("1w"),
    )

    assert (len(bars), bad) == (1, 0)


@given(st.recursive(st.none() | st.floats() | st.text(max_size=3), st.lists))
def test_no_page_can_make_the_parser_fail(rows: object) -> None:
    parse_bars(rows, instrument="A/B", timeframe=HOUR_BAR)


@pytest.mark.parametrize(
    ("precision", "mode", "last", "decimals"),
    [
        (0.01, 4, None, 2),
        (1e-05, 4, None, 5),
        (1e-08, 4, None, 8),
        (0.5, 4, None, 1),
        (1, 4, None, 0),
        (10.0, 4, None, 0),
        (5, 2, None, 5),
        (5, 3, 64000.0, 0),
        (5, 3, 640.1, 2),
        (5, 3, 0.2180, 5),
        (None, 4, None, 8),
    ],
)
def test_decimals_follow_the_venue_s_way_of_counting(
    precision: float | None, mode: int, last: float | None, decimals: int
) -> None:
    market = {"precision": {"price": precision}}

    assert price_decimals(market, mode=mode, last=last) == decimals


def test_a_listing_is_cut_down_to_what_is_watched() -> None:
    found: dict[str, dict[str, Any]] = {
        "XMR/USD": {"id": "XXMRZUSD", "active": True, "type": "spot", "settle": None},
        "BNB/USD": {"id": "BNBUSD", "active": None, "type": "spot", "settle": None},
        "DOGE/USD": {"id": "XDGUSD", "active": False, "type": "spot", "settle": None},
        "XMR/EUR": {"id": "XXMRZEUR", "active": True, "type": "spot", "settle": None},
    }

    listing = read_listing(found, ["BNB/USD", "DOGE/USD", "XMR/USDT"], "kraken")

    assert {name: m.active for name, m in listing.markets.items()} == {
        "BNB/USD": True,
        "DOGE/USD": False,
    }
    assert list(listing.wire) == ["BNB/USD", "DOGE/USD"]
    assert listing.known == {"XXMRZUSD", "BNBUSD", "XDGUSD", "XXMRZEUR"}
    (unknown,) = listing.unknown
    assert unknown.instrument == "XMR/USDT"
    assert unknown.suggestions == ("XMR/USD", "XMR/EUR")
    assert str(unknown) == (
        'kraken does not list XMR/USDT; did you mean "XMR/USD" or "XMR/EUR"?'
    )


def test_a_slip_in_the_base_finds_the_right_name() -> None:
    assert suggest("DOG/USD", ["BNB/USD", "DOGE/USD", "XMR/USD"])[0] == "DOGE/USD"
    assert suggest("QQQ/ZZZ", ["BNB/USD"]) == ()
