"""Approaches: from far away into the ring around a level, on the same side."""

from collections.abc import Sequence

from tests.oracles.fact import Fact, Seen, name_of


def approaches(
    path: Sequence[Seen], *, distance: float, rearm: float | None = None
) -> list[Fact]:
    """Every approach of a level that does not move.

    An observation inside the ring is an approach when the newest observation that
    was far lies on the same side (or the price is on the level), with nothing inside
    the ring since. Far is `distance`, and `rearm` more from a fire until it is met.

    Args:
        path: (second, price − level) in processing order.
        rearm: half of `distance` where it is not given.
    """
    further = distance / 2 if rearm is None else rearm
    facts: list[Fact] = []
    last_fire = -1
    for i, (at, now) in enumerate(path):
        if abs(now) > distance:
            continue
        far_from = _newest_far(path, i, last_fire, distance, further)
        if far_from is not None and far_from * now >= 0:
            facts.append(Fact(at, "approach", name_of(-1 if far_from > 0 else 1)))
            last_fire = i
    return facts


def _newest_far(
    path: Sequence[Seen], i: int, last_fire: int, distance: float, further: float
) -> float | None:
    """The distance at the newest far observation before i, if it still counts."""
    rearmed = last_fire < 0
    newest: float | None = None
    for j in range(last_fire + 1, i):
        now = path[j][1]
        rearmed = rearmed or abs(now) > distance + further
        if rearmed and abs(now) > distance:
            newest = now
        elif abs(now) <= distance:
            newest = None
    return newest
