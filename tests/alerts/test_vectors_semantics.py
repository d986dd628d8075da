"""The decided readings as a table: one sentence, one path, what must be told."""

from typing import Any

import pytest

from tests.alerts.paths import TRAVERSES, VISITS, Observation, cross
from tests.alerts.told import ticks, told
from tests.oracles.fact import Fact
from tests.play import play

ZONE = {"kind": "zone", "low": 98, "high": 102}


def zone(*events: str, **keys: str) -> dict[str, Any]:
    return {"kind": "zone", "level": ZONE, "events": list(events), **keys}


ANY_EVENT = zone(*VISITS, *TRAVERSES)


def touch(rearm: int, tolerance: int = 0) -> dict[str, Any]:
    return {
        "kind": "touch",
        "level": 100,
        "tolerance": str(tolerance),
        "rearm": str(rearm),
    }


def approach(distance: int, rearm: float) -> dict[str, Any]:
    return {
        "kind": "approach",
        "level": 100,
        "distance": str(distance),
        "rearm": str(rearm),
    }


def move(direction: str, by: str = "10%", window: str = "1h") -> dict[str, Any]:
    return {"kind": "move", "direction": direction, "by": by, "window": window}


def up(*at: int) -> list[Fact]:
    return [Fact(second, "cross", "up") for second in at]


def down(*at: int) -> list[Fact]:
    return [Fact(second, "cross", "down") for second in at]


Case = tuple[str, dict[str, Any], list[Observation], list[Fact]]

TABLE: list[Case] = [
    (
        "a cross may pause on the level and is told when it is beyond",
        cross("up"), ticks(99, 100, 101), up(2),
    ),
    (
        "falling onto the level and rising again is no cross",
        cross("up"), ticks(101, 100, 101), [],
    ),
    (
        "starting on the level, the first side is learned in silence",
        cross("up"), ticks(100, 101), [],
    ),
    (
        "re-arming needs strictly more than the distance, but none before a first fire",
        cross("up", rearm=2), ticks(99, 101, 99, 101, 98, 101, 97, 101), up(1, 7),
    ),
    (
        "a buffer must be exceeded, not met",
        cross("up", buffer=2), ticks(99, 101, 102, 103), up(3),
    ),
    (
        "three ticks beyond means three in a row",
        cross("up", count=3), ticks(99, 101, 101, 100, 101, 101, 101), up(6),
    ),
    (
        "a return at the very end of a hold cancels it",
        cross("up", hold=5), [(0, 99), (1, 101), (3, 102), (6, 99)], [],
    ),
    (
        "a hold completes at its end, however late the next tick comes",
        cross("up", hold=5), [(0, 99), (1, 101), (3, 102), (7, 99)], up(6),
    ),
    (
        "a watermark before the end of a hold completes nothing",
        cross("up", hold=5), [(0, 99), (1, 101), ("advance", 5)], [],
    ),
    (
        "a watermark at the end of a hold completes it",
        cross("up", hold=5), [(0, 99), (1, 101), ("advance", 6)], up(6),
    ),
    (
        "leaving a zone by the side it came from is an exit and a rejection",
        ANY_EVENT, ticks(105, 102, 103),
        [Fact(1, "enter", "down"), Fact(2, "exit", "up"), Fact(2, "reject", "up")],
    ),
    (
        "leaving a zone by the other side is an exit and a traverse",
        ANY_EVENT, ticks(105, 100, 97),
        [
            Fact(1, "enter", "down"),
            Fact(2, "exit", "down"),
            Fact(2, "traverse_down", "down"),
        ],
    ),
    (
        "jumping over a zone is a traverse without a visit",
        ANY_EVENT, ticks(105, 97), [Fact(1, "traverse_down", "down")],
    ),
    (
        "a touch is told again only after the price has been away",
        touch(rearm=2), ticks(103, 100, 101, 100, 103, 99),
        [Fact(1, "touch", "down"), Fact(5, "touch", "down")],
    ),
    (
        "an approach is told again only after the price was further away",
        approach(5, rearm=2), ticks(110, 105, 104, 106, 107, 108, 104),
        [Fact(1, "approach", "down"), Fact(6, "approach", "down")],
    ),
    (
        "after an approach, leaving the ring is not enough to approach again",
        approach(5, rearm=2),
        ticks(110, 105, 107, 105, 108, 105),
        [Fact(1, "approach", "down"), Fact(5, "approach", "down")],
    ),
    (
        "jumping over the level into its ring is no approach",
        approach(5, rearm=2.5), ticks(110, 98), [],
    ),
    (
        "a move is measured from the extreme, then from its own price",
        move("up"), ticks(100, 95, 104, 105, 110, 115, 116),
        [Fact(3, "move", "up"), Fact(6, "move", "up")],
    ),
    # The mirror images, and what the sentences of the design add.
    (
        "a downward cross may pause on the level too",
        cross("down"), ticks(101, 100, 99), down(2),
    ),
    (
        "any direction is an upward and a downward machine side by side",
        cross("any", rearm=2), ticks(99, 101, 99, 103, 97, 101),
        [*up(1), *down(2), *down(4), *up(5)],
    ),
    (
        "a cancelled candidate leaves the rule armed",
        cross("up", hold=5), [(0, 99), (1, 101), (2, 100), (3, 101), ("advance", 8)],
        up(8),
    ),
    (
        "a hold and a count are both needed, and the later one dates the cross",
        cross("up", hold=2, count=3),
        [(0, 99), (1, 101), (2, 101), (6, 101), (7, 99)], up(6),
    ),
    (
        "a count that is broken after the hold has passed cancels all the same",
        cross("up", hold=2, count=3),
        [(0, 99), (1, 101), (2, 101), (6, 99), ("advance", 9)], [],
    ),
    (
        "a reach is told on the level itself",
        cross("up", kind="reach"), ticks(99, 100, 101), [Fact(1, "reach", "up")],
    ),
    (
        "without a re-arm distance every visit is a reach",
        cross("up", kind="reach"), ticks(99, 100, 99, 100),
        [Fact(1, "reach", "up"), Fact(3, "reach", "up")],
    ),
    (
        "a reach re-arms only strictly beyond its distance",
        cross("up", kind="reach", rearm=1), ticks(99, 100, 99, 100),
        [Fact(1, "reach", "up")],
    ),
    (
        "a reach counts its buffer from the level and includes the end",
        cross("up", kind="reach", buffer=2), ticks(99, 101, 102),
        [Fact(2, "reach", "up")],
    ),
    (
        "a first price above the level is no reach",
        cross("up", kind="reach"), ticks(101, 100, 101), [],
    ),
    (
        "a touch that jumps through re-arms at once and may touch again",
        touch(rearm=2, tolerance=1), ticks(110, 90, 110),
        [Fact(1, "touch", "down"), Fact(2, "touch", "up")],
    ),
    (
        "a first price within the tolerance is no touch",
        touch(rearm=0, tolerance=1), ticks(101, 100, 103, 101),
        [Fact(3, "touch", "down")],
    ),
    (
        "starting inside the ring is no approach until the price has been far",
        approach(5, rearm=2), ticks(104, 103, 106, 105),
        [Fact(3, "approach", "down")],
    ),
    (
        "after a jump over the level the plain distance is far again",
        approach(5, rearm=2), ticks(110, 98, 94, 95), [Fact(3, "approach", "up")],
    ),
    (
        "a downward move is measured from the high",
        move("down"), ticks(100, 110, 100, 99), [Fact(3, "move", "down")],
    ),
    (
        "the price in force at the window's start counts",
        move("up", window="5s"), [(0, 100), (60, 110)], [Fact(60, "move", "up")],
    ),
    (
        "every price of the window's first instant counts",
        move("up", window="5s"),
        [(0, 100), (0, 105), (5, 110)],
        [Fact(5, "move", "up")],
    ),
    (
        "a price exactly at the window's start hides the older one",
        move("up", window="5s"), [(0, 100), (55, 105), (60, 110)], [],
    ),
    (
        "a move up does not start the window of moves down afresh",
        move("any", by="15%"),
        ticks(110, 94, 109, 93),
        [Fact(2, "move", "up"), Fact(3, "move", "down")],
    ),
    (
        "a support that is traversed downward is lost, and reclaimed on the way back",
        zone("lost", "reclaim"), ticks(105, 100, 97, 100, 103),
        [Fact(2, "lost", "down"), Fact(4, "reclaim", "up")],
    ),
    (
        "a zone first seen from below is a resistance and is lost upward",
        zone("lost", "reclaim"), ticks(95, 103, 97),
        [Fact(1, "lost", "up"), Fact(2, "reclaim", "down")],
    ),
    (
        "a loss that does not hold is not told, and neither is a reclaim",
        zone("lost", "reclaim", hold="5s"), [(0, 105), (1, 97), (3, 100), (4, 103)], [],
    ),
    (
        "what is lost cannot be lost again before it is reclaimed",
        zone("lost", "reclaim", buffer="2"),
        ticks(105, 95, 103, 95, 105),
        [Fact(1, "lost", "down"), Fact(4, "reclaim", "up")],
    ),
    (
        "a buffer delays a traverse and leaves entering and leaving alone",
        zone(*VISITS, *TRAVERSES, buffer="2"), ticks(105, 100, 97, 96, 95),
        [
            Fact(1, "enter", "down"),
            Fact(2, "exit", "down"),
            Fact(4, "traverse_down", "down"),
        ],
    ),
    (
        "a zone first seen from inside is left, but neither rejected nor traversed",
        ANY_EVENT, ticks(100, 103), [Fact(1, "exit", "up")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "observations", "expected"),
    [case[1:] for case in TABLE],
    ids=[case[0] for case in TABLE],
)
def test_the_table(
    when: dict[str, Any], observations: list[Observation], expected: list[Fact]
) -> None:
    assert told(play(when, observations)) == sorted(expected)


STATES = [
    ("above is told at the first look", "above", 100, (101, 102), [0]),
    ("above is told where it begins", "above", 100, (99, 100, 101, 102), [2]),
    ("the level itself is not above", "above", 100, (100, 100), []),
    ("above is told again after it ended", "above", 100, (101, 100, 101), [0, 2]),
    ("below mirrors above", "below", 100, (101, 100, 99, 98), [2]),
    ("the edges are inside", "inside", ZONE, (103, 102, 98, 97), [1]),
    ("outside is the rest", "outside", ZONE, (102, 103, 98, 97), [1, 3]),
]


@pytest.mark.parametrize(
    ("kind", "level", "prices", "expected"),
    [case[1:] for case in STATES],
    ids=[case[0] for case in STATES],
)
def test_states(
    kind: str, level: object, prices: tuple[int, ...], expected: list[int]
) -> None:
    triggers = play({"kind": kind, "level": level}, ticks(*prices))

    assert [fact.at for fact in told(triggers)] == expected
    assert [t.initial for t in triggers] == [second == 0 for second in expected]


def test_a_skipped_first_look_is_silent_and_remembered() -> None:
    when = {"kind": "above", "level": 100, "initial": "skip"}

    triggers = play(when, ticks(101, 102, 99, 101))

    assert [(fact.at) for fact in told(triggers)] == [3]
    assert not triggers[0].initial


def test_a_reminder_repeats_while_the_state_lasts() -> None:
    when = {"kind": "above", "level": 100, "repeat": "15m"}
    path = [(0, 101), (600, 102), (1000, 103), (2000, 99), ("advance", 9000)]

    triggers = play(when, path)

    assert [fact.at for fact in told(triggers)] == [0, 900, 1800]
    assert [trigger.initial for trigger in triggers] == [True, False, False]
    assert [trigger.direction for trigger in triggers[1:]] == [None, None]
