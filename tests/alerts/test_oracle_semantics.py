"""The machines against oracles that look at the whole path at once."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerts.trigger import Trigger
from tests.alerts.paths import (
    BUFFERS,
    COUNTS,
    DIRECTIONS,
    HOLDS,
    LEVEL,
    REARMS,
    TRAVERSES,
    VISITS,
    Script,
    cross,
    paths,
    scripts,
    zones,
)
from tests.alerts.told import seconds, told
from tests.oracles.approach import approaches
from tests.oracles.cross import Crossing, crossings, crossings_both_ways
from tests.oracles.fact import Fact
from tests.oracles.move import moves
from tests.oracles.policy import filtered
from tests.oracles.states import beginnings, reminders
from tests.oracles.touch import touches
from tests.oracles.zone import (
    default_role,
    holds,
    lost_and_reclaimed,
    plain_traverses,
    side,
    traverses,
    visits,
)
from tests.play import T0, play


def distances(script: Script) -> list[tuple[int, float]]:
    return [(at, price - LEVEL) for at, price in script.ticks]


def moment(second: int) -> datetime:
    return datetime.fromtimestamp(T0 / 1000 + second, tz=UTC)


def _story(log: list[Trigger]) -> list[tuple[int, str | None]]:
    return [(trigger.at, trigger.direction) for trigger in log]


def sign_of(direction: str) -> int:
    return 1 if direction == "up" else -1


@given(scripts(), DIRECTIONS, BUFFERS, REARMS, COUNTS, HOLDS)
def test_i1_a_cross_is_what_the_quantifiers_say(
    script: Script, direction: str, buffer: int, rearm: int, count: int, hold: int
) -> None:
    rule = Crossing(
        sign=sign_of(direction), buffer=buffer, rearm=rearm, ticks=count, hold=hold
    )
    when = cross(direction, buffer=buffer, rearm=rearm, count=count, hold=hold)

    expected = crossings(rule, distances(script), script.until)

    assert told(play(when, script.observations)) == sorted(expected)


@given(scripts(), DIRECTIONS, BUFFERS, REARMS, COUNTS, HOLDS)
def test_i7_a_reach_is_a_cross_that_counts_the_level_itself(
    script: Script, direction: str, buffer: int, rearm: int, count: int, hold: int
) -> None:
    rule = Crossing(
        sign=sign_of(direction),
        buffer=buffer,
        rearm=rearm,
        ticks=count,
        hold=hold,
        inclusive=True,
        event="reach",
    )
    when = cross(
        direction, buffer=buffer, rearm=rearm, count=count, hold=hold, kind="reach"
    )

    expected = crossings(rule, distances(script), script.until)

    assert told(play(when, script.observations)) == sorted(expected)


@given(scripts(), BUFFERS, REARMS, HOLDS, st.booleans())
def test_i1_any_direction_is_the_union_of_both(
    script: Script, buffer: int, rearm: int, hold: int, inclusive: bool
) -> None:
    kind = "reach" if inclusive else "cross"
    up, down = (
        Crossing(
            sign=sign,
            buffer=buffer,
            rearm=rearm,
            hold=hold,
            inclusive=inclusive,
            event=kind,
        )
        for sign in (1, -1)
    )
    when = cross("any", buffer=buffer, rearm=rearm, hold=hold, kind=kind)

    expected = crossings_both_ways(up, down, distances(script), script.until)

    assert told(play(when, script.observations)) == sorted(expected)


@given(scripts(), DIRECTIONS, st.integers(2, 6), COUNTS, st.integers(1, 3))
def test_a_hold_waits_for_a_fresh_price(
    script: Script, direction: str, hold: int, count: int, stale_after: int
) -> None:
    rule = Crossing(
        sign=sign_of(direction), ticks=count, hold=hold, stale_after=stale_after
    )
    when = cross(direction, count=count, hold=hold)

    expected = crossings(rule, distances(script), script.until)

    triggers = play(when, script.observations, stale_after=f"{stale_after}s")
    assert told(triggers) == sorted(expected)


@given(scripts(), st.sampled_from(["above", "below"]), st.booleans())
def test_above_and_below_begin_where_they_become_true(
    script: Script, kind: str, initial: bool
) -> None:
    sign = 1 if kind == "above" else -1
    truth = [(at, sign * d > 0) for at, d in distances(script)]
    when = {"kind": kind, "level": LEVEL, "initial": "fire" if initial else "skip"}

    begun = beginnings(truth, initial=initial)

    triggers = play(when, script.observations)
    assert seconds(triggers) == [truth[i][0] for i in begun]
    assert [t.initial for t in triggers] == [i == 0 for i in begun]


@given(scripts(), st.sampled_from(["inside", "outside"]), zones())
def test_inside_and_outside_begin_where_they_become_true(
    script: Script, kind: str, zone: dict[str, Any]
) -> None:
    truth = [
        (at, (side(zone["low"], zone["high"], price) == 0) == (kind == "inside"))
        for at, price in script.ticks
    ]

    begun = beginnings(truth)

    triggers = play({"kind": kind, "level": zone}, script.observations)
    assert seconds(triggers) == [truth[i][0] for i in begun]


@given(scripts(), st.integers(1, 4))
def test_reminders_come_while_the_truth_lasts(script: Script, every: int) -> None:
    truth = [(at, d > 0) for at, d in distances(script)]
    when = {"kind": "above", "level": LEVEL, "repeat": f"{every}s"}

    expected = reminders("above", truth, every=every, until=script.until)

    triggers = play(when, script.observations)
    assert seconds(triggers) == sorted(fact.at for fact in expected)


@given(scripts(), zones())
def test_i4_a_zone_is_what_the_quantifiers_say(
    script: Script, zone: dict[str, Any]
) -> None:
    low, high = zone["low"], zone["high"]
    when = {"kind": "zone", "level": zone, "events": [*VISITS, *TRAVERSES]}

    expected = visits(low, high, script.ticks)
    expected += plain_traverses(low, high, script.ticks)

    assert told(play(when, script.observations)) == sorted(expected)


@given(scripts(), zones(), BUFFERS, COUNTS, HOLDS)
def test_i4_buffer_and_confirmation_apply_to_traverses(
    script: Script, zone: dict[str, Any], buffer: int, count: int, hold: int
) -> None:
    when: dict[str, Any] = {"kind": "zone", "level": zone, "buffer": str(buffer)}
    when["events"] = [*VISITS, *TRAVERSES]
    if count > 1:
        when["confirm"] = f"ticks:{count}"
    if hold:
        when["hold"] = f"{hold}s"
    low, high = zone["low"], zone["high"]

    expected = visits(low, high, script.ticks)
    expected += traverses(
        low, high, script.ticks,
        buffer=buffer, ticks=count, hold=hold, until=script.until,
    )  # fmt: skip

    assert told(play(when, script.observations)) == sorted(expected)


@given(
    # Facts of one second have no order of their own; a story needs one.
    scripts(pause=1),
    zones(),
    BUFFERS,
    HOLDS,
    st.sampled_from([None, "support", "resistance"]),
)
def test_i4_a_role_is_lost_and_reclaimed(
    script: Script, zone: dict[str, Any], buffer: int, hold: int, role: str | None
) -> None:
    low, high = zone["low"], zone["high"]
    named = zone if role is None else zone | {"role": role}
    when = {
        "kind": "zone",
        "level": named,
        "events": ["lost", "reclaim"],
        "buffer": str(buffer),
    }
    if hold:
        when["hold"] = f"{hold}s"

    played = role or default_role(low, high, script.ticks)
    traversed = traverses(
        low, high, script.ticks, buffer=buffer, hold=hold, until=script.until
    )
    expected = lost_and_reclaimed(traversed, role=played) if played else []

    assert told(play(when, script.observations)) == sorted(expected)


@given(scripts(), zones(), BUFFERS, st.integers(1, 5))
def test_i4_an_entered_zone_holds(
    script: Script, zone: dict[str, Any], buffer: int, hold: int
) -> None:
    when = {
        "kind": "zone",
        "level": zone,
        "events": ["hold"],
        "buffer": str(buffer),
        "hold": f"{hold}s",
    }

    expected = holds(
        zone["low"], zone["high"], script.ticks,
        hold=hold, buffer=buffer, until=script.until,
    )  # fmt: skip

    assert seconds(play(when, script.observations)) == expected


@given(scripts(longest=40), BUFFERS, REARMS)
def test_i7_a_touch_is_what_the_path_says(
    script: Script, tolerance: int, rearm: int
) -> None:
    when = {
        "kind": "touch",
        "level": LEVEL,
        "tolerance": str(tolerance),
        "rearm": str(rearm),
    }

    expected = touches(distances(script), tolerance=tolerance, rearm=rearm)

    assert told(play(when, script.observations)) == sorted(expected)


@given(scripts(longest=40), st.integers(1, 6), st.one_of(st.none(), REARMS))
def test_i7_an_approach_is_what_the_path_says(
    script: Script, distance: int, rearm: int | None
) -> None:
    when: dict[str, Any] = {"kind": "approach", "level": LEVEL}
    when["distance"] = str(distance)
    if rearm is not None:
        when["rearm"] = str(rearm)

    expected = approaches(distances(script), distance=distance, rearm=rearm)

    assert told(play(when, script.observations)) == sorted(expected)


@given(scripts(longest=40), DIRECTIONS, st.integers(1, 18), st.integers(1, 12))
def test_i5_a_move_is_what_every_pair_says(
    script: Script, direction: str, percent: int, window: int
) -> None:
    when = {
        "kind": "move",
        "direction": direction,
        "by": f"{percent}%",
        "window": f"{window}s",
    }

    expected = moves(
        script.ticks, sign=sign_of(direction), by=Fraction(percent, 100), window=window
    )

    triggers = play(when, script.observations)
    assert told(triggers) == [move.fact for move in expected]
    assert [t.reference for t in triggers] == [float(m.reference) for m in expected]
    for trigger in triggers:
        assert trigger.reference_at is not None
        when_ms = (trigger.reference_at - T0) // 1000
        assert (when_ms, trigger.reference) in script.ticks


@given(scripts(), st.integers(1, 18), st.integers(1, 12))
def test_i5_a_move_either_way_is_the_union_of_both(
    script: Script, percent: int, window: int
) -> None:
    when = {
        "kind": "move",
        "direction": "any",
        "by": f"{percent}%",
        "window": f"{window}s",
    }
    by = Fraction(percent, 100)

    expected: list[Fact] = []
    for sign in (1, -1):
        told_one_way = moves(script.ticks, sign=sign, by=by, window=window)
        expected += [move.fact for move in told_one_way]

    assert told(play(when, script.observations)) == sorted(expected)


@given(
    paths(longest=40),
    st.integers(0, 6),
    st.sampled_from(["every", "once", "once_per_bar:1m"]),
    st.one_of(st.none(), st.integers(0, 40)),
    st.integers(1, 30),
)
def test_i23_filters_only_take_away(
    path: list[tuple[int, int]],
    cooldown: int,
    frequency: str,
    expires: int | None,
    pace: int,
) -> None:
    slower = [(at * pace, price) for at, price in path]
    keys: dict[str, Any] = {"cooldown": f"{cooldown}s", "frequency": frequency}
    if expires is not None:
        keys["expires"] = moment(expires * pace)
    bare = play(cross("any"), slower, cooldown="0s")

    log = play(cross("any"), slower, **keys)

    verdicts = filtered(
        seconds(bare),
        cooldown=cooldown,
        once=frequency == "once",
        bucket=(lambda at: at // 60) if "bar" in frequency else None,
        expires=None if expires is None else expires * pace,
    )
    assert _story(log) == _story(bare)[: len(verdicts)]
    assert [t.suppressed for t in log] == [verdict.suppressed for verdict in verdicts]
