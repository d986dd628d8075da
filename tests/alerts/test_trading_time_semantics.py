"""FX: the weekend is no time at all, and Sunday's gap is a cross that says so."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from alerts.reason import Reason
from tests.alerts.paths import DIRECTIONS, cross
from tests.alerts.told import seconds, told
from tests.oracles.cross import Crossing, crossings
from tests.oracles.fact import Fact
from tests.oracles.fx_time import after_open_minutes, open_minutes
from tests.oracles.move import moves
from tests.play import T0, play

MINUTE, HOUR, DAY = 60, 3_600, 86_400
FRIDAY = 4 * DAY + 21 * HOUR
"""Seconds from Monday 00:00 UTC to Friday 17:00 New York, in May."""
SUNDAY = 6 * DAY + 21 * HOUR
BASE_MINUTE = T0 // 60_000


def later(at: int, duration: int) -> int:
    """`duration` seconds of open market later; whole minutes only."""
    minute = after_open_minutes(BASE_MINUTE + at // MINUTE, duration // MINUTE)
    return (minute - BASE_MINUTE) * MINUTE


@st.composite
def weekends(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Ticks on whole minutes around one weekend, none while the market is closed."""
    steps = draw(
        st.lists(
            st.tuples(st.integers(0, 15), st.integers(98, 102)), min_size=2, max_size=12
        )
    )
    path: list[tuple[int, int]] = []
    at = FRIDAY - draw(st.integers(5, 30)) * MINUTE
    for pause, price in steps:
        at = later(at, pause * MINUTE) if pause else at
        at = SUNDAY if at == FRIDAY else at
        if not path or path[-1] != (at, price):
            path.append((at, price))
    return path


def test_e28_the_weekend_does_not_count_for_a_hold() -> None:
    path = [(FRIDAY - 1800, 99), (FRIDAY - 600, 101)]
    when = cross("up", hold=1800)

    through = [*path, ("advance", SUNDAY + 1199)]
    done = [*path, ("advance", SUNDAY + 1200)]

    assert play(when, through, session="fx") == []
    assert told(play(when, done, session="fx")) == [Fact(SUNDAY + 1200, "cross", "up")]


def test_e28_crypto_counts_every_minute() -> None:
    path = [(FRIDAY - 1800, 99), (FRIDAY - 600, 101), ("advance", SUNDAY)]

    triggers = play(cross("up", hold=1800), path, session="crypto")

    assert seconds(triggers) == [FRIDAY + 1200]


def test_e28_a_weekend_makes_no_price_stale() -> None:
    path = [(FRIDAY - 600, 99), (FRIDAY - 20, 101), ("advance", SUNDAY + 100)]

    triggers = play(cross("up", hold=40), path, session="fx", stale_after="60s")

    assert seconds(triggers) == [SUNDAY + 20]


def test_e28_a_sunday_price_back_inside_cancels_fridays_candidate() -> None:
    path = [
        (FRIDAY - 1800, 99),
        (FRIDAY - 600, 101),
        (SUNDAY + 60, 100),
        ("advance", SUNDAY + DAY),
    ]

    assert play(cross("up", hold=1800), path, session="fx") == []


def test_e28_a_window_spans_the_weekend_in_open_minutes() -> None:
    when = {"kind": "move", "direction": "up", "by": "1%", "window": "30m"}
    inside = [(FRIDAY - 1200, 100), (FRIDAY - 600, 101), (SUNDAY + 300, 101)]
    across = [(FRIDAY - 1200, 100), (FRIDAY - 300, 100.5), (SUNDAY + 300, 101)]
    beyond = [(FRIDAY - 1200, 100), (FRIDAY - 900, 100.5), (SUNDAY + 1200, 101)]

    assert seconds(play(when, inside, session="fx")) == [FRIDAY - 600]
    assert seconds(play(when, across, session="fx")) == [SUNDAY + 300]
    assert play(when, beyond, session="fx") == []


def test_e28_a_weekend_brings_no_reminders() -> None:
    when = {"kind": "above", "level": 100, "repeat": "15m"}
    path = [(FRIDAY - 60, 101), (SUNDAY + 1, 101), (SUNDAY + 2000, 101)]

    triggers = play(when, path, session="fx")

    assert seconds(triggers) == [FRIDAY - 60, SUNDAY + 840, SUNDAY + 1740]


def test_e28_cooldown_counts_wall_time() -> None:
    path = [
        (FRIDAY - 60, 99),
        (FRIDAY - 50, 101),
        (FRIDAY - 40, 99),
        (FRIDAY - 30, 101),
        (FRIDAY - 20, 99),
        (SUNDAY + 10, 101),
    ]

    triggers = play(cross("up"), path, session="fx", cooldown="24h")

    assert [t.suppressed for t in triggers] == [None, Reason.COOLDOWN, None]


def test_e29_a_sunday_gap_over_the_level_is_a_cross_with_a_gap() -> None:
    path = [(FRIDAY - 5, 1.1190), (SUNDAY + 5, 1.1210), (SUNDAY + 6, 1.1190)]

    up, down = play(cross("any", level=1.12), path, session="fx")

    assert (up.direction, up.gap) == ("up", True)
    assert (down.direction, down.gap) == ("down", False)
    assert seconds([up]) == [SUNDAY + 5]


def test_e29_a_night_in_the_week_is_no_gap_when_prices_may_be_that_old() -> None:
    path = [(2 * DAY, 1.1190), (2 * DAY + 600, 1.1210)]

    (up,) = play(cross("up", level=1.12), path, session="fx", stale_after="15m")

    assert not up.gap


def test_e40_a_hold_that_ends_with_the_week_is_told_on_friday() -> None:
    path = [(FRIDAY - 1800, 99), (FRIDAY - 600, 101), ("advance", FRIDAY)]

    triggers = play(cross("up", hold=600), path, session="fx")

    assert seconds(triggers) == [FRIDAY]


@given(weekends(), DIRECTIONS, st.integers(1, 40))
def test_i1_holds_count_open_minutes(
    path: list[tuple[int, int]], direction: str, hold: int
) -> None:
    rule = Crossing(
        sign=1 if direction == "up" else -1, hold=hold * MINUTE, later=later
    )
    until = SUNDAY + 30 * MINUTE

    expected = crossings(rule, [(at, p - 100) for at, p in path], until)

    when = cross(direction, hold=hold * MINUTE)
    path_and_end = [*path, ("advance", max(until, path[-1][0]))]
    triggers = play(when, path_and_end, session="fx")
    assert [f for f in told(triggers) if f.at <= until] == [
        f for f in expected if f.at <= until
    ]


@given(weekends(), DIRECTIONS, st.integers(1, 3), st.integers(1, 60))
def test_i5_windows_count_open_minutes(
    path: list[tuple[int, int]], direction: str, percent: int, window: int
) -> None:
    when = {
        "kind": "move",
        "direction": direction,
        "by": f"{percent}%",
        "window": f"{window}m",
    }

    expected = moves(
        path,
        sign=1 if direction == "up" else -1,
        by=Fraction(percent, 100),
        window=window * MINUTE,
        later=later,
    )

    assert told(play(when, path, session="fx")) == [move.fact for move in expected]


def test_the_weekend_of_these_tests_is_where_the_wall_clock_has_it() -> None:
    closes, opens = BASE_MINUTE + FRIDAY // MINUTE, BASE_MINUTE + SUNDAY // MINUTE

    assert open_minutes(closes - 1, closes) == 1
    assert open_minutes(closes, opens) == 0
    assert open_minutes(opens, opens + 1) == 1
