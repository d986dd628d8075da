"""Trading days, weeks and open time, against the clock on a wall in New York."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.instant import DAY, HOUR, MINUTE, parse_instant
from market.instrument import Session
from market.session import (
    add_open_time,
    day_open,
    is_open,
    next_day_open,
    open_time_between,
    week_open,
)
from tests.oracles.fx_time import after_open_minutes, is_trading, open_minutes

# A plain week, and the weeks around both changes of the American clock in 2025.
STARTS = ["2025-05-19T00:00Z", "2025-03-05T00:00Z", "2025-10-29T00:00Z"]
MINUTES = st.builds(
    lambda start, offset: parse_instant(start) // MINUTE + offset,
    st.sampled_from(STARTS),
    st.integers(0, 7 * 1440),
)
LENGTHS = st.one_of(st.integers(1, 90), st.integers(1, 3 * 1440))


def fx_open(text: str) -> bool:
    return is_open(Session.FX, parse_instant(text))


def test_fx_opens_on_sunday_and_closes_on_friday_at_five_in_new_york() -> None:
    assert not fx_open("2025-05-18T20:59:59.999Z")
    assert fx_open("2025-05-18T21:00Z")
    assert fx_open("2025-05-23T20:59:59.999Z")
    assert not fx_open("2025-05-23T21:00Z")


def test_fx_opens_an_hour_earlier_in_utc_after_the_clocks_went_forward() -> None:
    assert fx_open("2025-03-07T21:59Z")
    assert not fx_open("2025-03-07T22:00Z")
    assert not fx_open("2025-03-09T20:59Z")
    assert fx_open("2025-03-09T21:00Z")


def test_fx_opens_an_hour_later_in_utc_after_the_clocks_went_back() -> None:
    assert fx_open("2025-10-31T20:59Z")
    assert not fx_open("2025-10-31T21:00Z")
    assert not fx_open("2025-11-02T21:59Z")
    assert fx_open("2025-11-02T22:00Z")


def test_crypto_never_closes() -> None:
    assert is_open(Session.CRYPTO, parse_instant("2025-05-24T12:00Z"))


@pytest.mark.parametrize(
    ("at", "opened", "following"),
    [
        ("2025-05-20T12:00Z", "2025-05-19T21:00Z", "2025-05-20T21:00Z"),
        ("2025-05-20T21:00Z", "2025-05-20T21:00Z", "2025-05-21T21:00Z"),
        ("2025-01-15T21:59:59Z", "2025-01-14T22:00Z", "2025-01-15T22:00Z"),
        ("2025-03-09T03:00Z", "2025-03-08T22:00Z", "2025-03-09T21:00Z"),
        ("2025-11-02T03:00Z", "2025-11-01T21:00Z", "2025-11-02T22:00Z"),
    ],
)
def test_an_fx_day_is_five_to_five_in_new_york(
    at: str, opened: str, following: str
) -> None:
    start = day_open(Session.FX, parse_instant(at))

    assert start == parse_instant(opened)
    assert next_day_open(Session.FX, start) == parse_instant(following)


@pytest.mark.parametrize(
    ("session", "at", "opened"),
    [
        (Session.CRYPTO, "2025-05-25T23:59:59Z", "2025-05-19T00:00Z"),
        (Session.CRYPTO, "2025-05-26T00:00Z", "2025-05-26T00:00Z"),
        (Session.FX, "2025-05-25T20:59:59Z", "2025-05-18T21:00Z"),
        (Session.FX, "2025-05-25T21:00Z", "2025-05-25T21:00Z"),
        (Session.FX, "2025-03-09T20:59:59Z", "2025-03-02T22:00Z"),
        (Session.FX, "2025-03-12T12:00Z", "2025-03-09T21:00Z"),
        (Session.FX, "2025-11-02T21:59:59Z", "2025-10-26T21:00Z"),
        (Session.FX, "2025-11-05T12:00Z", "2025-11-02T22:00Z"),
    ],
)
def test_a_week_opens_on_monday_or_on_sunday_evening(
    session: Session, at: str, opened: str
) -> None:
    assert week_open(session, parse_instant(at)) == parse_instant(opened)


def test_every_fx_week_of_ten_years_is_open_for_120_hours() -> None:
    opened = parse_instant("2020-01-05T22:00Z")

    for _ in range(520):
        following = week_open(Session.FX, opened + 8 * DAY)
        assert open_time_between(Session.FX, opened, following) == 120 * HOUR
        assert is_open(Session.FX, opened)
        assert not is_open(Session.FX, opened - 1)
        opened = following


def test_a_hold_begun_before_the_weekend_ends_after_it() -> None:
    friday = parse_instant("2025-05-23T20:50Z")

    assert add_open_time(Session.FX, friday, 30 * MINUTE) == parse_instant(
        "2025-05-25T21:20Z"
    )


def test_what_ends_with_the_week_ends_on_friday() -> None:
    friday = parse_instant("2025-05-23T20:50Z")

    assert add_open_time(Session.FX, friday, 10 * MINUTE) == parse_instant(
        "2025-05-23T21:00Z"
    )


def test_the_weekend_is_no_time_at_all() -> None:
    friday = parse_instant("2025-05-23T21:00Z")
    sunday = parse_instant("2025-05-25T21:00Z")

    assert open_time_between(Session.FX, friday, sunday) == 0
    assert open_time_between(Session.CRYPTO, friday, sunday) == 2 * DAY


@given(MINUTES)
def test_open_is_what_the_wall_clock_says(minute: int) -> None:
    assert is_open(Session.FX, minute * MINUTE) == is_trading(minute)


@given(MINUTES, LENGTHS)
def test_open_time_is_the_sum_of_its_minutes(start: int, length: int) -> None:
    measured = open_time_between(Session.FX, start * MINUTE, (start + length) * MINUTE)

    assert measured == open_minutes(start, start + length) * MINUTE
    assert measured == -open_time_between(
        Session.FX, (start + length) * MINUTE, start * MINUTE
    )


@given(MINUTES, LENGTHS)
def test_adding_open_time_counts_trading_minutes(start: int, length: int) -> None:
    ends = add_open_time(Session.FX, start * MINUTE, length * MINUTE)

    assert ends == after_open_minutes(start, length) * MINUTE


@given(MINUTES, st.integers(0, MINUTE - 1), st.integers(1, 3 * DAY))
def test_what_was_added_is_what_lies_between(
    minute: int, offset: int, duration: int
) -> None:
    start = minute * MINUTE + offset

    ends = add_open_time(Session.FX, start, duration)

    assert open_time_between(Session.FX, start, ends) == duration
    assert open_time_between(Session.FX, start, ends - 1) < duration


def test_the_wall_clock_in_these_tests_is_the_one_of_new_york() -> None:
    minute = int(datetime(2025, 7, 4, 20, 59, tzinfo=UTC).timestamp()) // 60

    assert is_trading(minute)
    assert not is_trading(minute + 1)
