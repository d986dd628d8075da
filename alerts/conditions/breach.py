"""Going beyond a threshold, for good: the machine that crossings are made of.

Armed on the back side, it fires at the first observation beyond (after its
confirmation), and is armed again only once the price is back. With both thresholds
on one level it is a crossing; with two it is a Schmitt trigger.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from alerts.band import ALWAYS, ASLEEP, NEVER, Band
from alerts.conditions.condition import (
    LAST_STEP,
    Condition,
    Firing,
    Outcome,
    Scene,
    Seen,
    earlier,
    extreme_step,
    is_stale,
    then,
)
from alerts.confirmation import FIRST_BREACH, Confirmation
from alerts.line import Line
from alerts.reason import Reason
from market.bar import Bar
from market.instant import SECOND, render_duration
from market.session import add_open_time
from market.timeframe import Timeframe


@dataclass(frozen=True, slots=True)
class Gate:
    """The two thresholds of a breach.

    Attributes:
        sign: +1 where beyond is above, -1 where it is below.
        inclusive: whether a price on the `beyond` line is beyond.
        level: what a message names; the thresholds may lie apart from it.
    """

    sign: int
    beyond: Line
    back: Line
    level: float
    inclusive: bool = False

    def is_beyond(self, price: float) -> bool:
        """Whether the breach is there."""
        side = self.beyond.side(price) * self.sign
        return side > 0 or (self.inclusive and side == 0)

    def is_back(self, price: float) -> bool:
        """Whether the price has left far enough to fire again."""
        return self.back.side(price) * self.sign < 0


@dataclass(frozen=True, slots=True)
class BreachState:
    """What a breach remembers.

    Attributes:
        known: a price off the level has been seen.
        armed: the price has been on the back side since the last fire.
        fired: whether this revision has fired: the re-arm distance counts from then.
        since: start of the pending candidate, epoch ms.
        gap: whether the candidate began across a gap.
        run: consecutive observations beyond, of ticks or of closes.
        nth_at: when `run` reached the number that is needed.
        tick_run: consecutive ticks beyond, where closes confirm as well.
        atr: the ATR when this state was entered: distances in ATR stay frozen.
    """

    known: bool = False
    armed: bool = False
    fired: bool = False
    since: int | None = None
    gap: bool = False
    run: int = 0
    nth_at: int | None = None
    tick_run: int = 0
    atr: float | None = None


UNSEEN = BreachState()
"""Nothing seen yet: the first price seeds and never fires."""

Gates = Callable[[BreachState, Scene], Gate]


@dataclass(frozen=True)
class Breach(Condition[BreachState]):
    """A breach with its confirmation.

    Attributes:
        gates: the thresholds for a state: they differ once it has fired.
        event: the name that its firings bear.
        hold: milliseconds of open market that the price must stay beyond.
    """

    gates: Gates
    event: str
    hold: int = 0
    confirm: Confirmation = FIRST_BREACH
    needs_atr: bool = False

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:  # type: ignore[override]
        """The confirming timeframe, if there is one."""
        frame = self.confirm.timeframe
        return () if frame is None else (frame,)

    def start(self) -> BreachState:
        """Nothing seen yet."""
        return UNSEEN

    @property
    def need(self) -> int:
        """Consecutive observations that confirm."""
        return self.confirm.ticks if self.on_ticks else self.confirm.closes

    @property
    def on_ticks(self) -> bool:
        """Whether ticks decide; else the closes of one timeframe do."""
        return self.confirm.timeframe is None

    def see(self, state: BreachState, seen: Seen, scene: Scene) -> Outcome[BreachState]:
        """Take one price."""
        if self.on_ticks:
            return self._observe(state, seen, scene)
        due = self._due(state, scene)
        if due is not None and due < seen.at:
            return self._ripe(state, due, seen, scene)
        if self.confirm.ticks > 1:
            beyond = self.gates(state, scene).is_beyond(seen.price)
            run = min(state.tick_run + 1, self.confirm.ticks) if beyond else 0
            state = replace(state, tick_run=run)
        return Outcome(state, _standing(state))

    def close(
        self, state: BreachState, bar: Bar, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        """Take the close of a bar of the confirming timeframe, as an observation."""
        if bar.timeframe != self.confirm.timeframe:
            return Outcome(state, _standing(state))
        return self._observe(state, seen, scene)

    def advance(
        self, state: BreachState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        """Complete a hold that ends at or before `at`."""
        due = self._due(state, scene)
        if due is None or due > at or is_stale(seen.at, due, scene):
            return Outcome(state, _standing(state))
        return self._fire(state, due, seen, scene)

    def _observe(
        self, state: BreachState, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        first = Outcome(state, _standing(state))
        due = self._due(state, scene)
        if due is not None and due < seen.at:
            first = self._ripe(state, due, seen, scene)
            if first.state.since is None and first.reason is Reason.CANCELLED:
                return first
        return then(first, self._look(first.state, seen, scene))

    def _ripe(
        self, state: BreachState, due: int, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        """Settle a candidate whose time was over before this observation."""
        if not is_stale(earlier(seen).at, due, scene):
            return self._fire(state, due, earlier(seen), scene)
        # Nobody was looking when the hold ended: this observation decides.
        if self.gates(state, scene).is_beyond(seen.price):
            return self._fire(state, seen.at, seen, scene)
        return self._cancel(state, seen, scene)

    def _look(
        self, state: BreachState, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        gate = self.gates(state, scene)
        if not state.known and gate.back.side(seen.price):
            state = replace(state, known=True)
        if not state.armed:
            if not gate.is_back(seen.price):
                return Outcome(state, _standing(state))
            state = replace(state, armed=True, atr=scene.atr)
            return Outcome(state, Reason.NOT_MET)
        if not gate.is_beyond(seen.price):
            if state.since is None:
                return Outcome(state, Reason.NOT_MET)
            return self._cancel(state, seen, scene)
        return self._count(state, seen, scene)

    def _count(
        self, state: BreachState, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        """One more observation beyond."""
        if state.since is None:
            state = replace(state, since=seen.at, gap=seen.gap, run=0, atr=scene.atr)
        if seen.cause != "level" or state.run == 0:
            state = replace(state, run=state.run + 1)
        if state.run == self.need:
            state = replace(state, nth_at=seen.at)
        if state.run >= self.need and (
            self.on_ticks
            or self.confirm.ticks == 1
            or state.tick_run >= self.confirm.ticks
        ):
            held_until = self._held_until(state, scene)
            if not self.hold or held_until < seen.at:
                return self._fire(state, seen.at, seen, scene)
        return Outcome(state, Reason.PENDING, detail=self._progress(state))

    def _progress(self, state: BreachState) -> str:
        parts = []
        if self.need > 1:
            what = "ticks" if self.on_ticks else "closes"
            parts.append(f"{min(state.run, self.need)} of {self.need} {what}")
        if self.hold:
            parts.append(f"must hold for {render_duration(self.hold)}")
        return ", ".join(parts)

    def _cancel(
        self, state: BreachState, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        """Forget the candidate; the arm is not consumed."""
        since = state.since
        state = replace(state, since=None, gap=False, run=0, nth_at=None, atr=scene.atr)
        held = "" if since is None else _whole_seconds(seen.at - since)
        return Outcome(state, Reason.CANCELLED, detail=f"it held for {held}")

    def _fire(
        self, state: BreachState, at: int, seen: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        gate = self.gates(state, scene)
        firing = Firing(
            event=self.event,
            direction="up" if gate.sign > 0 else "down",
            at=at,
            price=seen.price,
            level=gate.level,
            cause=seen.cause,
            gap=state.gap or (seen.gap and state.since == seen.at),
            window=seen.window,
            step=seen.step,
        )
        after = BreachState(
            known=True, fired=True, tick_run=state.tick_run, atr=scene.atr
        )
        return Outcome(after, Reason.FIRED, (firing,))

    def _held_until(self, state: BreachState, scene: Scene) -> int:
        since = 0 if state.since is None else state.since
        return add_open_time(scene.instrument.session, since, self.hold)

    def _due(self, state: BreachState, scene: Scene) -> int | None:
        """When the pending candidate is confirmed; None where that is open."""
        if state.since is None or state.nth_at is None or not self.hold:
            return None
        return max(self._held_until(state, scene), state.nth_at)

    def read(
        self, state: BreachState, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        """Take a recorded bar: the least that certainly happened.

        The open; then the extreme that would change the state, if it does; then the
        close. What needs ticks or a hold is only believed of bars wholly beyond.
        """
        if not self.on_ticks:
            return Outcome(state, _standing(state))
        if self.need > 1:
            return self._read_runs(state, bar, first, scene)
        outcome = self._observe(state, first, scene)
        extreme = self._telling_extreme(outcome.state, bar, first, scene)
        if extreme is not None:
            outcome = then(outcome, self._observe(outcome.state, extreme, scene))
        last = _visit(bar, bar.close, first, LAST_STEP)
        return then(outcome, self._observe(outcome.state, last, scene))

    def _telling_extreme(
        self, state: BreachState, bar: Bar, first: Seen, scene: Scene
    ) -> Seen | None:
        gate = self.gates(state, scene)
        best, worst = (bar.high, bar.low) if gate.sign > 0 else (bar.low, bar.high)
        if state.since is not None:
            # A pending hold: any moment of this bar may have been the bad one, so
            # the visit is dated at the open, before the hold could have ended.
            if gate.is_beyond(worst):
                return None
            step = extreme_step(bar, worst)
            return replace(_visit(bar, worst, first, step), at=bar.open_time)
        if state.armed:
            if self.hold or not gate.is_beyond(best):
                return None
            return _visit(bar, best, first, extreme_step(bar, best))
        if not state.known or not gate.is_back(worst):
            return None
        return _visit(bar, worst, first, extreme_step(bar, worst))

    def _read_runs(
        self, state: BreachState, bar: Bar, first: Seen, scene: Scene
    ) -> Outcome[BreachState]:
        gate = self.gates(state, scene)
        worst = bar.low if gate.sign > 0 else bar.high
        price = bar.close if gate.is_beyond(worst) else worst
        return self._observe(state, _visit(bar, price, first, LAST_STEP), scene)

    def band(self, state: BreachState, scene: Scene) -> Band:
        """Where it stays armed, disarmed or pending."""
        due = self._due(state, scene)
        until = NEVER if due is None else due
        if not self.on_ticks:
            return ALWAYS if self.confirm.ticks > 1 else replace(ASLEEP, until=until)
        gate = self.gates(state, scene)
        beyond = (
            gate.beyond.low if gate.inclusive == (gate.sign > 0) else gate.beyond.high
        )
        if state.since is not None:
            if state.run < self.need:
                return ALWAYS
            return _above(beyond, gate.sign, until)
        if state.armed:
            return _above(beyond, -gate.sign, until)
        back = gate.back.low if gate.sign > 0 else gate.back.high
        return _above(back, gate.sign, until)


def _above(edge: float, sign: int, until: int) -> Band:
    return Band(low=edge, until=until) if sign > 0 else Band(high=edge, until=until)


def _standing(state: BreachState) -> Reason:
    """What a state means while nothing happens."""
    if state.since is not None:
        return Reason.PENDING
    if state.armed:
        return Reason.NOT_MET
    return Reason.DISARMED if state.fired else Reason.SEEDED


def _whole_seconds(duration: int) -> str:
    return render_duration(max(0, duration) // SECOND * SECOND)


def _visit(bar: Bar, price: float, first: Seen, step: int) -> Seen:
    return Seen(
        at=bar.close_time,
        price=price,
        before=first.price,
        before_at=first.at,
        window=(bar.open_time, bar.close_time),
        step=step,
    )
