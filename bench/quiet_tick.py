"""A tick that wakes nobody: the same price with ten rules or a hundred thousand.

Beside it a bare loop that compares and goes on, and the obvious loop over all rules.
The wake index alone, which decides who is asked, is taken to a million bands.
"""

from itertools import islice
from time import process_time

from alerts.band import Band
from alerts.engine import Engine
from alerts.wake import WakeIndex
from bench.blocks import cpu_seconds
from bench.figure import Figure
from bench.world import T0, cross_rules, engine_of, resident_bytes, tick, walk
from market.tick import Tick

_BLOCKS = 9
_TICKS = 5_000
_NAIVE_TICKS = 40


def measure(*, quick: bool) -> list[Figure]:
    """Ticks per rule count, then the index alone, then what arming costs."""
    many, most = (10_000, 100_000) if quick else (100_000, 1_000_000)
    return [*_engine(many), *_index(most)]


def _engine(many: int) -> list[Figure]:
    ticks = [tick(at, p) for at, p in enumerate(walk((_BLOCKS + 1) * _TICKS + 2))]
    few = _Quiet(engine_of(cross_rules(10)), ticks)
    some = _Quiet(engine_of(cross_rules(1_000)), ticks)
    before, began = resident_bytes(), process_time()
    rules = cross_rules(many)
    built, built_bytes = process_time() - began, resident_bytes() - before
    crowd = _Quiet(engine_of(rules), ticks)
    armed = process_time() - began - built
    armed_bytes = resident_bytes() - before - built_bytes
    naive = _Naive(many)
    prices = walk(_TICKS)
    at_10, at_1000, at_many, bare, loop = cpu_seconds(
        _BLOCKS,
        few,
        some,
        crowd,
        lambda: _bare(prices),
        lambda: naive.run(prices[:_NAIVE_TICKS]),
    )
    per = 1e6 / _TICKS
    quiet, floor = at_many * per, bare * per
    return [
        _ratio("quiet tick, 10 rules", at_10 * per, floor, "bare compare loop", None),
        _ratio("quiet tick, 1,000 rules", at_1000 * per, at_10 * per, "10 rules", 1.5),
        _ratio(f"quiet tick, {many:,} rules", quiet, at_10 * per, "10 rules", 1.5),
        _ratio(
            f"quiet tick, {many:,} rules",
            quiet,
            loop * 1e6 / _NAIVE_TICKS,
            "loop over all rules",
            None,
        ),
        Figure(name="a rule: build", ours=built / many * 1e6, unit="µs"),
        Figure(name="a rule: arm, first look", ours=armed / many * 1e6, unit="µs"),
        Figure(name="a rule: as built", ours=built_bytes / many, unit="bytes"),
        Figure(
            name="a rule: armed, beside that",
            ours=armed_bytes / many,
            unit="bytes",
            budget=400,
        ),
    ]


def _index(most: int) -> list[Figure]:
    small, large = WakeIndex(), WakeIndex()
    _fill(small, 10)
    before, began = resident_bytes(), process_time()
    _fill(large, most)
    filled = (process_time() - began) / most * 1e6
    size = (resident_bytes() - before) / most
    prices = walk(_TICKS)
    at_few, at_most, bare, change = cpu_seconds(
        _BLOCKS,
        lambda: _wake(small, prices),
        lambda: _wake(large, prices),
        lambda: _bare(prices),
        lambda: _change(large),
    )
    per = 1e6 / _TICKS
    return [
        _ratio(f"wake check, {most:,} bands", at_most * per, at_few * per, "10", 1.5),
        _ratio(
            f"wake check, {most:,} bands",
            at_most * per,
            bare * per,
            "bare compare loop",
            10,
        ),
        Figure(name="a band: put first", ours=filled, unit="µs"),
        Figure(
            name=f"a band: put + remove at {most:,}",
            ours=change * per,
            unit="µs",
            budget=10,
        ),
        Figure(name="a band: in the index", ours=size, unit="bytes"),
    ]


def _ratio(
    name: str, ours: float, other: float, against: str, budget: float | None
) -> Figure:
    return Figure(
        name=name, ours=ours, other=other, unit="µs", against=against, budget=budget
    )


class _Quiet:
    """An engine that is shown the same quiet ticks, a block at a call."""

    def __init__(self, engine: Engine, ticks: list[Tick]) -> None:
        self._observe = engine.observe
        self._ticks = iter(ticks)
        self._show(2)  # the first look at every rule

    def __call__(self) -> None:
        self._show(_TICKS)

    def _show(self, count: int) -> None:
        observe = self._observe
        for one in islice(self._ticks, count):
            observe(one)


class _Naive:
    """What one writes first: every rule looks at every price."""

    def __init__(self, count: int) -> None:
        levels = [640 + (-1) ** n * (12.8 + 307 * n / count) for n in range(count)]
        self._sides = [[level, level < 640] for level in levels]

    def run(self, prices: list[float]) -> int:
        fired = 0
        for price in prices:
            for rule in self._sides:
                above = price > rule[0]
                if above != rule[1]:
                    rule[1] = above
                    fired += 1
        return fired


def _bare(prices: list[float]) -> int:
    """The floor: two comparisons and on."""
    left = 0
    for price in prices:
        if 600.0 < price < 680.0:
            continue
        left += 1
    return left


def _wake(index: WakeIndex, prices: list[float]) -> int:
    woken = 0
    for price in prices:
        if index.wake(price, price, T0):
            woken += 1
    return woken


def _fill(index: WakeIndex, count: int) -> None:
    for number in range(count):
        away = 12.8 + 300 * number / count
        edge = Band(high=640 + away) if number % 2 else Band(low=640 - away)
        index.put(f"r{number}", edge)


def _change(index: WakeIndex) -> None:
    for number in range(_TICKS):
        name = f"new{number}"
        index.put(name, Band(high=700.0 + number / 100))
        index.remove(name)
