"""A zone's story: entered, left, rejected, held, traversed, lost, reclaimed.

A traverse is a breach that is armed beyond one edge and fires beyond the other, so
a jump over the whole zone counts, and a zone without width is a plain level.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field, model_validator

from alerts.band import NEVER, Band, narrowest
from alerts.conditions.breach import UNSEEN, Breach, BreachState, Gate
from alerts.conditions.condition import (
    Condition,
    Firing,
    Outcome,
    Scene,
    Seen,
    direction,
    earlier,
    is_stale,
    shortest_path,
    then,
)
from alerts.conditions.spec import BreachCondition
from alerts.distance import Distance
from alerts.line import line
from alerts.reason import Reason
from market.bar import Bar
from market.session import add_open_time
from market.timeframe import Timeframe

ZoneEvent = Literal[
    "enter",
    "exit",
    "reject",
    "traverse_up",
    "traverse_down",
    "hold",
    "lost",
    "reclaim",
]

Role = Literal["support", "resistance"]


@dataclass(frozen=True, slots=True)
class ZoneState:
    """What a zone remembers.

    Attributes:
        place: of the last price: +1 above, 0 inside, -1 below, None unseen.
        outside: the last place that was not inside; 0 where there was none.
        role: +1 support, -1 resistance, 0 where the price has only been inside.
        lost: it was traversed against its role and not yet reclaimed.
        entered_at: start of the visit whose `hold` is being counted.
        entered_from: the side that visit came from.
    """

    place: int | None = None
    outside: int = 0
    role: int = 0
    lost: bool = False
    entered_at: int | None = None
    entered_from: int = 0
    up: BreachState = UNSEEN
    down: BreachState = UNSEEN


@dataclass(frozen=True, slots=True)
class TraverseGates:
    """Armed beyond the near edge, fires beyond the far edge plus buffer."""

    sign: int
    buffer: Distance

    def __call__(self, state: BreachState, scene: Scene) -> Gate:
        """The gate."""
        if scene.level is None:
            raise ValueError("a zone was asked without a level")
        low, high = scene.level.low, scene.level.high
        far, near = (high, low) if self.sign > 0 else (low, high)
        beyond = scene.offset(far, self.buffer, self.sign, state.atr)
        return Gate(self.sign, line(beyond), line(near), float(far))


@dataclass(frozen=True)
class Zone(Condition[ZoneState]):
    """All events of one zone; those not asked for are computed and dropped."""

    events: frozenset[str]
    role: int
    hold: int
    up: Breach
    down: Breach
    needs_atr: bool

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:  # type: ignore[override]
        """The timeframe that confirms a traverse, if any."""
        timeframe = self.up.confirm.timeframe
        return () if timeframe is None else (timeframe,)

    def start(self) -> ZoneState:
        """Nothing seen yet."""
        return ZoneState(role=self.role)

    def see(self, state: ZoneState, seen: Seen, scene: Scene) -> Outcome[ZoneState]:
        """Take one price."""
        outcome = self._settle_hold(state, seen.at - 1, earlier(seen), scene)
        outcome = then(outcome, self._move(outcome.state, seen, scene))
        # Nobody was looking when the hold ended: this price decides.
        outcome = then(outcome, self._settle_late(outcome.state, seen, scene))
        return self._wanted(then(outcome, self._traverse(outcome.state, seen, scene)))

    def close(
        self, state: ZoneState, bar: Bar, seen: Seen, scene: Scene
    ) -> Outcome[ZoneState]:
        """Take a bar's close: it may confirm a traverse."""
        up = self.up.close(state.up, bar, seen, scene)
        down = self.down.close(state.down, bar, seen, scene)
        return self._wanted(self._traversed(state, up, down))

    def advance(
        self, state: ZoneState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[ZoneState]:
        """Complete the holds that have ended."""
        outcome = self._settle_hold(state, at, seen, scene)
        state = outcome.state
        up = self.up.advance(state.up, at, seen, scene)
        down = self.down.advance(state.down, at, seen, scene)
        return self._wanted(then(outcome, self._traversed(state, up, down)))

    def read(
        self, state: ZoneState, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[ZoneState]:
        """Take a recorded bar along its shortest path."""
        if not self.hold and self.up.need == 1 and self.up.on_ticks:
            return super().read(state, bar, first, scene)
        outcome = self._settle_hold(state, bar.open_time - 1, earlier(first), scene)
        for seen in shortest_path(bar, first):
            # Inside a bar the order is unknown: beyond the far edge breaks a hold.
            outcome = then(outcome, self._move(outcome.state, seen, scene))
        state = outcome.state
        up = self.up.read(state.up, bar, first, scene)
        down = self.down.read(state.down, bar, first, scene)
        return self._wanted(then(outcome, self._traversed(state, up, down)))

    def _move(self, state: ZoneState, seen: Seen, scene: Scene) -> Outcome[ZoneState]:
        """Enter, exit and reject; and the hold of a visit."""
        low, high = self._edges(scene)
        place = _place(seen.price, low, high)
        before, outside = state.place, state.outside
        state = replace(
            state,
            place=place,
            outside=place or outside,
            role=state.role or place,
        )
        if self._broken(state, seen, scene):
            state = replace(state, entered_at=None)
        if before is None or before == place:
            return Outcome(state, Reason.SEEDED if before is None else Reason.NOT_MET)
        if place == 0:
            state = replace(state, entered_at=seen.at, entered_from=before)
            edge = high if before > 0 else low
            return Outcome(state, Reason.FIRED, (_fire("enter", -before, seen, edge),))
        if before != 0:
            return Outcome(state, Reason.NOT_MET)
        edge = high if place > 0 else low
        firings = [_fire("exit", place, seen, edge)]
        if place == outside:
            firings.append(_fire("reject", place, seen, edge))
        return Outcome(state, Reason.FIRED, tuple(firings))

    def _traverse(
        self, state: ZoneState, seen: Seen, scene: Scene
    ) -> Outcome[ZoneState]:
        up = self.up.see(state.up, seen, scene)
        down = self.down.see(state.down, seen, scene)
        return self._traversed(state, up, down)

    def _traversed(
        self,
        state: ZoneState,
        up: Outcome[BreachState],
        down: Outcome[BreachState],
    ) -> Outcome[ZoneState]:
        """Join both breaches, and tell what a traverse means for the role."""
        state = replace(state, up=up.state, down=down.state)
        firings: list[Firing] = []
        for firing in sorted((*up.firings, *down.firings), key=lambda f: f.at):
            firings.append(firing)
            sign = 1 if firing.direction == "up" else -1
            if sign == -state.role and not state.lost:
                state = replace(state, lost=True)
                firings.append(replace(firing, event="lost"))
            elif sign == state.role and state.lost:
                state = replace(state, lost=False)
                firings.append(replace(firing, event="reclaim"))
        return Outcome(
            state, _telling(up, down), tuple(firings), up.detail or down.detail
        )

    def _settle_hold(
        self, state: ZoneState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[ZoneState]:
        """Fire `hold` where its time has passed at `at` and somebody was looking."""
        quiet = Outcome(state, Reason.NOT_MET)
        due = self._hold_due(state, scene)
        if due is None or due > at or is_stale(seen.at, due, scene):
            return quiet
        return self._held(state, due, seen, scene)

    def _settle_late(
        self, state: ZoneState, seen: Seen, scene: Scene
    ) -> Outcome[ZoneState]:
        due = self._hold_due(state, scene)
        if due is None or due >= seen.at:
            return Outcome(state, Reason.NOT_MET)
        return self._held(state, seen.at, seen, scene)

    def _held(
        self, state: ZoneState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[ZoneState]:
        low, high = self._edges(scene)
        edge = high if state.entered_from > 0 else low
        firing = replace(_fire("hold", state.entered_from, seen, edge), at=at)
        return Outcome(replace(state, entered_at=None), Reason.FIRED, (firing,))

    def _hold_due(self, state: ZoneState, scene: Scene) -> int | None:
        if state.entered_at is None or not self.hold:
            return None
        return add_open_time(scene.instrument.session, state.entered_at, self.hold)

    def _broken(self, state: ZoneState, seen: Seen, scene: Scene) -> bool:
        """Whether the price is beyond the edge far from where the visit came."""
        if state.entered_at is None:
            return False
        breach, own = (
            (self.down, state.down) if state.entered_from > 0 else (self.up, state.up)
        )
        return breach.gates(own, scene).is_beyond(seen.price)

    def _edges(self, scene: Scene) -> tuple[float, float]:
        if scene.level is None:
            raise ValueError("a zone was asked without a level")
        return line(scene.level.low).low, line(scene.level.high).high

    def _wanted(self, outcome: Outcome[ZoneState]) -> Outcome[ZoneState]:
        firings = tuple(f for f in outcome.firings if f.event in self.events)
        return replace(outcome, firings=firings)

    def band(self, state: ZoneState, scene: Scene) -> Band:
        """Where its place, its traverses and its hold stay what they are."""
        low, high = self._edges(scene)
        due = self._hold_due(state, scene)
        until = NEVER if due is None else due
        place = {
            1: Band(low=high, until=until),
            0: Band(low, high, until),
            -1: Band(high=low, until=until),
            None: Band(1.0, 0.0),
        }[state.place]
        broken = Band()
        if state.entered_at is not None:
            sign = -state.entered_from
            breach, own = (self.up, state.up) if sign > 0 else (self.down, state.down)
            beyond = breach.gates(own, scene).beyond
            broken = Band(high=beyond.high) if sign > 0 else Band(low=beyond.low)
        return narrowest(
            (
                place,
                broken,
                self.up.band(state.up, scene),
                self.down.band(state.down, scene),
            )
        )


def _telling(up: Outcome[BreachState], down: Outcome[BreachState]) -> Reason:
    reasons = (up.reason, down.reason)
    for reason in (Reason.FIRED, Reason.CANCELLED, Reason.PENDING):
        if reason in reasons:
            return reason
    return Reason.NOT_MET


def _place(price: float, low: float, high: float) -> int:
    if price > high:
        return 1
    return -1 if price < low else 0


def _fire(event: str, sign: int, seen: Seen, edge: float) -> Firing:
    return Firing(
        event=event,
        direction=direction(sign),
        at=seen.at,
        price=seen.price,
        level=edge,
        cause=seen.cause,
        gap=seen.gap,
        window=seen.window,
        step=seen.step,
    )


class ZoneConditionSpec(BreachCondition):
    """What happens at a zone."""

    kind: Literal["zone"] = "zone"
    events: tuple[ZoneEvent, ...] = Field(min_length=1)
    """Which of its events are told."""

    @model_validator(mode="after")
    def _hold_is_given(self) -> "ZoneConditionSpec":
        if "hold" in self.events and not self.hold:
            raise ValueError('the event "hold" needs a `hold`, such as hold = "30m"')
        return self

    def build(self) -> Zone:
        """The machine; the role is the level's, or the side the price is on."""
        return self.build_as(0)

    def build_as(self, role: int) -> Zone:
        """The machine of a support (+1), a resistance (-1), or what the price tells."""
        # The event `hold` alone counts its time in the zone, not beyond it.
        hold = self.hold if _traverses(self.events) else 0
        up, down = (
            Breach(TraverseGates(sign, self.buffer), event, hold, self.confirm)
            for sign, event in ((1, "traverse_up"), (-1, "traverse_down"))
        )
        return Zone(
            events=frozenset(self.events),
            role=role,
            hold=self.hold if "hold" in self.events else 0,
            up=up,
            down=down,
            needs_atr=self.waits_for_atr,
        )


def _traverses(events: Iterable[str]) -> bool:
    return any(e in ("traverse_up", "traverse_down", "lost", "reclaim") for e in events)
