"""Several conditions side by side as one: `any` is an up and a down machine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alerts.band import Band, narrowest
from alerts.conditions.condition import Condition, Outcome, Scene, Seen
from alerts.reason import Reason
from market.bar import Bar
from market.timeframe import Timeframe

States = tuple[Any, ...]
Ask = Callable[[Condition[Any], Any], Outcome[Any]]

_RANK = {
    Reason.FIRED: 0,
    Reason.CANCELLED: 1,
    Reason.PENDING: 2,
    Reason.NOT_MET: 3,
    Reason.WARMING: 4,
    Reason.DISARMED: 5,
    Reason.SEEDED: 6,
}
"""Of several answers the most telling one is the rule's."""


@dataclass(frozen=True)
class Union(Condition[States]):
    """Each part sees everything and keeps its own state; their firings are joined."""

    parts: tuple[Condition[Any], ...]

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:  # type: ignore[override]
        """Those of all parts."""
        return tuple({frame for part in self.parts for frame in part.timeframes})

    @property
    def horizon(self) -> int:  # type: ignore[override]
        """The longest."""
        return max(part.horizon for part in self.parts)

    @property
    def needs_atr(self) -> bool:  # type: ignore[override]
        """Whether any part does."""
        return any(part.needs_atr for part in self.parts)

    def start(self) -> States:
        """Nothing seen yet."""
        return tuple(part.start() for part in self.parts)

    def see(self, state: States, seen: Seen, scene: Scene) -> Outcome[States]:
        """Take one price."""
        return self._each(state, lambda part, own: part.see(own, seen, scene))

    def close(
        self, state: States, bar: Bar, seen: Seen, scene: Scene
    ) -> Outcome[States]:
        """Take a bar's close."""
        return self._each(state, lambda part, own: part.close(own, bar, seen, scene))

    def advance(
        self, state: States, at: int, seen: Seen, scene: Scene
    ) -> Outcome[States]:
        """Complete the holds that have ended."""
        return self._each(state, lambda part, own: part.advance(own, at, seen, scene))

    def read(
        self, state: States, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[States]:
        """Take a recorded bar."""
        return self._each(state, lambda part, own: part.read(own, bar, first, scene))

    def band(self, state: States, scene: Scene) -> Band:
        """The narrowest of all."""
        pairs = zip(self.parts, state, strict=True)
        return narrowest(part.band(own, scene) for part, own in pairs)

    def _each(self, state: States, ask: Ask) -> Outcome[States]:
        outcomes = [ask(p, own) for p, own in zip(self.parts, state, strict=True)]
        telling = min(outcomes, key=lambda outcome: _RANK[outcome.reason])
        return Outcome(
            tuple(outcome.state for outcome in outcomes),
            telling.reason,
            tuple(f for outcome in outcomes for f in outcome.firings),
            telling.detail,
        )


def either(parts: tuple[Condition[Any], ...]) -> Condition[Any]:
    """The only part, or the union of several."""
    return parts[0] if len(parts) == 1 else Union(parts)
