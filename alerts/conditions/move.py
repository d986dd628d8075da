"""A fast move: so many percent within a window, or away from a reference price."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from alerts.band import ALWAYS, Band
from alerts.conditions.condition import Condition, Firing, Outcome, Scene, Seen
from alerts.conditions.spec import ConditionSpec, DirectionField, signs
from alerts.conditions.union import either
from alerts.distance import Distance, Unit, from_level
from alerts.line import line
from alerts.reason import Reason
from market.fields import PositiveDuration
from market.instant import DAY, WEEK
from market.session import subtract_open_time


@dataclass(frozen=True, slots=True)
class MoveState:
    """What a move remembers.

    Attributes:
        fired_at: the last fire's instant; the fire price belongs to the next window.
        fired_number: which observation of that instant it was, from 0.
        fired_price: its price.
        armed: of a move from a fixed reference: may fire; None: nothing seen.
    """

    fired_at: int | None = None
    fired_number: int = 0
    fired_price: float | None = None
    armed: bool | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The price that a move is measured from."""

    price: float
    at: int | None


@dataclass(frozen=True)
class WindowMove(Condition[MoveState]):
    """From the extreme of the last `window` milliseconds; after a fire from there."""

    sign: int
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
        reference = self._reference(state, seen.at, scene)
        edge = threshold(reference.price, self.by, self.sign)
        if not _beyond(seen.price, edge, self.sign):
            return Outcome(state, Reason.NOT_MET)
        state = MoveState(seen.at, scene.history.number(), seen.price)
        return Outcome(state, Reason.FIRED, (_firing(seen, self.sign, reference),))

    def _reference(self, state: MoveState, at: int, scene: Scene) -> Reference:
        """The extreme of the window that opens so long before `at`."""
        after = None
        if state.fired_at is not None:
            after = (state.fired_at, state.fired_number)
        since = subtract_open_time(scene.instrument.session, at, self.window)
        low, high = scene.history.extremes(since, after)
        return Reference(*(low if self.sign > 0 else high))

    def band(self, state: MoveState, scene: Scene) -> Band:
        """From the window's extreme to the threshold.

        An extreme that leaves the window only moves the threshold away, so a stale
        one wakes the rule too early, never too late.
        """
        last = scene.history.last_at
        if last is None:
            return ALWAYS
        reference = self._reference(state, last, scene).price
        edge = threshold(reference, self.by, self.sign)
        return Band(reference, edge) if self.sign > 0 else Band(edge, reference)


@dataclass(frozen=True)
class NetMove(Condition[MoveState]):
    """From the price that was in force exactly `window` ago."""

    sign: int
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
        edge = threshold(reference.price, self.by, self.sign)
        if not _beyond(seen.price, edge, self.sign):
            return Outcome(state, Reason.NOT_MET)
        fired = MoveState(seen.at, scene.history.number(), seen.price)
        return Outcome(fired, Reason.FIRED, (_firing(seen, self.sign, reference),))


@dataclass(frozen=True)
class ReferenceMove(Condition[MoveState]):
    """From a fixed price; armed again once it has come back by `rearm`."""

    sign: int
    by: Distance
    rearm: Distance
    price: Decimal

    def start(self) -> MoveState:
        """Nothing seen yet: a price that is already that far away seeds silently."""
        return MoveState()

    def see(self, state: MoveState, seen: Seen, scene: Scene) -> Outcome[MoveState]:
        """Take one price."""
        del scene
        beyond = _beyond(seen.price, self._edge(self.by), self.sign)
        if state.armed is None:
            return Outcome(MoveState(armed=not beyond), Reason.SEEDED)
        if beyond and state.armed:
            firing = _firing(seen, self.sign, Reference(float(self.price), None))
            return Outcome(MoveState(armed=False), Reason.FIRED, (firing,))
        if not state.armed and not _beyond(seen.price, self._back, self.sign):
            state = MoveState(armed=True)
        return Outcome(state, Reason.NOT_MET if state.armed else Reason.DISARMED)

    def _edge(self, by: Distance) -> float:
        return threshold(self.price, by, self.sign)

    @property
    def _back(self) -> float:
        left = Distance(self.by.amount - self.rearm.amount, Unit.PERCENT)
        return self._edge(left)

    def band(self, state: MoveState, scene: Scene) -> Band:
        """Up to the threshold; after a fire down to where it re-arms."""
        del scene
        if state.armed is None:
            return ALWAYS
        edge = self._edge(self.by) if state.armed else self._back
        is_ceiling = state.armed == (self.sign > 0)
        return Band(high=edge) if is_ceiling else Band(low=edge)


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

    def build(self) -> Condition[Any]:
        """The machine for the reference that was given, for each direction."""
        return either(tuple(self._machine(sign) for sign in signs(self.direction)))

    def _machine(self, sign: int) -> Condition[MoveState]:
        if self.window is not None:
            return WindowMove(sign, self.by, self.window)
        if self.net is not None:
            return NetMove(sign, self.by, self.net)
        if self.reference is None:
            raise ValueError("a move without window, net and reference")
        half = Distance(self.by.amount / 2, Unit.PERCENT)
        rearm = half if self.rearm is None else self.rearm
        return ReferenceMove(sign, self.by, rearm, self.reference)
