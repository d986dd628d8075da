"""State conditions: above, below, inside, outside. True as long as the price is there.

They fire when they become true, and also at the first look where they already are
(`initial`), once per revision of the rule.
"""

from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from alerts.band import NEVER, Band
from alerts.conditions.condition import (
    Condition,
    Firing,
    Outcome,
    Scene,
    Seen,
    then,
    visits,
)
from alerts.conditions.spec import LevelCondition
from alerts.line import Line, line
from alerts.reason import Reason
from alerts.trigger import Direction
from market.bar import Bar
from market.fields import PositiveDuration
from market.instant import render_duration
from market.session import open_time_between

Kind = Literal["above", "below", "inside", "outside"]


@dataclass(frozen=True, slots=True)
class StandingState:
    """What a state condition remembers: its truth, and when it last fired."""

    truth: bool | None = None
    fired_at: int | None = None


@dataclass(frozen=True)
class Standing(Condition[StandingState]):
    """Where the price stands relative to a level or zone."""

    kind: Kind
    initial: bool
    repeat: int | None

    def start(self) -> StandingState:
        """Nothing seen yet."""
        return StandingState()

    def see(
        self, state: StandingState, seen: Seen, scene: Scene
    ) -> Outcome[StandingState]:
        """Take one price."""
        first = self._reminder(
            state, seen.at - 1, _earlier(seen), seen.before_at, scene
        )
        state = first.state
        truth = self._holds(seen.price, *_edges(scene))
        was, state = state.truth, replace(state, truth=truth)
        if not truth or was:
            reason = Reason.DISARMED if truth else Reason.NOT_MET
            return then(first, Outcome(state, reason))
        if was is None and not self.initial:
            return then(first, Outcome(state, Reason.SEEDED))
        firing = self._firing(seen, seen.at, scene, initial=was is None)
        state = replace(state, fired_at=seen.at)
        return then(first, Outcome(state, Reason.FIRED, (firing,)))

    def advance(
        self, state: StandingState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[StandingState]:
        """Remind, where the next reminder is due."""
        return self._reminder(state, at, seen, seen.at, scene)

    def read(
        self, state: StandingState, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[StandingState]:
        """Take a recorded bar: open, the extreme that changes the truth, close."""
        outcome = self.see(state, first, scene)
        edges = _edges(scene)
        truth = outcome.state.truth
        telling = [p for p in (bar.low, bar.high) if self._holds(p, *edges) != truth]
        for seen in visits(bar, first, *telling[:1])[1:]:
            outcome = then(outcome, self.see(outcome.state, seen, scene))
        return outcome

    def _reminder(
        self,
        state: StandingState,
        at: int,
        seen: Seen,
        last_at: int | None,
        scene: Scene,
    ) -> Outcome[StandingState]:
        """Fire for every full `repeat` since the last fire, while somebody looked."""
        quiet = Outcome(state, Reason.DISARMED if state.truth else Reason.NOT_MET)
        if not self.repeat or not state.truth or state.fired_at is None:
            return quiet
        firings = []
        due = state.fired_at + self.repeat
        while due <= at and last_at is not None:
            instrument = scene.instrument
            age = open_time_between(instrument.session, last_at, due)
            if age > instrument.stale_after:
                break
            firings.append(self._firing(seen, due, scene, initial=False))
            state = replace(state, fired_at=due)
            due += self.repeat
        if not firings:
            return quiet
        return Outcome(state, Reason.FIRED, tuple(firings))

    def _holds(self, price: float, low: Line, high: Line) -> bool:
        match self.kind:
            case "above":
                return high.side(price) > 0
            case "below":
                return low.side(price) < 0
            case "inside":
                return low.side(price) >= 0 and high.side(price) <= 0
            case "outside":
                return low.side(price) < 0 or high.side(price) > 0

    def _firing(self, seen: Seen, at: int, scene: Scene, *, initial: bool) -> Firing:
        low, high = _edges(scene)
        upper = self.kind == "above" or (
            self.kind != "below" and _nearer_high(seen, low, high)
        )
        return Firing(
            event=self.kind,
            direction=self._direction(seen),
            at=at,
            price=seen.price,
            level=high.value if upper else low.value,
            cause=seen.cause,
            gap=seen.gap and not initial,
            initial=initial,
            window=seen.window,
            step=seen.step,
        )

    def _direction(self, seen: Seen) -> Direction | None:
        if self.kind == "above":
            return "up"
        if self.kind == "below":
            return "down"
        if seen.before is None or seen.before == seen.price:
            return None
        return "up" if seen.price > seen.before else "down"

    def band(self, state: StandingState, scene: Scene) -> Band:
        """The stretch of prices with the same truth; the next reminder."""
        low, high = _edges(scene)
        until = NEVER
        if self.repeat and state.truth and state.fired_at is not None:
            until = state.fired_at + self.repeat
        match self.kind, state.truth:
            case ("above", True):
                return Band(low=high.high, until=until)
            case ("above", False):
                return Band(high=high.high)
            case ("below", True):
                return Band(high=low.low, until=until)
            case ("below", False):
                return Band(low=low.low)
            case ("inside", True) | ("outside", False):
                # The edges are inside: one step of the band before them suffices.
                return Band(low.low, high.high, until)
        return Band(high.high, low.low, until)


def _edges(scene: Scene) -> tuple[Line, Line]:
    if scene.level is None:
        raise ValueError("a state condition was asked without a level")
    return line(scene.level.low), line(scene.level.high)


def _nearer_high(seen: Seen, low: Line, high: Line) -> bool:
    return abs(seen.price - high.value) <= abs(seen.price - low.value)


def _earlier(seen: Seen) -> Seen:
    price = seen.price if seen.before is None else seen.before
    return replace(seen, price=price, cause="price", gap=False)


class StandingSpec(LevelCondition):
    """The price is on one side of a level, or in or out of a zone."""

    kind: Literal["above", "below", "inside", "outside"]
    initial: Literal["fire", "skip"] = "fire"
    """Whether a condition that already holds at the first look fires."""
    repeat: PositiveDuration | None = Field(default=None)
    """Remind this often while it holds."""

    def build(self) -> Standing:
        """The machine."""
        return Standing(
            kind=self.kind, initial=self.initial == "fire", repeat=self.repeat
        )

    def every(self) -> str:
        """The reminder's pace in words; empty without one."""
        return render_duration(self.repeat) if self.repeat else ""


class AboveSpec(StandingSpec):
    """The price is strictly above the level."""

    kind: Literal["above"] = "above"


class BelowSpec(StandingSpec):
    """The price is strictly below the level."""

    kind: Literal["below"] = "below"


class InsideSpec(StandingSpec):
    """The price is in the zone, its edges included."""

    kind: Literal["inside"] = "inside"


class OutsideSpec(StandingSpec):
    """The price is out of the zone."""

    kind: Literal["outside"] = "outside"
