"""State conditions: above, below, inside, outside. True as long as the price is there.

They fire when they become true, and also at the first look where they already are
(`initial`), once per revision of the rule.
"""

from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from alerts.band import ALWAYS, NEVER, Band
from alerts.conditions.condition import (
    Condition,
    Firing,
    Outcome,
    Scene,
    Seen,
    earlier,
    is_stale,
    then,
    visits,
)
from alerts.conditions.spec import LevelCondition
from alerts.line import Edges, Line, line, place
from alerts.reason import Reason
from alerts.trigger import Direction
from market.bar import Bar
from market.fields import PositiveDuration
from market.session import add_open_time

Kind = Literal["above", "below", "inside", "outside"]


@dataclass(frozen=True, slots=True)
class StandingState:
    """What a state condition remembers.

    Attributes:
        side: of the last price: +1 above the level or zone, 0 on or in it, -1 below;
            None unseen. Whether the condition holds follows from it.
        fired_at: when it last fired or reminded.
    """

    side: int | None = None
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
        first = self._reminders(state, seen.at - 1, earlier(seen), scene)
        state = first.state
        was = self._holds(state.side)
        state = replace(state, side=place(seen.price, _edges(scene)))
        truth = self._holds(state.side)
        if truth and was and self._is_due(state, seen.at - 1, scene):
            # Nobody was looking when the reminder was due: this price decides.
            return then(first, self._remind(state, seen.at, seen, scene))
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
        return self._reminders(state, at, seen, scene)

    def read(
        self, state: StandingState, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[StandingState]:
        """Take a recorded bar: open, the extreme that changes the truth, close."""
        outcome = self.see(state, first, scene)
        truth = self._holds(outcome.state.side)
        telling = [
            price
            for price in (bar.low, bar.high)
            if self._holds(place(price, _edges(scene))) != truth
        ]
        for seen in visits(bar, first, *telling[:1])[1:]:
            outcome = then(outcome, self.see(outcome.state, seen, scene))
        return outcome

    def _reminders(
        self, state: StandingState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[StandingState]:
        """Fire for every reminder due by `at` at which the price `seen` was fresh."""
        holds = self._holds(state.side)
        outcome = Outcome(state, Reason.DISARMED if holds else Reason.NOT_MET)
        while self._is_due(outcome.state, at, scene):
            due = self._due(outcome.state, scene)
            if is_stale(seen.at, due, scene):
                break
            outcome = then(outcome, self._remind(outcome.state, due, seen, scene))
        return outcome

    def _remind(
        self, state: StandingState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[StandingState]:
        # Nothing moved: a reminder has no direction, whoever completes it.
        firing = self._firing(seen, at, scene, initial=False)
        firing = replace(firing, direction=None, gap=False)
        return Outcome(replace(state, fired_at=at), Reason.FIRED, (firing,))

    def _is_due(self, state: StandingState, at: int, scene: Scene) -> bool:
        return self._due(state, scene) <= at

    def _due(self, state: StandingState, scene: Scene) -> int:
        if not self.repeat or state.fired_at is None or not self._holds(state.side):
            return NEVER
        return add_open_time(scene.instrument.session, state.fired_at, self.repeat)

    def _holds(self, side: int | None) -> bool | None:
        """Whether the condition is true of a side; None of none."""
        if side is None:
            return None
        match self.kind:
            case "above":
                return side > 0
            case "below":
                return side < 0
            case "inside":
                return side == 0
            case "outside":
                return side != 0

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
        """The stretch of prices on the same side; the next reminder."""
        low, high = _edges(scene)
        until = self._due(state, scene)
        match state.side:
            case None:
                return ALWAYS
            case 0:
                return Band(low.low, high.high, until)
            case 1:
                return Band(low=high.high, until=until)
        return Band(high=low.low, until=until)


def _edges(scene: Scene) -> Edges:
    if scene.level is None:
        raise ValueError("a state condition was asked without a level")
    return line(scene.level.low), line(scene.level.high)


def _nearer_high(seen: Seen, low: Line, high: Line) -> bool:
    return abs(seen.price - high.value) <= abs(seen.price - low.value)


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
