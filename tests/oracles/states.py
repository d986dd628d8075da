"""State conditions: true, false, and when that is worth telling."""

from collections.abc import Sequence

from tests.oracles.fact import Fact


def beginnings(path: Sequence[tuple[int, bool]], *, initial: bool = True) -> list[int]:
    """Indices at which the truth begins; the first look counts where `initial`.

    Args:
        path: (second, whether the condition holds) in processing order.
    """
    return [
        i
        for i, (_, holds) in enumerate(path)
        if holds and (initial if i == 0 else not path[i - 1][1])
    ]


def state_facts(
    event: str, path: Sequence[tuple[int, bool]], *, initial: bool = True
) -> list[Fact]:
    """A fire wherever the truth begins."""
    return [Fact(path[i][0], event, None) for i in beginnings(path, initial=initial)]


def reminders(
    event: str, path: Sequence[tuple[int, bool]], *, every: int, until: int
) -> list[Fact]:
    """With `repeat`: again after each full `every` for which the truth lasted.

    An observation exactly at the end that denies the condition takes it back, as it
    does with a hold. A reminder is known to be due from the first later second on.
    """
    facts = []
    for i in beginnings(path):
        ended = next((at for at, holds in path[i:] if not holds), None)
        known = max(until, path[-1][0] - 1)
        due = path[i][0]
        facts.append(Fact(due, event, None))
        while (due := due + every) <= known and (ended is None or due < ended):
            facts.append(Fact(due, event, None))
    return facts
