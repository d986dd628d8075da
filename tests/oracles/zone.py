"""Zones by quantifiers: where was the price, and where had it been before?"""

from collections.abc import Sequence
from itertools import pairwise

from tests.oracles.cross import Crossing, crossings
from tests.oracles.fact import Fact, Seen, name_of


def side(low: float, high: float, price: float) -> int:
    """+1 above, 0 inside (edges included), −1 below."""
    return (price > high) - (price < low)


def visits(low: float, high: float, prices: Sequence[Seen]) -> list[Fact]:
    """Enter, exit and reject: no buffer and no confirmation touch these."""
    facts = []
    z = [side(low, high, price) for _, price in prices]
    for i in range(1, len(z)):
        at = prices[i][0]
        if z[i - 1] != 0 and z[i] == 0:
            facts.append(Fact(at, "enter", name_of(-z[i - 1])))
        if z[i - 1] == 0 and z[i] != 0:
            facts.append(Fact(at, "exit", name_of(z[i])))
            earlier = [s for s in z[:i] if s != 0]
            if earlier and earlier[-1] == z[i]:
                facts.append(Fact(at, "reject", name_of(z[i])))
    return facts


def plain_traverses(low: float, high: float, prices: Sequence[Seen]) -> list[Fact]:
    """Without buffer and hold: the last side that was not inside is the other one."""
    facts = []
    z = [side(low, high, price) for _, price in prices]
    for i, (at, _) in enumerate(prices):
        earlier = [s for s in z[:i] if s != 0]
        if z[i] != 0 and earlier and earlier[-1] == -z[i]:
            facts.append(_traverse(at, z[i]))
    return facts


def traverses(
    low: float,
    high: float,
    prices: Sequence[Seen],
    *,
    buffer: float = 0,
    ticks: int = 1,
    hold: int = 0,
    until: int = 0,
) -> list[Fact]:
    """With buffer and confirmations: from strictly outside to beyond the far edge.

    The two ways are two crosses: the upward one counts from the high edge and is
    armed only strictly below the low one, the downward one the other way round.
    """
    facts = []
    for sign, far, near in ((1, high, low), (-1, low, high)):
        rule = Crossing(
            sign=sign, buffer=buffer, rearm=sign * (far - near), ticks=ticks, hold=hold
        )
        path = [(at, price - far) for at, price in prices]
        # A cross is armed by any step back before its first fire, a traverse is not:
        # so its path begins where the price is first outside on the near side.
        begin = next(
            (i for i, (_, d) in enumerate(path) if rule.back(d, rule.rearm)), len(path)
        )
        fired = crossings(rule, path[begin:], until)
        facts += [_traverse(fact.at, sign) for fact in fired]
    return sorted(facts)


def holds(
    low: float,
    high: float,
    prices: Sequence[Seen],
    *,
    hold: int,
    buffer: float = 0,
    until: int = 0,
) -> list[int]:
    """Effective seconds at which an entered zone has held for `hold`."""
    z = [side(low, high, price) for _, price in prices]
    told = []
    for i in range(1, len(z)):
        if not (z[i - 1] != 0 and z[i] == 0):
            continue
        came_from, start = z[i - 1], prices[i][0]
        ends = start + hold
        far = low if came_from > 0 else high
        later = prices[i + 1 :]
        in_time = [(k, p) for k, (at, p) in enumerate(later) if at <= ends]
        broken = any(came_from * (price - far) < -buffer for _, price in in_time)
        z_after = z[i : i + 1 + len(in_time)]
        entered_again = any(a != 0 and b == 0 for a, b in pairwise(z_after))
        known = until >= ends or any(at > ends for at, _ in later)
        if known and not broken and not entered_again:
            told.append(ends)
    return told


def lost_and_reclaimed(traversed: Sequence[Fact], *, role: str) -> list[Fact]:
    """The story of a support or a resistance, read off its confirmed traverses."""
    losing = "down" if role == "support" else "up"
    facts, lost = [], False
    for fact in traversed:
        if fact.direction == losing and not lost:
            facts.append(Fact(fact.at, "lost", fact.direction))
            lost = True
        elif fact.direction != losing and lost:
            facts.append(Fact(fact.at, "reclaim", fact.direction))
            lost = False
    return facts


def default_role(low: float, high: float, prices: Sequence[Seen]) -> str | None:
    """Support where the price was first seen above, resistance below."""
    first = next((s for _, p in prices if (s := side(low, high, p)) != 0), None)
    return None if first is None else "support" if first > 0 else "resistance"


def _traverse(at: int, sign: int) -> Fact:
    return Fact(at, f"traverse_{name_of(sign)}", name_of(sign))
