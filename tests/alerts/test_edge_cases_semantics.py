"""The forty decided edge cases, as far as one rule and one path can show them.

Each test bears the number of its case. What is decided elsewhere is tested there:
vetting of prices at the rim, the configuration's own errors, sources that change.
"""

from datetime import UTC, datetime

from alerts.reason import Reason
from tests.alerts.paths import cross
from tests.alerts.told import seconds, ticks, told
from tests.oracles.fact import Fact
from tests.play import T0, play

TOUCH = {"kind": "touch", "level": 100, "tolerance": "0", "rearm": "0"}
AVERAGE = {"m": {"kind": "sma", "length": 2, "timeframe": "1m"}}


def minute(opened: int, close: float) -> tuple[object, ...]:
    """A minute that stood still at one price."""
    return ("bar", opened, close, close, close, close)


def test_e1_equality_is_a_touch_and_a_reach_and_no_cross() -> None:
    path = ticks(99, 100)

    assert told(play(TOUCH, path)) == [Fact(1, "touch", "up")]
    assert told(play(cross("up", kind="reach"), path)) == [Fact(1, "reach", "up")]
    assert told(play(cross("any"), path)) == []


def test_e1_equality_keeps_the_old_side() -> None:
    assert told(play(cross("any"), ticks(99, 100, 100, 99, 100, 99))) == []


def test_e2_minus_zero_plus_is_one_cross_at_the_third() -> None:
    assert told(play(cross("any"), ticks(99, 100, 101))) == [Fact(2, "cross", "up")]


def test_e3_plus_zero_plus_is_no_cross() -> None:
    assert play(cross("any"), ticks(101, 100, 101)) == []


def test_e4_a_first_price_is_no_edge_but_a_state() -> None:
    (initial,) = play({"kind": "above", "level": 100}, ticks(101))

    assert initial.initial
    assert play(cross("any"), ticks(101)) == []
    assert play(cross("any", kind="reach"), ticks(101)) == []


def test_e5_a_start_on_the_level_learns_its_side_in_silence() -> None:
    assert told(play(cross("any"), ticks(100, 100, 101, 99))) == [
        Fact(3, "cross", "down")
    ]


def test_e6_a_start_between_the_level_and_its_buffer_arms_below_the_level_only() -> (
    None
):
    when = cross("up", buffer=5)

    assert play(when, ticks(103, 106, 100, 106)) == []
    assert told(play(when, ticks(103, 106, 99, 106))) == [Fact(3, "cross", "up")]


def test_e7_a_jump_over_the_level_is_one_cross_with_a_gap() -> None:
    (jump,) = play(cross("up"), ticks(99, 150))
    (step,) = play(cross("up"), ticks(99, 101))

    assert jump.gap
    assert not step.gap


def test_e9_one_bar_can_cross_both_ways_and_says_approximately_when() -> None:
    path = [(0, 99), ("bar", 60, 99, 103, 98, 99)]

    there, back = play(cross("any"), path)

    assert [there.direction, back.direction] == ["up", "down"]
    assert seconds([there, back]) == [120, 120]
    assert there.approximate
    assert there.window == (T0 + 60_000, T0 + 120_000)


def test_e11_a_level_that_jumps_past_the_price_is_a_cross_caused_by_the_level() -> None:
    # The average is 100 over a price of 95; with the close of 95 it falls to 92.5.
    path = [minute(0, 110), minute(60, 90), minute(120, 95)]

    (trigger,) = play(cross("any", level="m"), path, levels=AVERAGE)

    assert trigger.direction == "up"
    assert trigger.cause == "level"
    assert (trigger.level, trigger.price) == (92.5, 95)
    assert seconds([trigger]) == [180]


def test_e12_a_level_that_comes_to_exist_begins_as_with_a_first_price() -> None:
    # The average exists from 120 on: 75 under a price of 100; then 150 under 200.
    path = [minute(0, 50), minute(60, 100), minute(120, 200), (185, 60)]

    triggers = play(cross("any", level="m"), path, levels=AVERAGE)

    assert told(triggers) == [Fact(185, "cross", "down")]
    assert [t.cause for t in triggers] == ["price"]


def test_e15_a_tick_at_the_end_of_a_hold_cancels_when_it_is_back() -> None:
    when = cross("up", hold=5)

    assert play(when, [(0, 99), (1, 101), (6, 100), ("advance", 60)]) == []
    assert told(play(when, [(0, 99), (1, 101), (6, 101), ("advance", 60)])) == [
        Fact(6, "cross", "up")
    ]


def test_e16_two_ticks_of_one_instant_cross_without_a_hold_and_cancel_with_one() -> (
    None
):
    path = [(0, 99), (1, 101), (1, 99), (2, 101)]

    assert told(play(cross("up"), path)) == [
        Fact(1, "cross", "up"),
        Fact(2, "cross", "up"),
    ]
    held = play(cross("up", hold=3), [*path, ("advance", 9)])
    assert told(held) == [Fact(5, "cross", "up")]


def test_e17_an_exact_repeat_is_not_a_second_tick() -> None:
    when = cross("up", count=2)

    assert play(when, [(0, 99), (1, 101), (1, 101)]) == []
    assert told(play(when, [(0, 99), (1, 101), (2, 101)])) == [Fact(2, "cross", "up")]


def test_e18_a_late_tick_is_not_applied() -> None:
    path = [(0, 99), (10, 99), (5, 101), (11, 99)]

    assert play(cross("any"), path) == []


def test_e18_a_tick_from_before_a_watermark_is_late() -> None:
    path = [(0, 99), ("advance", 10), (9, 101), (11, 99)]

    assert play(cross("any"), path) == []


def test_e21_a_cooldown_suppresses_and_the_machine_does_not_care() -> None:
    path = [(0, 99), (1, 101), (2, 99), (3, 101), (4, 99), (11, 101)]

    triggers = play(cross("up"), path, cooldown="10s")

    assert seconds(triggers) == [1, 3, 11]
    assert [t.suppressed for t in triggers] == [None, Reason.COOLDOWN, None]


def test_e22_once_is_the_first_that_is_sent() -> None:
    path = ticks(99, 101, 99, 101)

    triggers = play(cross("up"), path, cooldown="0s", frequency="once")

    assert seconds(triggers) == [1]


def test_e23_once_per_bar_counts_effective_times() -> None:
    path = [(0, 99), (58, 101), (59, 99), (59, 101), (60, 99), (60, 101)]

    triggers = play(cross("up"), path, cooldown="0s", frequency="once_per_bar:1m")

    assert seconds(triggers) == [58, 59, 60]
    assert [t.suppressed for t in triggers] == [None, Reason.FREQUENCY, None]


def test_e23_a_hold_that_ends_in_the_next_bar_belongs_to_it() -> None:
    path = [(0, 99), (1, 101), (50, 99), (58, 101), ("advance", 70)]

    triggers = play(
        cross("up", hold=5), path, cooldown="0s", frequency="once_per_bar:1m"
    )

    assert seconds(triggers) == [6, 63]
    assert [t.suppressed for t in triggers] == [None, None]


def test_e24_a_close_confirms_what_a_wick_does_not() -> None:
    wick = [minute(0, 99), ("bar", 60, 99, 105, 98, 100), minute(120, 99)]
    close = [minute(0, 99), ("bar", 60, 99, 105, 98, 101), minute(120, 99)]
    when = cross("up") | {"confirm": "close:1m"}

    assert play(when, wick) == []
    (trigger,) = play(when, close)
    assert seconds([trigger]) == [120]


def test_e25_once_per_minute_is_a_cooldown_of_sixty_seconds() -> None:
    path = [(0, 99), (1, 101), (2, 99), (60, 101), (61, 99), (61, 101)]

    triggers = play(cross("up"), path, cooldown="60s")

    assert [t.suppressed for t in triggers] == [None, Reason.COOLDOWN, None]


def test_e26_an_event_at_exactly_the_expiry_is_not_sent() -> None:
    expires = datetime.fromtimestamp(T0 / 1000 + 3, tz=UTC)
    path = [(0, 99), (2, 101), (2, 99), (3, 101), (3, 99), (4, 101)]

    triggers = play(cross("up"), path, cooldown="0s", expires=expires)

    assert seconds(triggers) == [2, 3, 4]
    assert [t.suppressed for t in triggers] == [None, Reason.EXPIRED, Reason.EXPIRED]


def test_e32_an_advance_never_goes_backwards() -> None:
    path = [(0, 99), (1, 101), ("advance", 4), ("advance", 2), ("advance", 6)]

    assert told(play(cross("up", hold=5), path)) == [Fact(6, "cross", "up")]


def test_e38_a_rule_that_begins_beyond_its_level_waits_for_the_way_back() -> None:
    path = ticks(105, 106, 104, 99, 101)

    assert told(play(cross("up"), path)) == [Fact(4, "cross", "up")]


def test_a_hold_does_not_complete_on_a_stale_price() -> None:
    when = cross("up", hold=300)
    gone = [(0, 99), (1, 101), ("advance", 900)]

    assert play(when, gone, stale_after="60s") == []
    assert told(play(when, [*gone, (1000, 102)], stale_after="60s")) == [
        Fact(1000, "cross", "up")
    ]
    assert play(when, [*gone, (1000, 100), (1001, 101)], stale_after="60s") == []


def test_a_reminder_is_not_told_for_hours_that_nobody_saw() -> None:
    when = {"kind": "above", "level": 100, "repeat": "15m"}
    path = [(0, 101), (3600, 101), (3601, 101), (4500, 101), (4501, 101)]

    assert seconds(play(when, path, stale_after="60s")) == [0, 3600, 4500]


def test_a_zone_does_not_hold_on_a_stale_price() -> None:
    zone = {"kind": "zone", "low": 98, "high": 102}
    when = {"kind": "zone", "level": zone, "events": ["hold"], "hold": "300s"}
    gone = [(0, 105), (1, 100)]

    back = [*gone, (1000, 100), (1001, 100)]
    lost = [*gone, (1000, 97), (1001, 100)]

    assert seconds(play(when, back, stale_after="60s")) == [1000]
    assert play(when, lost, stale_after="60s") == []


def test_a_hold_begun_by_a_close_does_not_complete_on_a_stale_price() -> None:
    when = cross("up", hold=300) | {"confirm": "close:1m"}
    path = [(0, 99), (61, 101), (119, 101), (121, 101), (1000, 99), (1001, 99)]

    assert play(when, [*path, (1100, 99)], stale_after="60s") == []


def test_a_price_as_old_as_allowed_still_completes_a_hold() -> None:
    path = [(0, 99), (1, 101), (241, 101), ("advance", 301)]

    told_at = seconds(play(cross("up", hold=300), path, stale_after="60s"))

    assert told_at == [301]


def test_a_gap_is_an_observation_older_than_allowed() -> None:
    (fresh,) = play(cross("up"), [(0, 99), (60, 101)], stale_after="60s")
    (old,) = play(cross("up"), [(0, 99), (61, 101)], stale_after="60s")

    assert not fresh.gap
    assert old.gap


def test_a_percentage_of_a_level_is_formed_in_decimals_and_rounded_once() -> None:
    # 640 + 0.25 % is 641.6, and 641.60 is not beyond it.
    when = cross("up", level=640) | {"buffer": "0.25%"}

    assert play(when, ticks(639, 641.6)) == []
    assert told(play(when, ticks(639, 641.61))) == [Fact(1, "cross", "up")]


def test_a_fixed_level_compares_exactly_with_a_price() -> None:
    when = cross("up", level=1.12) | {"kind": "reach"}

    assert told(play(when, ticks(1.1199, 1.1200))) == [Fact(1, "reach", "up")]
    assert play(cross("up", level=1.12), ticks(1.1199, 1.1200)) == []


def test_a_move_of_exactly_its_percentage_is_a_move() -> None:
    when = {"kind": "move", "direction": "up", "by": "50%", "window": "24h"}

    (surge,) = play(when, [(0, 228), (14_400, 341.9), (14_460, 342.0)])

    assert seconds([surge]) == [14_460]
    assert surge.reference == 228
    assert surge.reference_at == T0
