"""A fast move: so many percent within a window, or away from a reference price."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from alerts.band import ALWAYS, Band
from alerts.conditions.condition import Condition, Firing, Outcome, Scene, Seen
from alerts.conditions.spec import ConditionSpec, DirectionField
from alerts.distance import Distance, Unit, from_level
from alerts.line import line
from alerts.reason import Reason
from market.fields import PositiveDuration
from market.history import History
from market.instant import DAY, WEEK
from market.session import subtract_open_time


@dataclass(frozen=True, slots=True)
class MoveState:
    """What a move remembers.

    Attributes:
        fired_at: the last fire's instant; the fire price belongs to the next window.
        fired_number: which observation of that instant it was, from 0.
        fired_price: its price.
        side: of a move from a fixed reference: +1 fired up, -1 fired down, 0 armed,
            None unseen.
    """

    fired_at: int | None = None
    fired_number: int = 0
    fired_price: float | None = None
    side: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The price that a move is measured from."""

    price: float
    at: int | None


@dataclass(frozen=True)
class WindowMove(Condition[MoveState]):
    """From the extreme of the last `window` milliseconds; after a fire from there."""

    signs: tuple[int, ...]
    by: Distance
    window: int

    @property
    def horizon(self) -> int:  # type: ignore[override]
        """The window, and the weekends that may lie in it."""
        return self.window + (self.window // (5 * DAY) + 1) * (WEEK - 5 * DAY)

    def start(self) -> MoveState:
        """Nothing seen yet."""
        return MoveState()

    def see(self, state: MoveState, seen: Seen, scene: Scene) -> Outcome[MoveState]:
        """Take one price; it is already the newest of the history."""
        low, high = self._extremes(state, seen.at, scene)
        for sign in self.signs:
            reference = low if sign > 0 else high
            if _beyond(seen.price, threshold(reference.price, self.by, sign), sign):
                return self._fire(seen, sign, reference, scene.history)
        return Outcome(state, Reason.NOT_MET)

    def _extremes(
        self, state: MoveState, at: int, scene: Scene
    ) -> tuple[Reference, Reference]:
        after = None
        if state.fired_at is not None:
            after = (state.fired_at, state.fired_number)
        since = subtract_open_time(scene.instrument.session, at, self.window)
        low, high = scene.history.extremes(since, after)
        return Reference(*low), Reference(*high)

    def _fire(
        self, seen: Seen, sign: int, reference: Reference, history: History
    ) -> Outcome[MoveState]:
        state = MoveState(seen.at, history.number(), seen.price)
        return Outcome(state, Reason.FIRED, (_firing(seen, sign, reference),))

    def band(self, state: MoveState, scene: Scene) -> Band:
        """From the window's extreme to the threshold.

        An extreme that leaves the window only moves the threshold away, so a stale
        one wakes the rule too early, never too late.
        """
        last = scene.history.last_at
        if last is None:
            return ALWAYS
        low, high = self._extremes(state, last, scene)
        floor, ceiling = 0.0, float("inf")
        if 1 in self.signs:
            floor = max(floor, low.price)
            ceiling = min(ceiling, threshold(low.price, self.by, 1))
        if -1 in self.signs:
            ceiling = min(ceiling, high.price)
            floor = max(floor, threshold(high.price, self.by, -1))
        return Band(floor, ceiling)


@dataclass(frozen=True)
class NetMove(Condition[MoveState]):
    """From the price that was in force exactly `window` ago."""

    signs: tuple[int, ...]
    by: Distance
    window: int

    @property
    def horizon(self) -> int:  # type: ignore[override]
        """The window, and the weekends that may lie in it."""
        return self.window + (self.window // (5 * DAY) + 1) * (WEEK - 5 * DAY)

    def start(self) -> MoveState:
        """Nothing seen yet."""
        return MoveState()

    def see(self, state: MoveState, seen: Seen, scene: Scene) -> Outcome[MoveState]:
        """Take one price; it is already the newest of the history."""
        since = subtract_open_time(scene.instrument.session, seen.at, self.window)
        if state.fired_price is not None and since < (state.fired_at or 0):
            reference = Reference(state.fired_price, state.fired_at)
        else:
            price = scene.history.in_force(since)
            if price is None:
                return Outcome(state, Reason.WARMING, detail="history is shorter")
            reference = Reference(price, since)
        for sign in self.signs:
            if _beyond(seen.price, threshold(reference.price, self.by, sign), sign):
                fired = MoveState(seen.at, scene.history.number(), seen.price)
                return Outcome(fired, Reason.FIRED, (_firing(seen, sign, reference),))
        return Outcome(state, Reason.NOT_MET)


@dataclass(frozen=True)
class ReferenceMove(Condition[MoveState]):
    """From a fixed price; armed again once it has come back by `rearm`."""

    signs: tuple[int, ...]
    by: Distance
    rearm: Distance
    price: Decimal

    def start(self) -> MoveState:
        """Nothing seen yet: a price that is already that far away seeds silently."""
        return MoveState()

    def see(self, state: MoveState, seen: Seen, scene: Scene) -> Outcome[MoveState]:
        """Take one price."""
        del scene
        beyond = next((s for s in self.signs if self._is_beyond(seen.price, s)), 0)
        if state.side is None:
            return Outcome(MoveState(side=beyond), Reason.SEEDED)
        if beyond and beyond != state.side:
            reference = Reference(float(self.price), None)
            firing = _firing(seen, beyond, reference)
            return Outcome(MoveState(side=beyond), Reason.FIRED, (firing,))
        if state.side and self._is_back(seen.price, state.side):
            state = MoveState(side=0)
        return Outcome(state, Reason.DISARMED if state.side else Reason.NOT_MET)

    def _is_beyond(self, price: float, sign: int) -> bool:
        return _beyond(price, threshold(self.price, self.by, sign), sign)

    def _is_back(self, price: float, sign: int) -> bool:
        left = Distance(self.by.amount - self.rearm.amount, Unit.PERCENT)
        return not _beyond(price, threshold(self.price, left, sign), sign)

    def band(self, state: MoveState, scene: Scene) -> Band:
        """Between the thresholds; after a fire out from where it re-arms."""
        del scene
        if state.side is None:
            return ALWAYS
        low, high = 0.0, float("inf")
        for sign in self.signs:
            edge = threshold(self.price, self.by, sign)
            if sign == state.side:
                left = Distance(self.by.amount - self.rearm.amount, Unit.PERCENT)
                back = threshold(self.price, left, sign)
                low, high = (
                    (max(low, back), high) if sign > 0 else (low, min(high, back))
                )
            elif sign > 0:
                high = min(high, edge)
            else:
                low = max(low, edge)
        return Band(low, high)


def threshold(reference: float | Decimal, by: Distance, sign: int) -> float:
    """The price at reference * (1 ± by): decimal arithmetic, rounded once."""
    base = reference if isinstance(reference, Decimal) else Decimal(repr(reference))
    return line(from_level(base, by, sign, pip=None, atr=None)).value


def _beyond(price: float, edge: float, sign: int) -> bool:
    return price >= edge if sign > 0 else price <= edge


def _firing(seen: Seen, sign: int, reference: Reference) -> Firing:
    return Firing(
        event="move",
        direction="up" if sign > 0 else "down",
        at=seen.at,
        price=seen.price,
        reference=reference.price,
        reference_at=reference.at,
        cause=seen.cause,
        gap=seen.gap,
        window=seen.window,
        step=seen.step,
    )


class MoveSpec(ConditionSpec):
    """The price moves by so many percent."""

    kind: Literal["move"] = "move"
    direction: DirectionField = "any"
    by: Distance
    """How much, in percent of the price it is measured from."""
    window: PositiveDuration | None = None
    """Measured from the lowest (highest) price within this time."""
    net: PositiveDuration | None = None
    """Measured from the price exactly this long ago."""
    reference: Annotated[Decimal, Field(gt=0, allow_inf_nan=False)] | None = None
    """Measured from this price."""
    rearm: Distance | None = None
    """Of a move from a `reference`: how far back before it may fire again."""

    @model_validator(mode="after")
    def _one_reference(self) -> "MoveSpec":
        given = [
            n for n in ("window", "net", "reference") if getattr(self, n) is not None
        ]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(
                f"a move needs one of window, net and reference, not {found}"
            )
        if self.by.unit is not Unit.PERCENT or not self.by:
            raise ValueError(f'by = "{self.by}" must be in percent, such as "5%"')
        if self.rearm is not None and (
            self.reference is None
            or self.rearm.unit is not Unit.PERCENT
            or self.rearm.amount > self.by.amount
        ):
            raise ValueError(
                "rearm belongs to a move from a reference, in percent and at most `by`"
            )
        return self

    def build(self) -> WindowMove | NetMove | ReferenceMove:
        """The machine for the reference that was given."""
        signs = {"up": (1,), "down": (-1,), "any": (1, -1)}[self.direction]
        if self.window is not None:
            return WindowMove(signs, self.by, self.window)
        if self.net is not None:
            return NetMove(signs, self.by, self.net)
        if self.reference is None:
            raise ValueError("a move without window, net and reference")
        half = Distance(self.by.amount / 2, Unit.PERCENT)
        rearm = half if self.rearm is None else self.rearm
        return ReferenceMove(signs, self.by, rearm, self.reference)
