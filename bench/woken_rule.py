"""A tick that wakes one rule of a thousand; it fires and is armed again in turn.

Beside it a quiet tick of the same engine, and the same tick with every rule asked,
which is what it would cost without the wake index.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import cycle, islice

from alerts.engine import Engine
from bench.blocks import cpu_seconds
from bench.figure import Figure
from bench.world import cross_rule, cross_rules, engine_of, tick
from market.tick import Tick

_BLOCKS = 9
_TICKS = 2_000
_ASKED_TICKS = 20
_RULES = 1_000


def measure(*, quick: bool) -> list[Figure]:
    """The same ticks in three engines of which the prices wake one, none or all."""
    blocks = 3 if quick else _BLOCKS
    rules = [*cross_rules(_RULES - 1), cross_rule("near", Decimal(640), "up", "0")]
    woken, quiet, asked = cpu_seconds(
        blocks,
        _show(engine_of(rules), _TICKS, blocks, (639.99, 640.01)),
        _show(engine_of(rules), _TICKS, blocks, (639.98, 639.99)),
        _show(
            engine_of(rules, everything=True), _ASKED_TICKS, blocks, (639.99, 640.01)
        ),
    )
    ours = woken * 1e6 / _TICKS
    return [
        Figure(
            name="tick that wakes one rule of 1,000",
            ours=ours,
            other=quiet * 1e6 / _TICKS,
            unit="µs",
            against="tick that wakes none",
        ),
        Figure(
            name="tick that wakes one rule of 1,000",
            ours=ours,
            other=asked * 1e6 / _ASKED_TICKS,
            unit="µs",
            against="asking all of them",
        ),
    ]


def _show(
    engine: Engine, count: int, blocks: int, prices: tuple[float, float]
) -> Callable[[], None]:
    """A block of ticks at two prices in turn; the first look is over."""
    turns = islice(cycle(prices), 2 + count * (blocks + 1))
    ticks = iter([tick(at, price) for at, price in enumerate(turns)])

    def show(these: int = count) -> None:
        one: Tick
        for one in islice(ticks, these):
            engine.observe(one)

    show(2)
    return show
