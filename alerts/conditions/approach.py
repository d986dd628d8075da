"""Approaching a level: coming from far into a ring around it, moving towards it."""

from dataclasses import dataclass, replace
from typing import Literal

from pydantic import field_validator

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
from alerts.conditions.spec import LevelCondition
from alerts.distance import Distance
from alerts.line import Edges, line, place
from alerts.reason import Reason
from market.bar import Bar


@dataclass(frozen=True, slots=True)
class ApproachState:
    """What an approach remembers.

    Attributes:
        side: the side on which it is armed, +1 above, -1 below; 0 where it is not.
        wide: it has fired since it was last armed: far is then further away.
        far_price: the last price seen while far, once the level has come nearer
            than the ring without the price having moved towards it.
        atr: the ATR when this state was entered.
    """

    side: int = 0
    wide: bool = False
    far_price: float | None = None
    atr: float | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """Low and high edge of the ring, of the far ring, and the level's own edges."""

    near: Edges
    far: Edges
    level: Edges


@dataclass(frozen=True)
class Approach(Condition[ApproachState]):
    """From far on one side into the ring on that side."""

    distance: Distance
    rearm: Distance
    needs_atr: bool

    def start(self) -> ApproachState:
        """Nothing seen yet: what begins inside the ring has not come from far."""
        return ApproachState()

    def see(
        self, state: ApproachState, seen: Seen, scene: Scene
    ) -> Outcome[ApproachState]:
        """Take one price."""
        if state.atr is None:
            state = replace(state, atr=scene.atr)
        ring = self._ring(state, scene)
        away = place(seen.price, ring.far if state.wide else ring.near)
        if away:
            atr = state.atr if state.side == away else scene.atr
            return Outcome(ApproachState(away, atr=atr), Reason.NOT_MET)
        if not state.side:
            reason = Reason.DISARMED if state.wide else Reason.SEEDED
            return Outcome(state, reason)
        return self._inside(state, seen, ring, scene)

    def _inside(
        self, state: ApproachState, seen: Seen, ring: Ring, scene: Scene
    ) -> Outcome[ApproachState]:
        """Armed, and now within the ring."""
        edge = ring.level[1] if state.side > 0 else ring.level[0]
        if edge.side(seen.price) * state.side < 0 and place(seen.price, ring.level):
            # It jumped over the level: the crossing says more than an approach.
            return Outcome(ApproachState(atr=scene.atr), Reason.DISARMED)
        far_price = seen.before if state.far_price is None else state.far_price
        level_moves = scene.level is not None and not scene.level.exact
        if level_moves and (
            far_price is None or (seen.price - far_price) * state.side >= 0
        ):
            return Outcome(
                state, Reason.NOT_MET, detail="the level came, not the price"
            )
        firing = Firing(
            event="approach",
            direction=direction(-state.side),
            at=seen.at,
            price=seen.price,
            level=edge.value,
            cause=seen.cause,
            gap=seen.gap,
            window=seen.window,
            step=seen.step,
        )
        after = ApproachState(wide=True, atr=scene.atr)
        return Outcome(after, Reason.FIRED, (firing,))

    def read(
        self, state: ApproachState, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[ApproachState]:
        """Take a recorded bar: open, the extreme towards the level, close."""
        outcome = self.see(state, first, scene)
        side = outcome.state.side
        if side:
            extreme = bar.low if side > 0 else bar.high
        else:
            ring = self._ring(outcome.state, scene)
            edges = ring.far if outcome.state.wide else ring.near
            away = [p for p in (bar.low, bar.high) if place(p, edges)]
            extreme = away[0] if away else bar.close
        # Through the level and back is still an approach: the path was continuous.
        extreme = self._clipped(outcome.state, extreme, scene)
        for seen in visits(bar, first, extreme)[1:]:
            outcome = then(outcome, self.see(outcome.state, seen, scene))
        return outcome

    def _clipped(self, state: ApproachState, extreme: float, scene: Scene) -> float:
        if not state.side:
            return extreme
        edge = self._ring(state, scene).level[1 if state.side > 0 else 0]
        return edge.value if edge.side(extreme) * state.side < 0 else extreme

    def _ring(self, state: ApproachState, scene: Scene) -> Ring:
        if scene.level is None:
            raise ValueError("an approach was asked without a level")
        low, high = scene.level.low, scene.level.high
        scene = replace(scene, atr=state.atr if state.atr is not None else scene.atr)
        near = (
            scene.offset(low, self.distance, -1),
            scene.offset(high, self.distance, 1),
        )
        if self.rearm.unit is self.distance.unit:
            total = Distance(self.distance.amount + self.rearm.amount, self.rearm.unit)
            far = scene.offset(low, total, -1), scene.offset(high, total, 1)
        else:
            far = (
                scene.offset(near[0], self.rearm, -1),
                scene.offset(near[1], self.rearm, 1),
            )
        return Ring(
            (line(near[0]), line(near[1])),
            (line(far[0]), line(far[1])),
            (line(low), line(high)),
        )

    def band(self, state: ApproachState, scene: Scene) -> Band:
        """Armed: far on its own side. Else: out to where it is far again."""
        ring = self._ring(state, scene)
        if state.side > 0:
            return Band(low=ring.near[1].high)
        if state.side < 0:
            return Band(high=ring.near[0].low)
        edges = ring.far if state.wide else ring.near
        return Band(edges[0].low, edges[1].high)


class ApproachSpec(LevelCondition):
    """The price comes from far to within a distance of a level."""

    kind: Literal["approach"] = "approach"
    distance: Distance
    """The ring around the level: "0.5%", "10pips", "0.25atr"."""
    rearm: Distance | None = None
    """How much further away counts as far again after a fire; half of `distance`."""

    @field_validator("distance")
    @classmethod
    def _some_distance(cls, value: Distance) -> Distance:
        if not value:
            raise ValueError('a distance of zero is a touch; use kind = "touch"')
        return value

    def build(self) -> Approach:
        """The machine."""
        half = Distance(self.distance.amount / 2, self.distance.unit)
        rearm = half if self.rearm is None else self.rearm
        return Approach(self.distance, rearm, needs_atr=self.waits_for_atr)
