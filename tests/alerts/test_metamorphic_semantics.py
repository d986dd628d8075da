"""What must not change, or must change in a known way, when the world is altered."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.paths import (
    BUFFERS,
    COUNTS,
    DIRECTIONS,
    HOLDS,
    LEVEL,
    REARMS,
    TRAVERSES,
    Script,
    cross,
    paths,
    scripts,
)
from tests.alerts.told import told
from tests.oracles.fact import Fact
from tests.play import play

MIRRORED = {"up": "down", "down": "up"}
KINDS = st.sampled_from(["cross", "reach"])
SCALES = st.sampled_from(["1", "2", "0.01", "0.0001", "12.5", "37"])
"""Factors under which every price and threshold is a short decimal."""


def changed(script: Script, change: Mapping[int, float]) -> list[tuple[Any, ...]]:
    return [
        seen if seen[0] == "advance" else (seen[0], change[seen[1]])
        for seen in script.observations
    ]


def decimal(price: int, scale: str) -> float:
    """The float of the exact product, as a feed or a configuration would parse it."""
    return float(Decimal(price) * Decimal(scale))


@given(scripts(), DIRECTIONS, BUFFERS, REARMS, COUNTS, HOLDS, KINDS)
def test_i8_mirrored_prices_swap_up_and_down(
    script: Script,
    direction: str,
    buffer: int,
    rearm: int,
    count: int,
    hold: int,
    kind: str,
) -> None:
    keys: dict[str, Any] = {
        "buffer": buffer, "rearm": rearm, "count": count, "hold": hold, "kind": kind,
    }  # fmt: skip
    mirror = {price: 2 * LEVEL - price for price in range(90, 111)}

    there = told(play(cross(direction, **keys), script.observations))
    back = told(play(cross(MIRRORED[direction], **keys), changed(script, mirror)))

    assert back == [
        Fact(fact.at, fact.event, MIRRORED[str(fact.direction)]) for fact in there
    ]


@given(scripts(), st.integers(97, 100), st.integers(0, 4))
def test_i8_mirrored_prices_swap_the_ways_through_a_zone(
    script: Script, low: int, width: int
) -> None:
    events = ["enter", "exit", "reject", *TRAVERSES]
    zone = {"kind": "zone", "low": low, "high": low + width}
    mirrored = {"kind": "zone", "low": 200 - low - width, "high": 200 - low}
    mirror = {price: 200 - price for price in range(90, 111)}

    there = told(
        play({"kind": "zone", "level": zone, "events": events}, script.observations)
    )
    back = told(
        play(
            {"kind": "zone", "level": mirrored, "events": events},
            changed(script, mirror),
        )
    )

    swapped = {f"traverse_{way}": f"traverse_{MIRRORED[way]}" for way in MIRRORED}
    assert back == sorted(
        Fact(
            fact.at,
            swapped.get(fact.event, fact.event),
            MIRRORED[str(fact.direction)],
        )
        for fact in there
    )


@given(scripts(), DIRECTIONS, BUFFERS, REARMS, HOLDS, KINDS, SCALES)
def test_i9_the_unit_of_a_price_does_not_matter(
    script: Script,
    direction: str,
    buffer: int,
    rearm: int,
    hold: int,
    kind: str,
    scale: str,
) -> None:
    scaled = {price: decimal(price, scale) for price in range(90, 111)}
    when = cross(
        direction,
        level=decimal(LEVEL, scale),
        buffer=decimal(buffer, scale),
        rearm=decimal(rearm, scale),
        hold=hold,
        kind=kind,
    )
    plain = cross(direction, buffer=buffer, rearm=rearm, hold=hold, kind=kind)

    there = told(play(when, changed(script, scaled)))

    assert there == told(play(plain, script.observations))


@given(scripts(), st.integers(0, 3), REARMS, SCALES)
def test_i9_the_unit_of_a_price_does_not_matter_to_rings(
    script: Script, size: int, rearm: int, scale: str
) -> None:
    scaled = {price: decimal(price, scale) for price in range(90, 111)}

    for kind, key in (("touch", "tolerance"), ("approach", "distance")):
        plain, fine = (
            {
                "kind": kind,
                "level": decimal(LEVEL, unit),
                key: str(decimal(size + 1, unit)),
                "rearm": str(decimal(rearm, unit)),
            }
            for unit in ("1", scale)
        )
        there = told(play(fine, changed(script, scaled)))
        assert there == told(play(plain, script.observations))


@given(scripts(), st.sampled_from(["up", "down"]), st.integers(1, 10), SCALES)
def test_i9_the_unit_of_a_price_does_not_matter_to_moves(
    script: Script, direction: str, percent: int, scale: str
) -> None:
    scaled = {price: decimal(price, scale) for price in range(90, 111)}
    when = {
        "kind": "move",
        "direction": direction,
        "by": f"{percent}%",
        "window": "7s",
    }

    there = told(play(when, changed(script, scaled)))

    assert there == told(play(when, script.observations))


@given(
    scripts(),
    st.sampled_from(["up", "down", "any"]),
    HOLDS,
    COUNTS,
    st.lists(st.integers(1, 1000), min_size=21, max_size=21),
)
def test_i10_a_bare_cross_knows_only_the_order_of_prices(
    script: Script, direction: str, hold: int, count: int, steps: list[int]
) -> None:
    stretched: dict[int, float] = {}
    height = 0
    for price, step in zip(range(90, 111), steps, strict=True):
        height += step
        stretched[price] = height
    when = cross(direction, level=stretched[LEVEL], hold=hold, count=count)

    there = told(play(when, changed(script, stretched)))

    plain = cross(direction, hold=hold, count=count)
    assert there == told(play(plain, script.observations))


@given(scripts())
def test_i11_crosses_of_one_level_alternate(script: Script) -> None:
    triggers = play(cross("any"), script.observations)

    ways = [trigger.direction for trigger in triggers]
    assert all(a != b for a, b in pairwise(ways))


@given(scripts(), BUFFERS, COUNTS, HOLDS)
def test_i12_a_zone_of_one_price_is_traversed_where_it_is_crossed(
    script: Script, buffer: int, count: int, hold: int
) -> None:
    when: dict[str, Any] = {
        "kind": "zone",
        "level": {"kind": "zone", "low": LEVEL, "high": LEVEL},
        "events": TRAVERSES,
        "buffer": str(buffer),
    }
    if count > 1:
        when["confirm"] = f"ticks:{count}"
    if hold:
        when["hold"] = f"{hold}s"
    plain = cross("any", buffer=buffer, count=count, hold=hold)

    traversed = told(play(when, script.observations))

    crossed = told(play(plain, script.observations))
    assert [(fact.at, fact.direction) for fact in traversed] == [
        (fact.at, fact.direction) for fact in crossed
    ]


@given(scripts(), st.integers(0, 4))
def test_i13_a_zone_is_a_schmitt_trigger(script: Script, half: int) -> None:
    when = {
        "kind": "zone",
        "level": {"kind": "zone", "low": LEVEL - half, "high": LEVEL + half},
        "events": TRAVERSES,
    }

    state, switched = 0, []
    for at, price in script.ticks:
        now = 1 if price > LEVEL + half else -1 if price < LEVEL - half else state
        if state and now != state:
            way = "up" if now > 0 else "down"
            switched.append(Fact(at, f"traverse_{way}", way))
        state = now

    assert told(play(when, script.observations)) == sorted(switched)


@given(scripts(), DIRECTIONS, BUFFERS, REARMS, st.integers(1, 4), KINDS)
def test_i14_a_larger_rearm_never_gives_more(
    script: Script, direction: str, buffer: int, rearm: int, more: int, kind: str
) -> None:
    near = cross(direction, buffer=buffer, rearm=rearm, kind=kind)
    far = cross(direction, buffer=buffer, rearm=rearm + more, kind=kind)

    often = play(near, script.observations)
    seldom = play(far, script.observations)

    assert len(seldom) <= len(often)


@given(paths(), DIRECTIONS, BUFFERS, REARMS, HOLDS, st.data())
def test_i15_repeated_ticks_change_nothing(
    path: list[tuple[int, int]],
    direction: str,
    buffer: int,
    rearm: int,
    hold: int,
    data: st.DataObject,
) -> None:
    copies = data.draw(
        st.lists(st.integers(1, 3), min_size=len(path), max_size=len(path))
    )
    repeated = [
        seen for seen, count in zip(path, copies, strict=True) for _ in range(count)
    ]
    rules: list[dict[str, Any]] = [
        cross(direction, buffer=buffer, rearm=rearm, hold=hold),
        cross(direction, buffer=buffer, rearm=rearm, kind="reach"),
        {"kind": "above", "level": LEVEL},
        {"kind": "touch", "level": LEVEL, "tolerance": "1", "rearm": str(rearm)},
        {"kind": "approach", "level": LEVEL, "distance": "3", "rearm": str(rearm)},
        {"kind": "move", "direction": direction, "by": "3%", "window": "5s"},
    ]

    for when in rules:
        assert told(play(when, repeated)) == told(play(when, path))


@given(scripts(), st.sampled_from(["up", "down"]), REARMS)
def test_i16_between_two_sides_lies_a_touch(
    script: Script, direction: str, rearm: int
) -> None:
    touch = {"kind": "touch", "level": LEVEL, "tolerance": "0", "rearm": "0"}

    crosses = told(play(cross(direction, rearm=rearm), script.observations))
    touches = told(play(touch, script.observations))

    before = 1 if direction == "down" else -1
    for fact in crosses:
        behind = [
            at
            for at, price in script.ticks
            if at <= fact.at and before * (price - LEVEL) > 0
        ]
        assert any(behind[-1] <= touched.at <= fact.at for touched in touches)


@given(scripts(), REARMS)
def test_a_level_is_reached_at_least_as_often_as_crossed(
    script: Script, rearm: int
) -> None:
    for direction in ("up", "down"):
        crosses = play(cross(direction, rearm=rearm), script.observations)
        reaches = play(cross(direction, rearm=rearm, kind="reach"), script.observations)
        assert len(crosses) <= len(reaches)


@given(paths(), st.integers(1, 3600), HOLDS, BUFFERS)
def test_time_has_no_unit_of_its_own(
    path: list[tuple[int, int]], pace: int, hold: int, buffer: int
) -> None:
    slower = [(at * pace, price) for at, price in path]

    there = told(play(cross("any", buffer=buffer, hold=hold * pace), slower))

    here = told(play(cross("any", buffer=buffer, hold=hold), path))
    assert there == [Fact(fact.at * pace, fact.event, fact.direction) for fact in here]
