"""Several breaches side by side, as one condition: `any` is an up and a down one."""

from collections.abc import Callable
from dataclasses import dataclass

from alerts.band import Band, narrowest
from alerts.conditions.breach import UNSEEN, Breach, BreachState
from alerts.conditions.condition import Condition, Outcome, Scene, Seen
from alerts.reason import Reason
from market.bar import Bar
from market.timeframe import Timeframe

States = tuple[BreachState, ...]

_RANK = {
    Reason.FIRED: 0,
    Reason.CANCELLED: 1,
    Reason.PENDING: 2,
    Reason.NOT_MET: 3,
    Reason.DISARMED: 4,
    Reason.SEEDED: 5,
}
"""Of several answers the most telling one is the rule's."""


@dataclass(frozen=True)
class Breaches(Condition[States]):
    """A fixed tuple of breaches; each sees everything, their firings are joined."""

    breaches: tuple[Breach, ...]
    needs_atr: bool = False

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:  # type: ignore[override]
        """The confirming timeframe, if there is one (they share it)."""
        timeframe = self.breaches[0].confirm.timeframe
        return () if timeframe is None else (timeframe,)

    def start(self) -> States:
        """Nothing seen yet: the first price seeds and never fires."""
        return (UNSEEN,) * len(self.breaches)

    def see(self, state: States, seen: Seen, scene: Scene) -> Outcome[States]:
        """Take one price."""
        return self._each(state, lambda breach, own: breach.see(own, seen, scene))

    def close(
        self, state: States, bar: Bar, seen: Seen, scene: Scene
    ) -> Outcome[States]:
        """Take a bar's close."""
        return self._each(
            state, lambda breach, own: breach.close(own, bar, seen, scene)
        )

    def advance(
        self, state: States, at: int, seen: Seen, scene: Scene
    ) -> Outcome[States]:
        """Complete the holds that have ended."""
        return self._each(
            state, lambda breach, own: breach.advance(own, at, seen, scene)
        )

    def read(
        self, state: States, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[States]:
        """Take a recorded bar."""
        return self._each(
            state, lambda breach, own: breach.read(own, bar, first, scene)
        )

    def band(self, state: States, scene: Scene) -> Band:
        """The narrowest of all."""
        return narrowest(
            breach.band(own, scene)
            for breach, own in zip(self.breaches, state, strict=True)
        )

    def _each(
        self,
        state: States,
        ask: Callable[[Breach, BreachState], Outcome[BreachState]],
    ) -> Outcome[States]:
        outcomes = [ask(b, own) for b, own in zip(self.breaches, state, strict=True)]
        telling = min(outcomes, key=lambda outcome: _RANK[outcome.reason])
        firings = tuple(f for outcome in outcomes for f in outcome.firings)
        return Outcome(
            tuple(outcome.state for outcome in outcomes),
            telling.reason,
            firings,
            telling.detail,
        )
