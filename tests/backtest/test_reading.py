"""Recorded files: what is understood, and what is refused with file and line."""

# ruff: noqa: E501 - messages stand on one line, as they are printed

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.recording import Recording
from market.bar import Bar
from market.instant import DAY, HOUR, MINUTE
from tests.backtest.recorded import (
    BARS,
    EUR,
    INSTRUMENTS,
    ONE_MINUTE,
    TICKS,
    XMR,
    read,
    refusal,
    ticks,
)
from tests.play import T0

NOON = "2025-05-19T12:00:00Z"
NOON_MS = T0 + 12 * HOUR


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (str(NOON_MS), NOON_MS),
        (NOON, NOON_MS),
        ("2025-05-19T14:00:00+02:00", NOON_MS),
        ("2025-05-19 12:00:00", NOON_MS),
        ("2025-05-19T12:00:00.250Z", NOON_MS + 250),
        ("2025-05-19", T0),
        (" 2025-05-19T12:00:00Z ", NOON_MS),
    ],
)
def test_a_time_is_epoch_milliseconds_or_iso_8601(text: str, at: int) -> None:
    assert read(f"{TICKS}{text},{XMR},350.1\n").at.tolist() == [at]


def test_both_forms_of_time_may_stand_in_one_file() -> None:
    recording = read(f"{TICKS}{NOON},{XMR},1\n{NOON_MS + 1},{XMR},2\n")

    assert recording.at.tolist() == [NOON_MS, NOON_MS + 1]


def test_a_row_of_prices_is_a_tick() -> None:
    (tick,) = ticks(read(f"at,instrument,price,bid,ask\n{NOON},{XMR},350,349,351\n"))

    assert (tick.instrument, tick.at, tick.received_at) == (XMR, NOON_MS, NOON_MS)
    assert (tick.price, tick.last, tick.bid, tick.ask) == (350.0, 350.0, 349.0, 351.0)


def test_the_price_is_what_the_instrument_is_configured_for() -> None:
    text = (
        "at,instrument,price,bid,ask\n"
        f"{T0},{XMR},350,340,341\n"
        f"{T0},{EUR},1.13,1.1199,1.1201\n"
        f"{T0},{EUR},1.14,1.15,\n"
        f"{T0},{EUR},1.16,,\n"
    )

    # The middle of 1.1199 and 1.1201 is 1.12 itself; without both sides it is the
    # price column.
    assert [tick.price for tick in ticks(read(text))] == [350.0, 1.12, 1.14, 1.16]


def test_a_file_of_quotes_needs_no_price_column() -> None:
    (tick,) = ticks(read(f"ts_ms,bid,ask\n{T0},1.1,1.2\n", instrument=EUR))

    assert (tick.instrument, tick.price, tick.last) == (EUR, 1.15, None)


def test_quotes_without_a_price_do_not_serve_an_instrument_of_last_prices() -> None:
    assert refusal(f"ts_ms,bid,ask\n{T0},340,341\n", instrument=XMR) == [
        'x.csv:2: no last price; for bid and ask configure [instruments."XMR/USD"] price = "mid"'
    ]


def test_a_row_without_any_price_is_refused() -> None:
    text = f"at,instrument,price,bid,ask\n{T0},{XMR},,,\n{T0},{EUR},,1.1,\n"

    assert refusal(text) == [
        "x.csv:2: no last price",
        "x.csv:3: no mid price, and no last price to stand in for it",
    ]


def test_a_row_of_four_prices_is_a_bar_that_opens_at_its_time() -> None:
    text = f"at,instrument,open,high,low,close,volume\n{NOON},{XMR},2,4,1,3,12.5\n"
    ((at, order, line, bar),) = read(text, timeframe="1m").observations(7, [XMR])

    assert (at, order, line) == (NOON_MS, 7, 2)
    assert bar == Bar(
        instrument=XMR,
        timeframe=ONE_MINUTE,
        open_time=NOON_MS,
        close_time=NOON_MS + MINUTE,
        open=2.0,
        high=4.0,
        low=1.0,
        close=3.0,
        volume=12.5,
    )


def test_a_volume_that_nobody_counted_is_zero() -> None:
    text = f"ts_ms,open,high,low,close,volume\n{T0},2,4,1,3,\n{T0 + MINUTE},2,4,1,3,5\n"
    recording = read(text, timeframe="1m", instrument=XMR)

    assert recording.values[4].tolist() == [0.0, 5.0]


def test_a_day_of_fx_ends_at_17_in_new_york_even_when_clocks_change() -> None:
    # 2025-03-07 22:00 UTC is Friday 17:00 EST; the next FX day but the weekend's
    # begins on Sunday 2025-03-09 at 21:00 UTC (EDT).
    text = f"{BARS}2025-03-08T22:00:00Z,{EUR},1,1,1,1\n2025-03-09,{EUR},1,1,1,1\n"
    first, second = read(text, timeframe="1d").ends - read(text, timeframe="1d").at

    assert first == 23 * HOUR
    assert second == DAY  # off the grid, as UTC days are: its nominal length


def test_rows_are_sorted_by_time_and_keep_their_order_within_an_instant() -> None:
    text = f"{TICKS}{T0 + 2},{XMR},1\n{T0},{XMR},2\n{T0 + 1},{XMR},3\n{T0},{XMR},4\n"
    recording = read(text)

    assert [(t.at - T0, t.price) for t in ticks(recording)] == [
        (0, 2.0), (0, 4.0), (1, 3.0), (2, 1.0),
    ]  # fmt: skip
    assert recording.disorder == 3
    assert recording.lines.tolist() == [3, 5, 4, 2]


def test_columns_may_come_in_any_order_and_case_and_others_are_passed_over() -> None:
    recording = read(f"Volume,PRICE,note, At ,instrument\n9,350,x,{T0},{XMR}\n")

    assert [tick.price for tick in ticks(recording)] == [350.0]
    assert recording.unknown == ("note",)


def test_rows_of_other_instruments_are_counted_and_not_judged() -> None:
    text = f"{TICKS}{T0},ADA/USD,nonsense\n{T0}, {XMR} ,350\n{T0},ADA/USD,\n"
    recording = read(text)

    assert [tick.price for tick in ticks(recording)] == [350.0]
    assert recording.foreign == {"ADA/USD": 2}


def test_blank_lines_and_lines_in_quotes_do_not_shift_the_line_numbers() -> None:
    text = f'at,note,instrument,price\n\n{T0},"two\nlines",{XMR},1\n\n{T0},,{XMR},0\n'

    assert refusal(text) == [
        'x.csv:6: price "0" is no price; expected a number above 0'
    ]


@pytest.mark.parametrize("price", ["nan", "inf", "0", "-1", "1.2.3", "1,5"])
def test_what_is_no_price_is_named_with_its_line(price: str) -> None:
    cell = f'"{price}"'
    text = f"{TICKS}{T0},{XMR},1\n{T0 + 1},{XMR},{cell}\n{T0 + 2},{XMR},2\n"

    assert refusal(text) == [
        f'x.csv:3: price "{price}" is no price; expected a number above 0'
    ]


BAD_ROWS = [
    (f"noon,{XMR},1,1,1,1", 'at "noon" is no time; expected epoch milliseconds or ISO 8601 (2025-05-17T01:05:00Z)'),
    (f"-5,{XMR},1,1,1,1", 'at "-5" is not between 1970 and 9999; expected epoch milliseconds or ISO 8601'),
    (f"{T0}000,{XMR},1,1,1,1", f'at "{T0}000" is not between 1970 and 9999; expected epoch milliseconds or ISO 8601'),
    (f"{T0},{XMR},1,1,2,1", "high 1.0 is below low 2.0"),
    (f"{T0},{XMR},5,4,1,3", "open 5.0 lies outside low 1.0 to high 4.0"),
    (f"{T0},{XMR},3,4,1,0.5", "close 0.5 lies outside low 1.0 to high 4.0"),
    (f"{T0},{XMR},1,1,,1", 'low "" is no price; expected a number above 0'),
    (f"{T0},{XMR},1,1,1", "5 values; the header has 6 columns"),
    (f"{T0},{XMR},1,1,1,1,1", "7 values; the header has 6 columns"),
    (f"{T0}", "1 value; the header has 6 columns"),
    (f"{T0},{XMR},1,1,1,\udcff�", 'close "��" is no price; expected a number above 0'),
]  # fmt: skip


@pytest.mark.parametrize(("row", "message"), BAD_ROWS)
def test_a_bad_row_is_refused_with_what_was_found(row: str, message: str) -> None:
    assert refusal(f"{BARS}{row}\n", timeframe="1m") == [f"x.csv:2: {message}"]


def test_every_bad_row_of_a_file_is_told_in_one_run_but_no_more_than_twenty() -> None:
    bad = "".join(f"{T0},{XMR},{-n}\n" for n in range(1, 1000))

    told = refusal(TICKS + bad)

    assert len(told) == 20
    assert told[19] == 'x.csv:21: price "-20" is no price; expected a number above 0'


def test_bad_rows_are_left_out_where_that_is_wanted() -> None:
    text = f"{TICKS}{T0},{XMR},nan\n{T0 + 1},{XMR},2\n{T0 + 2},{XMR}\n"
    recording = read(text, skip_bad=True)

    assert [tick.price for tick in ticks(recording)] == [2.0]
    assert recording.skipped == 2
    assert [problem.line for problem in recording.problems] == [2, 4]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "the file is empty"),
        ("instrument,price\n", 'no column "at" in "instrument,price"'),
        (f"{T0},{XMR},350\n", f'no column "at" in "{T0},{XMR},350"'),
        ("at,instrument,prize\n", 'no prices in "at,instrument,prize"'),
        ("at,instrument,open,high,low\n", 'no column "close" in'),
        ("at,instrument,price,low\n", 'both "price" and "low" are columns'),
        ("at,price,price\n", 'two columns are called "price"'),
        ("at,ts_ms,price\n", 'two columns are called "at"'),
        ("at,price\n", 'no column "instrument"; say what it holds: --instrument'),
        (BARS, "bars need a --timeframe, such as --timeframe 1m"),
    ],
)
def test_a_header_that_does_not_do_is_refused(header: str, message: str) -> None:
    (told,) = refusal(header)

    assert told.startswith(f"x.csv:1: {message}")


def test_a_file_that_ends_within_quotes_is_no_csv() -> None:
    (told,) = refusal(f'{TICKS}"{"x" * 200_000}\n')

    assert told == "x.csv:2: is no CSV: field larger than field limit (131072)"


def test_the_decimals_of_prices_are_those_that_were_recorded() -> None:
    text = f"{TICKS}{T0},{XMR},350.25\n{T0},{XMR},351\n{T0},{XMR},1e-7\n"

    assert read(text).decimals() == {XMR: 2}
    quotes = f"at,bid,ask\n{T0},1.1201,1.1202\n"
    # Not the 1.12015 in the middle.
    assert read(quotes, instrument=EUR).decimals() == {EUR: 4}


def test_the_nearest_bars_tell_whether_the_timeframe_can_be_right() -> None:
    text = f"{BARS}{T0},{XMR},1,1,1,1\n{T0},{EUR},1,1,1,1\n{T0 + HOUR},{XMR},1,1,1,1\n"

    assert read(text, timeframe="1m").nearest() == HOUR
    assert read(f"{TICKS}{T0},{XMR},1\n").nearest() is None


_CELL = st.sampled_from(["1", "2.5", "", "nan", "x", "-1", " 3 ", "1e400"])


@given(st.lists(st.tuples(_CELL, _CELL, st.booleans()), max_size=40))
def test_a_row_means_the_same_alone_and_among_others(
    rows: list[tuple[str, str, bool]],
) -> None:
    header = "at,instrument,price,bid,ask\n"
    lines = [
        f"{T0 + n},{EUR if fx else XMR},{price},{bid},1\n"
        for n, (price, bid, fx) in enumerate(rows)
    ]

    together = read(header + "".join(lines), skip_bad=True)
    alone = [read(header + line, skip_bad=True) for line in lines]

    assert _rows(together) == [row for one in alone for row in _rows(one)]
    assert together.skipped == sum(one.skipped for one in alone)


def _rows(recording: Recording) -> list[object]:
    return [seen for *_, seen in recording.observations(0, INSTRUMENTS)]
