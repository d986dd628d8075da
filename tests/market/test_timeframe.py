"""Where bars begin and end, by hand, across both changes of the American clock."""

import pytest

from market.instant import DAY, HOUR, MINUTE, parse_instant
from market.instrument import Session
from market.session import week_open
from market.timeframe import parse_timeframe


def bucket(timeframe: str, session: Session, at: str) -> tuple[int, int]:
    return parse_timeframe(timeframe).bucket(session, parse_instant(at))


def span(opened: str, closed: str) -> tuple[int, int]:
    return parse_instant(opened), parse_instant(closed)


FX, CRYPTO = Session.FX, Session.CRYPTO


@pytest.mark.parametrize(
    ("timeframe", "session", "at", "opened", "closed"),
    [
        # Winter: 17, 21, 01, 05, 09, 13 in New York are 22, 02, 06, 10, 14, 18 UTC.
        ("4h", FX, "2025-01-15T21:59:59Z", "2025-01-15T18:00Z", "2025-01-15T22:00Z"),
        ("4h", FX, "2025-01-15T22:00Z", "2025-01-15T22:00Z", "2025-01-16T02:00Z"),
        ("4h", FX, "2025-01-16T05:00Z", "2025-01-16T02:00Z", "2025-01-16T06:00Z"),
        # Summer: 21, 01, 05, 09, 13, 17 UTC.
        ("4h", FX, "2025-07-15T20:59:59Z", "2025-07-15T17:00Z", "2025-07-15T21:00Z"),
        ("4h", FX, "2025-07-16T09:00Z", "2025-07-16T09:00Z", "2025-07-16T13:00Z"),
        # Forward on 9 March 2025: the last bar of one week, the first of the next.
        ("4h", FX, "2025-03-07T21:00Z", "2025-03-07T18:00Z", "2025-03-07T22:00Z"),
        ("4h", FX, "2025-03-09T21:00Z", "2025-03-09T21:00Z", "2025-03-10T01:00Z"),
        # Back on 2 November 2025.
        ("4h", FX, "2025-10-31T20:00Z", "2025-10-31T17:00Z", "2025-10-31T21:00Z"),
        ("4h", FX, "2025-11-02T22:00Z", "2025-11-02T22:00Z", "2025-11-03T02:00Z"),
        ("2h", FX, "2025-07-15T22:30Z", "2025-07-15T21:00Z", "2025-07-15T23:00Z"),
        ("1h", FX, "2025-07-15T22:30Z", "2025-07-15T22:00Z", "2025-07-15T23:00Z"),
        ("15m", FX, "2025-07-15T22:44:59Z", "2025-07-15T22:30Z", "2025-07-15T22:45Z"),
        ("1d", FX, "2025-07-15T12:00Z", "2025-07-14T21:00Z", "2025-07-15T21:00Z"),
        ("1d", FX, "2025-03-10T00:00Z", "2025-03-09T21:00Z", "2025-03-10T21:00Z"),
        ("1w", FX, "2025-07-15T12:00Z", "2025-07-13T21:00Z", "2025-07-20T21:00Z"),
        ("1w", FX, "2025-03-05T12:00Z", "2025-03-02T22:00Z", "2025-03-09T21:00Z"),
        ("1w", FX, "2025-10-28T12:00Z", "2025-10-26T21:00Z", "2025-11-02T22:00Z"),
        ("4h", CRYPTO, "2025-03-09T07:30Z", "2025-03-09T04:00Z", "2025-03-09T08:00Z"),
        ("1d", CRYPTO, "2025-03-09T23:59Z", "2025-03-09T00:00Z", "2025-03-10T00:00Z"),
        ("1w", CRYPTO, "2025-05-25T23:59Z", "2025-05-19T00:00Z", "2025-05-26T00:00Z"),
        (
            "1m",
            CRYPTO,
            "2025-05-25T23:59:30Z",
            "2025-05-25T23:59Z",
            "2025-05-26T00:00Z",
        ),
    ],
)
def test_a_bar_holds_the_instant_between_its_edges(
    timeframe: str, session: Session, at: str, opened: str, closed: str
) -> None:
    assert bucket(timeframe, session, at) == span(opened, closed)


def buckets_of_week(timeframe: str, opened: int) -> list[tuple[int, int]]:
    """The bars that hold the open hours of the FX week that begins here."""
    parsed = parse_timeframe(timeframe)
    hours = range(opened, opened + 5 * DAY, HOUR)
    return sorted({parsed.bucket(Session.FX, hour) for hour in hours})


def test_every_fx_week_of_two_years_has_30_four_hour_bars_and_5_days() -> None:
    opened = parse_instant("2025-01-05T22:00Z")

    for _ in range(104):
        fours = buckets_of_week("4h", opened)
        days = buckets_of_week("1d", opened)
        assert len(fours) == 30
        assert {end - start for start, end in fours} == {4 * HOUR}
        assert len(days) == 5
        assert {end - start for start, end in days} == {24 * HOUR}
        assert buckets_of_week("1w", opened)[0][0] == opened
        opened = week_open(Session.FX, opened + 8 * DAY)


@pytest.mark.parametrize("session", list(Session))
@pytest.mark.parametrize("timeframe", ["1m", "5m", "15m", "1h", "4h", "1d", "1w"])
def test_bars_follow_each_other_without_holes(timeframe: str, session: Session) -> None:
    parsed = parse_timeframe(timeframe)
    at = parse_instant("2025-02-27T00:00Z")

    for _ in range(100):
        opened, closed = parsed.bucket(session, at)
        assert opened <= at < closed
        assert parsed.bucket(session, closed - 1) == (opened, closed)
        at = closed
        assert parsed.bucket(session, at)[0] == at


@pytest.mark.parametrize("text", ["7m", "45s", "90m", "5h", "2d", "2w", "0m", "h", ""])
def test_a_length_that_tiles_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        parse_timeframe(text)


@pytest.mark.parametrize("text", ["1m", "30m", "1h", "4h", "12h", "1d", "1w"])
def test_a_timeframe_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_timeframe(text)) == text


def test_sixty_minutes_are_an_hour() -> None:
    assert parse_timeframe("60m").length == 60 * MINUTE
    assert str(parse_timeframe("60m")) == "1h"
