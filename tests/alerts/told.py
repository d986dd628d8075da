"""What a play told, in the words in which the oracles expect it."""

from collections.abc import Iterable

from alerts.trigger import Trigger
from tests.oracles.fact import Fact
from tests.play import T0


def told(triggers: Iterable[Trigger]) -> list[Fact]:
    """Effective second, event and direction of every trigger, sorted."""
    return sorted(
        Fact((trigger.at - T0) // 1000, trigger.event, trigger.direction)
        for trigger in triggers
    )


def seconds(triggers: Iterable[Trigger]) -> list[int]:
    """Effective seconds only, in the order of the log."""
    return [(trigger.at - T0) // 1000 for trigger in triggers]


def ticks(*prices: float) -> list[tuple[int, float]]:
    """Prices one second apart, the first at 0."""
    return list(enumerate(prices))
