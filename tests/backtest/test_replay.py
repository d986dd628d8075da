"""Playing recordings: the same rules as live, over files."""

from collections.abc import Sequence
from dataclasses import replace as replaced
from itertools import pairwise

import pytest

from alerts.rule import Rule
from alerts.trigger import Trigger
from backtest.errors import RecordingError
from backtest.recording import Recording
from backtest.replay import Replay, Script, count_rows, replay
from market.instant import HOUR, MINUTE, SECOND
from tests.backtest.recorded import (
    BARS,
    EUR,
    INSTRUMENTS,
    TICKS,
    XMR,
    minutes,
    read,
    rule,
)
from tests.play import T0

FLAT = (99.0, 99.0, 99.0, 99.0)


def _play(*recordings: Recording, rules: Sequence[Rule] = (), **keys: bool) -> Replay:
    script = Script(
        recordings=recordings,
        instruments=INSTRUMENTS,
        rules=rules or (rule(),),
        **keys,
    )
    return replay(script)


def _prices(*rows: tuple[float, float], instrument: str = XMR) -> str:
    """Rows of (seconds after T0, price)."""
    return "".join(f"{T0 + round(s * 1000)},{instrument},{p}\n" for s, p in rows)


def _told(triggers: list[Trigger]) -> list[tuple[str, float, float, str | None]]:
    """(rule, seconds after T0, price, direction)."""
    return [(t.rule, (t.at - T0) / 1000, t.price, t.direction) for t in triggers]


def test_a_crossing_in_a_file_is_told_at_its_own_time_and_never_late() -> None:
    (trigger,) = _play(read(TICKS + _prices((0, 99), (3600, 101)))).triggers

    assert (trigger.at, trigger.detected_at, trigger.late_by) == (
        T0 + HOUR,
        T0 + HOUR,
        0,
    )
    assert (trigger.source, trigger.approximate) == ("recording", False)


def test_files_are_merged_by_time() -> None:
    first = read(TICKS + _prices((0, 99), (20, 99)))
    second = read(TICKS + _prices((10, 101), (30, 101)))

    assert _told(_play(first, second).triggers) == [
        ("r", 10.0, 101.0, "up"),
        ("r", 20.0, 99.0, "down"),
        ("r", 30.0, 101.0, "up"),
    ]


def test_within_an_instant_the_file_that_was_named_first_comes_first() -> None:
    low, high = (read(TICKS + _prices((0, price))) for price in (99, 101))

    assert _told(_play(low, high).triggers) == [("r", 0.0, 101.0, "up")]
    assert _told(_play(high, low).triggers) == [("r", 0.0, 99.0, "down")]


def test_triggers_of_several_instruments_come_in_order_of_time() -> None:
    # The hold of XMR ends at 70 s and is found out at 100 s, after EUR's crossing.
    held = rule("held", when={"kind": "cross", "direction": "up", "level": 100,
                              "hold": "60s"})  # fmt: skip
    euro = rule("euro", EUR, when={"kind": "cross", "direction": "up", "level": 1.1})
    rows = _prices((0, 99), (10, 101), (60, 101), (100, 101)) + _prices(
        (0, 1.0), (80, 1.2), instrument=EUR
    )

    assert _told(_play(read(TICKS + rows), rules=(held, euro)).triggers) == [
        ("held", 70.0, 101.0, "up"),
        ("euro", 80.0, 1.2, "up"),
    ]


def test_at_the_end_a_hold_that_is_over_by_the_last_time_seen_completes() -> None:
    held = rule(when={"kind": "cross", "direction": "up", "level": 100, "hold": "30s"})
    ended = _prices((0, 99), (10, 101)) + _prices((40, 1.2), instrument=EUR)
    short = _prices((0, 99), (10, 101)) + _prices((39.999, 1.2), instrument=EUR)

    assert _told(_play(read(TICKS + ended), rules=(held,)).triggers) == [
        ("r", 40.0, 101.0, "up")
    ]
    assert _play(read(TICKS + short), rules=(held,)).triggers == []


def test_at_the_end_a_bar_that_is_still_open_stays_open() -> None:
    closing = rule(when={"kind": "cross", "direction": "up", "level": 100,
                         "confirm": "close:1m"})  # fmt: skip
    rows = _prices((0, 99), (70, 101), (110, 101))

    assert _play(read(TICKS + rows), rules=(closing,)).triggers == []
    later = rows + _prices((125, 101))
    assert _told(_play(read(TICKS + later), rules=(closing,)).triggers) == [
        ("r", 120.0, 101.0, "up")
    ]


def test_what_is_read_out_of_a_bar_is_approximate_and_names_the_bar() -> None:
    recording = read(BARS + minutes(0, FLAT, (99, 102, 98, 99)), timeframe="1m")

    triggers = _play(recording).triggers

    window = (T0 + MINUTE, T0 + 2 * MINUTE)
    assert [(t.at, t.window, t.approximate, t.direction) for t in triggers] == [
        (T0 + 2 * MINUTE, window, True, "up"),
        (T0 + 2 * MINUTE, window, True, "down"),
    ]


def test_suppressed_triggers_are_there_and_say_why() -> None:
    recording = read(TICKS + _prices((0, 99), (10, 101), (20, 99)))

    triggers = _play(recording, rules=(rule(cooldown="1m"),)).triggers

    assert [trigger.suppressed for trigger in triggers] == [None, "cooldown"]


def test_bars_that_two_files_share_are_played_once() -> None:
    may = read(BARS + minutes(0, FLAT, (99, 101, 99, 101)), timeframe="1m")
    june = read(BARS + minutes(1, (99, 101, 99, 101), FLAT), timeframe="1m")

    played = _play(may, june)

    assert [direction for *_, direction in _told(played.triggers)] == ["up", "down"]
    assert played.repeated == 1


def test_two_different_bars_of_one_time_are_a_contradiction() -> None:
    text = BARS + minutes(0, FLAT) + minutes(0, (99, 101, 99, 101))

    with pytest.raises(RecordingError) as caught:
        _play(read(text, timeframe="1m"))
    assert str(caught.value) == (
        "x.csv:3: another bar of XMR/USD at 2025-05-19T00:00:00Z, with other prices; "
        "one of them has to go"
    )
    played = _play(read(text, timeframe="1m"), skip_bad=True)
    assert (played.triggers, played.skipped) == ([], 1)


def test_bars_that_overlap_have_another_timeframe() -> None:
    with pytest.raises(RecordingError) as caught:
        _play(read(BARS + minutes(0, FLAT, FLAT), timeframe="1h"))

    assert str(caught.value) == (
        "x.csv:3: this bar opens at 2025-05-19T00:01:00Z, before the bar of line 2 "
        "closes (2025-05-19T01:00:00Z); is the timeframe 1h?"
    )


def test_a_price_within_a_bar_is_not_played_a_second_time() -> None:
    bars = read(BARS + minutes(0, FLAT, FLAT), timeframe="1m")
    prices = read(TICKS + _prices((30, 101), (120, 101)))

    played = _play(bars, prices)

    assert played.covered == 1
    assert _told(played.triggers) == [("r", 120.0, 101.0, "up")]


def test_a_spike_is_told_unless_the_prices_are_screened() -> None:
    recording = read(TICKS + _prices((0, 99), (10, 200), (20, 99)))

    assert len(_play(recording).triggers) == 2
    screened = _play(recording, screened=True)
    assert screened.triggers == []
    assert screened.refused == {"spike": 1}


def test_screened_prices_fall_back_like_others() -> None:
    text = "at,instrument,price,bid,ask\n" + "".join(
        f"{T0 + n * SECOND},{EUR},{row}\n"
        for n, row in enumerate(["1.12,,", "1.0,1.124,1.126", "1.12,1.2,1.1"])
    )
    euro = rule("euro", EUR, when={"kind": "cross", "direction": "up", "level": 1.122})

    screened = _play(read(text), rules=(euro,), screened=True)

    assert _told(screened.triggers) == [("euro", 1.0, 1.125, "up")]
    assert screened.refused == {"crossed_quotes": 1}


def test_a_rule_whose_level_never_existed_says_what_it_waits_for() -> None:
    average = {"kind": "sma", "length": 5, "timeframe": "1m"}
    waiting = rule("avg", when={"kind": "above", "level": average})
    bars = BARS + minutes(0, FLAT, FLAT)

    played = _play(read(bars, timeframe="1m"), rules=(waiting, rule()))

    assert played.waiting == {"avg": "2 of 5 bars"}


def test_an_average_warms_up_from_the_recording_itself() -> None:
    average = {"kind": "sma", "length": 2, "timeframe": "1m"}
    above = rule(when={"kind": "cross", "direction": "up", "level": average})
    rows = minutes(0, FLAT, (98, 98, 98, 98), (98, 101, 98, 101))

    assert _told(_play(read(BARS + rows, timeframe="1m"), rules=(above,)).triggers) == [
        ("r", 180.0, 101.0, "up")
    ]


def test_without_rows_nothing_happens() -> None:
    assert _play(read(TICKS)).triggers == []


def test_rows_without_a_rule_only_tell_how_late_it_is() -> None:
    script = Script(
        recordings=[read(TICKS + _prices((0, 99)) + _prices((1, 2), instrument=EUR))],
        instruments=INSTRUMENTS,
        rules=[rule()],
    )

    assert count_rows(script) == 1


def test_progress_is_told_now_and_then() -> None:
    rows = _prices(*((n, 99) for n in range(5000)))
    script = Script(
        recordings=[read(TICKS + rows)], instruments=INSTRUMENTS, rules=[rule()]
    )
    told: list[int] = []

    replay(script, told.append)

    assert told == [0, 4096]


def test_a_replay_is_the_same_twice_and_without_quiet_bands() -> None:
    swing = [100 + 3 * ((n * 7) % 11 - 5) / 5 for n in range(600)]
    bars = [(a, max(a, b) + 0.4, min(a, b) - 0.4, b) for a, b in pairwise(swing)]
    recording = read(BARS + minutes(0, *bars), timeframe="1m")
    whens = [
        {"kind": "cross", "direction": "any", "level": 101, "rearm": "0.5%"},
        {"kind": "touch", "level": 100, "tolerance": "0.1%", "rearm": "1%"},
        {"kind": "move", "direction": "any", "by": "2%", "window": "5m"},
        {"kind": "above", "level": {"kind": "sma", "length": 9, "timeframe": "5m"}},
    ]
    rules = [rule(f"r{n}", when=when) for n, when in enumerate(whens)]
    script = Script(recordings=[recording], instruments=INSTRUMENTS, rules=rules)

    first = replay(script).triggers

    assert {trigger.rule for trigger in first} == {"r0", "r1", "r2", "r3"}
    assert replay(script).triggers == first
    assert replay(replaced(script, everything=True)).triggers == first
