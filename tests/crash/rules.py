"""What the killed daemons watch: the configuration, and the oracle of each rule.

The oracles are those of tests/oracles: quantifiers over a whole path, which share no
code with the daemon. Prices and distances are whole numbers of 1e-5 there, instants
milliseconds, so their arithmetic is exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.oracles.cross import Crossing, crossings, crossings_both_ways
from tests.oracles.fact import Fact, Seen
from tests.oracles.touch import touches
from tests.oracles.zone import visits

Oracle = Callable[[Sequence[Seen]], list[Fact]]
"""Takes (epoch ms, price in 1e-5), gives what had to be told."""


def grid(price: float) -> int:
    """Whole hundred-thousandths."""
    return round(price * 100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One rule: as it is written, and what it means."""

    rule: str
    instrument: str
    when: str
    oracle: Oracle

    @property
    def text(self) -> str:
        return (
            f'[[rules]]\nid = "{self.rule}"\ninstrument = "{self.instrument}"\n'
            f'when = {self.when}\ncooldown = "0s"\n'
        )


def _away(path: Sequence[Seen], level: float) -> list[Seen]:
    return [(at, price - grid(level)) for at, price in path]


def _cross(level: float, sign: int, rearm: float, hold: int = 0) -> Oracle:
    rule = Crossing(sign=sign, rearm=grid(rearm), hold=hold)
    return lambda path: crossings(rule, _away(path, level))


def _either_cross(level: float, rearm: float) -> Oracle:
    up, down = (Crossing(sign=sign, rearm=grid(rearm)) for sign in (1, -1))
    return lambda path: crossings_both_ways(up, down, _away(path, level))


def _enter_or_exit(low: float, high: float) -> Oracle:
    return lambda path: [
        fact
        for fact in visits(grid(low), grid(high), path)
        if fact.event in {"enter", "exit"}
    ]


def _touch(level: float, tolerance: float, rearm: float) -> Oracle:
    return lambda path: touches(
        _away(path, level), tolerance=grid(tolerance), rearm=grid(rearm)
    )


RULES = (
    Watched(
        rule="bnb-any",
        instrument="BNB/USD",
        when='{ kind = "cross", direction = "any", level = 640, rearm = "0.4" }',
        oracle=_either_cross(640, 0.4),
    ),
    Watched(
        rule="bnb-held",
        instrument="BNB/USD",
        when='{ kind = "cross", direction = "up", level = 640.5, rearm = "0.4", '
        'hold = "200ms" }',
        oracle=_cross(640.5, 1, 0.4, hold=200),
    ),
    Watched(
        rule="bnb-zone",
        instrument="BNB/USD",
        when='{ kind = "zone", level = { kind = "zone", low = 641, high = 643 }, '
        'events = ["enter", "exit"] }',
        oracle=_enter_or_exit(641, 643),
    ),
    Watched(
        rule="bnb-lost",
        instrument="BNB/USD",
        when='{ kind = "cross", direction = "down", level = 639, rearm = "0.4" }',
        oracle=_cross(639, -1, 0.4),
    ),
    Watched(
        rule="xmr-any",
        instrument="XMR/USD",
        when='{ kind = "cross", direction = "any", level = 339.9, rearm = "0.25" }',
        oracle=_either_cross(339.9, 0.25),
    ),
    Watched(
        rule="xmr-up",
        instrument="XMR/USD",
        when='{ kind = "cross", direction = "up", level = 340.3, rearm = "0.5" }',
        oracle=_cross(340.3, 1, 0.5),
    ),
    Watched(
        rule="xmr-touch",
        instrument="XMR/USD",
        when='{ kind = "touch", level = 341, tolerance = "0.1", rearm = "0.5" }',
        oracle=_touch(341, 0.1, 0.5),
    ),
    Watched(
        rule="doge-any",
        instrument="DOGE/USD",
        when='{ kind = "cross", direction = "any", level = 0.2201, rearm = "0.0002" }',
        oracle=_either_cross(0.2201, 0.0002),
    ),
    Watched(
        rule="doge-down",
        instrument="DOGE/USD",
        when='{ kind = "cross", direction = "down", level = 0.2198, rearm = "0.0003" }',
        oracle=_cross(0.2198, -1, 0.0003),
    ),
    Watched(
        rule="doge-held",
        instrument="DOGE/USD",
        when='{ kind = "cross", direction = "down", level = 0.22, rearm = "0.0002", '
        'hold = "100ms" }',
        oracle=_cross(0.22, -1, 0.0002, hold=100),
    ),
)
