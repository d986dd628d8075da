"""Crosses and reaches by quantifiers: which instants had to be told?

A fire is the first confirmed run of beyond observations that has, between the last
fire and itself, an observation back on the other side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracles.fact import Fact, Later, Seen, by_the_clock, name_of


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """The parameters of a cross; of a reach where `inclusive`.

    Attributes:
        sign: +1 up, −1 down.
        stale_after: seconds; None where no observation is ever too old.
    """

    sign: int
    buffer: float = 0
    rearm: float = 0
    ticks: int = 1
    hold: int = 0
    inclusive: bool = False
    stale_after: int | None = None
    later: Later = by_the_clock
    event: str = "cross"

    def beyond(self, distance: float) -> bool:
        ahead = self.sign * distance
        return ahead >= self.buffer if self.inclusive else ahead > self.buffer

    def back(self, distance: float, rearm: float) -> bool:
        return self.sign * distance < -rearm


def crossings(rule: Crossing, path: Sequence[Seen], until: int = 0) -> list[Fact]:
    """Every fire of one direction.

    Args:
        path: (second, price − level) in processing order.
        until: the last watermark; what completes by then is told.
    """
    facts: list[Fact] = []
    last_fire = -1
    while True:
        rearm = rule.rearm if facts else 0
        found = _first_fire(rule, path, until, last_fire, rearm)
        if found is None:
            return facts
        last_fire, at = found
        facts.append(Fact(at, rule.event, name_of(rule.sign)))


def crossings_both_ways(
    up: Crossing, down: Crossing, path: Sequence[Seen], until: int = 0
) -> list[Fact]:
    """`direction = "any"`: two machines that know nothing of each other."""
    return sorted([*crossings(up, path, until), *crossings(down, path, until)])


def _first_fire(
    rule: Crossing, path: Sequence[Seen], until: int, last_fire: int, rearm: float
) -> tuple[int, int] | None:
    for start in range(last_fire + 1, len(path)):
        starts_a_run = rule.beyond(path[start][1]) and not (
            start > 0 and rule.beyond(path[start - 1][1])
        )
        has_been_back = any(
            rule.back(path[j][1], rearm) for j in range(last_fire + 1, start)
        )
        if starts_a_run and has_been_back:
            at = _confirmed_at(rule, path, until, start)
            if at is not None:
                return start + rule.ticks - 1, at
    return None


def _confirmed_at(
    rule: Crossing, path: Sequence[Seen], until: int, start: int
) -> int | None:
    """The effective second of the candidate that starts here; None if it fails."""
    after = range(start, len(path))
    returned = next((k for k in after if not rule.beyond(path[k][1])), len(path))
    nth = start + rule.ticks - 1
    if nth >= returned:
        return None
    if not rule.hold:
        return path[nth][0]
    ends = rule.later(path[start][0], rule.hold)
    if returned < len(path) and path[returned][0] <= ends:
        return None
    if until < ends and not any(path[k][0] > ends for k in after):
        return None
    if rule.stale_after is not None:
        newest = max(k for k in after if path[k][0] <= ends)
        if ends - path[newest][0] > rule.stale_after:
            if newest + 1 >= returned:
                return None
            ends = path[newest + 1][0]
    return max(ends, path[nth][0])
