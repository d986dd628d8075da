"""Touches of a continuous path: did the way between two prices meet the band?"""

from collections.abc import Sequence

from tests.oracles.fact import Fact, Seen, name_of


def touches(
    path: Sequence[Seen], *, tolerance: float = 0, rearm: float = 0
) -> list[Fact]:
    """Every touch of a level from outside its band.

    Between the last touch and a new one some observation, the one that touched
    included when it jumped through, must have been further away than tolerance and
    `rearm` together; for the very first price the tolerance is enough.

    Args:
        path: (second, price − level) in processing order.
    """
    facts: list[Fact] = []
    last_fire = 0
    for i in range(1, len(path)):
        before, now = path[i - 1][1], path[i][1]
        meets = min(before, now) <= tolerance and max(before, now) >= -tolerance
        away = any(abs(path[j][1]) > tolerance + rearm for j in range(last_fire, i))
        if not facts:
            away = away or abs(path[0][1]) > tolerance
        if meets and away:
            facts.append(Fact(path[i][0], "touch", name_of(-1 if before > 0 else 1)))
            last_fire = i
    return facts
