"""Touches of a continuous path: did the way between two prices meet the band?"""

from collections.abc import Sequence

from tests.oracles.fact import Fact, Seen, name_of


def touches(
    path: Sequence[Seen], *, tolerance: float = 0, rearm: float = 0
) -> list[Fact]:
    """Every touch of a level from outside its band.

    Between the last touch and a new one some observation, the one that touched
    included when it jumped through, must have been further away than the tolerance,
    and after a first touch further by `rearm`.

    Args:
        path: (second, price − level) in processing order.
    """
    facts: list[Fact] = []
    last_fire = 0
    for i in range(1, len(path)):
        before, now = path[i - 1][1], path[i][1]
        meets = min(before, now) <= tolerance and max(before, now) >= -tolerance
        bound = tolerance + (rearm if facts else 0)
        away = any(abs(path[j][1]) > bound for j in range(last_fire, i))
        if meets and away:
            facts.append(Fact(path[i][0], "touch", name_of(-1 if before > 0 else 1)))
            last_fire = i
    return facts
