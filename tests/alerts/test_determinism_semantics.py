"""Nothing but the observations decides: not watermarks, not quiet bands, not luck."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.paths import RULES, Observation, Script, cross, scripts
from tests.alerts.told import told
from tests.play import T0, play, play_everything

ROOT = Path(__file__).parents[2]


@given(RULES, scripts(longest=40), st.sampled_from(["1h", "2s"]))
def test_quiet_bands_skip_nothing_that_matters(
    when: dict[str, Any], script: Script, stale_after: str
) -> None:
    quiet = play(when, script.observations, stale_after=stale_after)

    everything = play_everything(when, script.observations, stale_after=stale_after)

    assert quiet == everything


@given(RULES, scripts(longest=40), st.integers(10, 900))
def test_quiet_bands_skip_nothing_that_matters_on_fx(
    when: dict[str, Any], script: Script, pace: int
) -> None:
    # From Friday evening on: many of these paths cross the weekend.
    start = 4 * 86_400 + 20 * 3_600
    path: list[Observation] = [
        (seen[0], start + seen[1] * pace)
        if seen[0] == "advance"
        else (start + seen[0] * pace, seen[1])
        for seen in script.observations
    ]

    quiet = play(when, path, session="fx", stale_after="10m")

    assert quiet == play_everything(when, path, session="fx", stale_after="10m")


@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(97, 103)), max_size=30),
    st.sampled_from(["up", "down", "any"]),
    st.sampled_from(["sma", "ema"]),
    st.integers(1, 3),
    st.sampled_from([None, "close:1m", "ticks:2"]),
)
def test_quiet_bands_skip_nothing_under_a_moving_level(
    steps: list[tuple[int, int]],
    direction: str,
    kind: str,
    length: int,
    confirm: str | None,
) -> None:
    path, at = [], 0
    for pause, price in steps:
        at += pause
        path.append((at, price))
    levels = {"m": {"kind": kind, "length": length, "timeframe": "1m"}}
    when = cross(direction, level="m")
    if confirm is not None:
        when["confirm"] = confirm

    quiet = play(when, path, levels=levels)

    assert quiet == play_everything(when, path, levels=levels)


@given(RULES, scripts(), st.data())
def test_i2_more_watermarks_change_nothing(
    when: dict[str, Any], script: Script, data: st.DataObject
) -> None:
    end: list[Observation] = [("advance", script.until)] if script.until else []
    bare: list[Observation] = [*script.ticks, *end]
    watched: list[Observation] = []
    for i, (at, price) in enumerate(script.ticks):
        watched.append((at, price))
        following = script.ticks[i + 1][0] if i + 1 < len(script.ticks) else at
        watched += [
            ("advance", instant)
            for instant in range(at, following)
            if data.draw(st.booleans())
        ]
    watched += end

    assert told(play(when, watched)) == told(play(when, bare))


@given(
    st.lists(
        st.tuples(st.integers(0, 70), st.integers(97, 103)), min_size=1, max_size=20
    ),
    st.sampled_from(["up", "down", "any"]),
    st.sampled_from([None, "close:1m", "closes:2:1m"]),
    st.sampled_from([0, 1, 30, 60, 61]),
    st.sampled_from([100, "m"]),
    st.data(),
)
def test_i2_more_watermarks_change_nothing_where_bars_matter(
    steps: list[tuple[int, int]],
    direction: str,
    confirm: str | None,
    hold: int,
    level: object,
    data: st.DataObject,
) -> None:
    levels = {"m": {"kind": "sma", "length": 2, "timeframe": "1m"}}
    when = cross(direction, level=level, hold=hold)
    if confirm is not None:
        when["confirm"] = confirm
    bare: list[Observation] = []
    watched: list[Observation] = []
    at = 0
    for pause, price in steps:
        if pause:
            later = st.lists(st.integers(at, at + pause - 1), max_size=3)
            watched += [("advance", instant) for instant in sorted(data.draw(later))]
        at += pause
        bare.append((at, price))
        watched.append((at, price))

    there = told(play(when, watched, levels=levels))

    assert there == told(play(when, bare, levels=levels))


@given(RULES, scripts(longest=40))
def test_i22_the_same_observations_tell_the_same_twice(
    when: dict[str, Any], script: Script
) -> None:
    once = play(when, script.observations)

    again = play(when, script.observations)

    assert again == once
    assert len({trigger.event_id for trigger in once}) == len(once)


@given(RULES, scripts(longest=40))
def test_i32_nothing_is_known_before_it_happens(
    when: dict[str, Any], script: Script
) -> None:
    triggers = play(when, script.observations)

    last = max(
        seen[1] if seen[0] == "advance" else seen[0] for seen in script.observations
    )
    for trigger in triggers:
        assert T0 <= trigger.at <= trigger.detected_at <= T0 + last * 1000


@given(RULES, scripts(longest=40), st.integers(0, 40))
def test_the_future_does_not_change_the_past(
    when: dict[str, Any], script: Script, cut: int
) -> None:
    beginning = play(when, script.observations[:cut])

    whole = play(when, script.observations)

    assert whole[: len(beginning)] == beginning


PLAY = """
import json
from tests.play import play
path = [(t, 100 + (t * t * 7 + t * 3) % 11 - 5) for t in range(200)]
kinds = [
    {"kind": "cross", "direction": "any", "level": 100, "rearm": "1", "hold": "2s"},
    {"kind": "zone", "level": {"kind": "zone", "low": 98, "high": 102},
     "events": ["traverse_up", "traverse_down", "reject", "enter", "exit"]},
    {"kind": "move", "direction": "any", "by": "3%", "window": "20s"},
]
print(json.dumps([[t.to_json() for t in play(kind, path)] for kind in kinds]))
"""


def test_i22_another_hash_seed_tells_the_same() -> None:
    replies = [
        subprocess.run(
            [sys.executable, "-c", PLAY],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert replies[0] == replies[1]
    assert all(json.loads(replies[0]))
