"""Made-up paths: whole prices close to 100, small steps in time, many ties.

Wide floats find nothing: equality with a level and equal instants must be common.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st

LEVEL = 100
PRICES = st.one_of(
    st.integers(LEVEL - 2, LEVEL + 2),
    st.integers(LEVEL - 4, LEVEL + 4),
    st.integers(90, 110),
)

Observation = tuple[Any, ...]


class Script(NamedTuple):
    """Ticks and advances in processing order; `until` is the last watermark."""

    observations: list[Observation]
    ticks: list[tuple[int, int]]
    until: int


@st.composite
def scripts(draw: st.DrawFn, *, longest: int = 24, pause: int = 0) -> Script:
    """Paths with advances between the ticks and, often, a long one at the end.

    Args:
        pause: the least seconds between two observations.
    """
    steps = draw(
        st.lists(
            st.tuples(
                st.integers(pause, 3), st.one_of(PRICES, PRICES, PRICES, st.none())
            ),
            min_size=1,
            max_size=longest,
        )
    )
    at, least, until = 0, 0, 0
    seen: list[Observation] = []
    plain: list[tuple[int, int]] = []
    for elapsed, price in steps:
        at = max(at + elapsed, least)
        if price is None:
            seen.append(("advance", at))
            # A watermark says that nothing with this time is still to come.
            until, least = at, at + 1
        elif not plain or plain[-1] != (at, price):
            seen.append((at, price))
            plain.append((at, price))
    if draw(st.booleans()):
        until = at + draw(st.integers(1, 8))
        seen.append(("advance", until))
    return Script(seen, plain, until)


def paths(*, longest: int = 24) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Ticks only, in order, without exact repeats."""
    return scripts(longest=longest).map(lambda script: script.ticks)


def cross(
    direction: str,
    *,
    level: object = LEVEL,
    buffer: float = 0,
    rearm: float = 0,
    count: int = 1,
    hold: int = 0,
    kind: str = "cross",
) -> dict[str, Any]:
    """A cross or a reach as the configuration has it, no default left open."""
    when = {
        "kind": kind,
        "direction": direction,
        "level": level,
        "buffer": str(buffer),
        "rearm": str(rearm),
    }
    if count > 1:
        when["confirm"] = f"ticks:{count}"
    if hold:
        when["hold"] = f"{hold}s"
    return when


BUFFERS = st.integers(0, 3)
REARMS = st.integers(0, 4)
COUNTS = st.integers(1, 3)
HOLDS = st.sampled_from([0, 0, 1, 2, 3, 5])
DIRECTIONS = st.sampled_from(["up", "down"])
VISITS = ["enter", "exit", "reject"]
TRAVERSES = ["traverse_up", "traverse_down"]


@st.composite
def crossings(draw: st.DrawFn) -> dict[str, Any]:
    return cross(
        draw(st.sampled_from(["up", "down", "any"])),
        buffer=draw(BUFFERS),
        rearm=draw(REARMS),
        count=draw(COUNTS),
        hold=draw(HOLDS),
        kind=draw(st.sampled_from(["cross", "reach"])),
    )


@st.composite
def zones(draw: st.DrawFn) -> dict[str, Any]:
    """A zone as a rule names it inline."""
    low, width = draw(st.integers(97, 101)), draw(st.integers(0, 4))
    return {"kind": "zone", "low": low, "high": low + width}


@st.composite
def zone_rules(draw: st.DrawFn) -> dict[str, Any]:
    when: dict[str, Any] = {
        "kind": "zone",
        "level": draw(zones()),
        "events": [*VISITS, *TRAVERSES, "lost", "reclaim"],
        "buffer": str(draw(BUFFERS)),
    }
    hold, count = draw(HOLDS), draw(COUNTS)
    if hold:
        when["hold"] = f"{hold}s"
    if count > 1:
        when["confirm"] = f"ticks:{count}"
    return when


@st.composite
def state_rules(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["above", "below", "inside", "outside"]))
    level = draw(zones()) if kind in {"inside", "outside"} else LEVEL
    initial = draw(st.sampled_from(["fire", "skip"]))
    when = {"kind": kind, "level": level, "initial": initial}
    if draw(st.booleans()):
        when["repeat"] = f"{draw(st.integers(1, 4))}s"
    return when


@st.composite
def ring_rules(draw: st.DrawFn) -> dict[str, Any]:
    rearm = str(draw(REARMS))
    if draw(st.booleans()):
        tolerance = str(draw(BUFFERS))
        return {
            "kind": "touch", "level": LEVEL, "tolerance": tolerance, "rearm": rearm
        }  # fmt: skip
    distance = str(draw(st.integers(1, 6)))
    return {"kind": "approach", "level": LEVEL, "distance": distance, "rearm": rearm}


@st.composite
def move_rules(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "kind": "move",
        "direction": draw(st.sampled_from(["up", "down", "any"])),
        "by": f"{draw(st.integers(1, 18))}%",
        "window": f"{draw(st.integers(1, 12))}s",
    }


RULES = st.one_of(crossings(), zone_rules(), state_rules(), ring_rules(), move_rules())
"""Any rule of any kind."""
