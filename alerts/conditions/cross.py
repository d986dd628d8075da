"""Crossing a level, and reaching it.

`cross` fires strictly beyond the level (plus buffer) after the price was strictly on
the other side; landing on the level is no crossing. `reach` counts the level itself.
"""

from dataclasses import dataclass
from typing import Any, Literal

from alerts.conditions.breach import Breach, BreachState, Gate
from alerts.conditions.condition import Condition, Scene
from alerts.conditions.defaults import default_distance
from alerts.conditions.spec import BreachCondition, DirectionField, signs
from alerts.conditions.union import either
from alerts.distance import Distance
from alerts.line import line


@dataclass(frozen=True, slots=True)
class LevelGates:
    """The thresholds of a crossing: level + buffer, and level - re-arm distance."""

    sign: int
    buffer: Distance
    rearm: Distance | None
    inclusive: bool

    def __call__(self, state: BreachState, scene: Scene) -> Gate:
        """The gate; before the first fire the re-arm distance is zero."""
        if scene.level is None:
            raise ValueError("a crossing was asked without a level")
        level = scene.level.high if self.sign > 0 else scene.level.low
        beyond = scene.offset(level, self.buffer, self.sign, state.atr)
        back = level
        if state.fired:
            rearm = self.rearm
            if rearm is None:
                rearm = default_distance("rearm", scene.instrument, state.atr)
            back = scene.offset(level, rearm, -self.sign, state.atr)
        return Gate(self.sign, line(beyond), line(back), float(level), self.inclusive)


class CrossSpec(BreachCondition):
    """The price goes strictly beyond the level."""

    kind: Literal["cross"] = "cross"
    direction: DirectionField = "any"
    rearm: Distance | None = None
    """How far back it must go before it may fire again; 0.1 ATR(14, 1d) by default."""

    def build(self) -> Condition[Any]:
        """An upward and a downward machine, or one of them."""
        return _build(self, "cross", inclusive=False)


class ReachSpec(BreachCondition):
    """The price gets to the level, or beyond it."""

    kind: Literal["reach"] = "reach"
    direction: DirectionField = "any"
    rearm: Distance | None = None
    """How far back it must go before it may fire again; 0.1 ATR(14, 1d) by default."""

    def build(self) -> Condition[Any]:
        """An upward and a downward machine, or one of them."""
        return _build(self, "reach", inclusive=True)


def _build(
    spec: CrossSpec | ReachSpec, event: str, *, inclusive: bool
) -> Condition[Any]:
    needs_atr = spec.rearm is None or spec.waits_for_atr
    return either(
        tuple(
            Breach(
                gates=LevelGates(sign, spec.buffer, spec.rearm, inclusive),
                event=event,
                hold=spec.hold,
                confirm=spec.confirm,
                needs_atr=needs_atr,
            )
            for sign in signs(spec.direction)
        )
    )
