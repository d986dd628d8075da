"""Touching a level: the path of the price comes within a tolerance of it."""

from dataclasses import dataclass, replace
from typing import Literal

from alerts.band import Band
from alerts.conditions.condition import (
    Condition,
    Firing,
    Outcome,
    Scene,
    Seen,
    direction,
    then,
    visits,
)
from alerts.conditions.defaults import default_distance
from alerts.conditions.spec import LevelCondition
from alerts.distance import Distance
from alerts.line import Edges, line, place
from alerts.reason import Reason
from market.bar import Bar


@dataclass(frozen=True, slots=True)
class TouchState:
    """What a touch remembers.

    Attributes:
        side: of the last price: +1 above the level, -1 below, 0 on it, None unseen.
        armed: the price has been further away than tolerance + re-arm distance.
        atr: the ATR when this state was entered.
    """

    side: int | None = None
    armed: bool = False
    atr: float | None = None


@dataclass(frozen=True, slots=True)
class Rings:
    """The lines around a level, inside to outside."""

    touch: Edges
    """Low and high edge of where it counts as touched, both included."""
    far: Edges
    """Strictly outside of these it is armed again."""
    level: Edges


@dataclass(frozen=True)
class Touch(Condition[TouchState]):
    """The path from one price to the next meets the level's tolerance."""

    tolerance: Distance | None
    rearm: Distance | None
    needs_atr: bool = True

    def start(self) -> TouchState:
        """Nothing seen yet."""
        return TouchState()

    def see(self, state: TouchState, seen: Seen, scene: Scene) -> Outcome[TouchState]:
        """Take one price."""
        if state.side is None:
            state = replace(state, atr=scene.atr)
        rings = self._rings(state, scene)
        side = place(seen.price, rings.level)
        within = place(seen.price, rings.touch) == 0
        if state.side is None:
            return Outcome(replace(state, side=side, armed=not within), Reason.SEEDED)
        touched = state.armed and (within or side * state.side < 0)
        firings = (self._firing(state.side, seen, rings),) if touched else ()
        armed = (state.armed and not touched) or place(seen.price, rings.far) != 0
        entered = armed != state.armed or touched
        atr = scene.atr if entered else state.atr
        reason = Reason.NOT_MET if armed else Reason.DISARMED
        return Outcome(
            TouchState(side, armed, atr), Reason.FIRED if touched else reason, firings
        )

    def read(
        self, state: TouchState, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[TouchState]:
        """Take a recorded bar: open, the extreme towards the level, close."""
        outcome = self.see(state, first, scene)
        side = outcome.state.side
        if outcome.state.armed:
            extreme = bar.low if (side or 0) > 0 else bar.high
        else:
            far = self._rings(outcome.state, scene).far
            away = [p for p in (bar.low, bar.high) if place(p, far) != 0]
            extreme = away[0] if away else bar.close
        for seen in visits(bar, first, extreme)[1:]:
            outcome = then(outcome, self.see(outcome.state, seen, scene))
        return outcome

    def _firing(self, came_from: int, seen: Seen, rings: Rings) -> Firing:
        edge = rings.level[1] if came_from >= 0 else rings.level[0]
        return Firing(
            event="touch",
            direction=direction(-came_from) if came_from else None,
            at=seen.at,
            price=seen.price,
            level=edge.value,
            cause=seen.cause,
            gap=seen.gap,
            window=seen.window,
            step=seen.step,
        )

    def _rings(self, state: TouchState, scene: Scene) -> Rings:
        if scene.level is None:
            raise ValueError("a touch was asked without a level")
        low, high = scene.level.low, scene.level.high
        scene = replace(scene, atr=state.atr)
        near = self._or_default(self.tolerance, "tolerance", scene)
        back = self._or_default(self.rearm, "rearm", scene)
        inner = scene.offset(low, near, -1), scene.offset(high, near, 1)
        reach = _sum(near, back)
        if reach is not None:
            outer = scene.offset(low, reach, -1), scene.offset(high, reach, 1)
        else:
            outer = scene.offset(inner[0], back, -1), scene.offset(inner[1], back, 1)
        return Rings(
            (line(inner[0]), line(inner[1])),
            (line(outer[0]), line(outer[1])),
            (line(low), line(high)),
        )

    def _or_default(self, given: Distance | None, name: str, scene: Scene) -> Distance:
        if given is not None:
            return given
        return default_distance(name, scene.instrument, scene.atr)

    def band(self, state: TouchState, scene: Scene) -> Band:
        """Armed: its own side of the tolerance. Disarmed: out to the far lines."""
        if state.side is None:
            return Band(1.0, 0.0)
        rings = self._rings(state, scene)
        if not state.armed:
            return Band(rings.far[0].low, rings.far[1].high)
        if state.side > 0:
            return Band(low=rings.touch[1].high)
        return Band(high=rings.touch[0].low)


def _sum(first: Distance, second: Distance) -> Distance | None:
    """Both distances as one, so that percentages stay percentages of the level."""
    if first.unit is not second.unit:
        return None
    return Distance(first.amount + second.amount, first.unit)


class TouchSpec(LevelCondition):
    """The price comes to a level, from either side."""

    kind: Literal["touch"] = "touch"
    tolerance: Distance | None = None
    """How near counts; 0.05 ATR(14, 1d) by default."""
    rearm: Distance | None = None
    """How much further away it must go before it may fire again."""

    def build(self) -> Touch:
        """The machine."""
        uses_atr = self.tolerance is None or self.rearm is None or self.waits_for_atr
        return Touch(self.tolerance, self.rearm, needs_atr=uses_atr)
