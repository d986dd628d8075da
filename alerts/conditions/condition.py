"""What every condition is: a machine from observations to firings.

A condition decides from its own state and from one observation at a time. It reads
no clock, keeps nothing between calls, and answers every call with a reason.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Generic, Literal, TypeVar, cast

from alerts.band import ALWAYS, Band
from alerts.distance import Distance, Price, from_level
from alerts.levels.level import LevelValue
from alerts.reason import Reason
from alerts.trigger import Cause, Direction
from market.bar import Bar
from market.history import History
from market.instrument import Instrument
from market.session import open_time_between
from market.timeframe import Timeframe

S = TypeVar("S")

LAST_STEP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One price that a condition looks at.

    Attributes:
        at: event time, epoch ms.
        before: the observation before it on this instrument, None for the first.
        before_at: and its instant.
        cause: "level" where the price stands still and the level moved.
        gap: the observation before it is too old or too far away.
        window: (open, close) time of the bar it was read from, None for a tick.
        step: place on the path through that bar: 0 the open, then the extremes,
            `LAST_STEP` the close. It orders what happens at one instant.
    """

    at: int
    price: float
    before: float | None = None
    before_at: int | None = None
    cause: Cause = "price"
    gap: bool = False
    window: tuple[int, int] | None = None
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What surrounds an observation.

    Attributes:
        level: the rule's level now; None for a condition that has none.
        atr: average true range (14 days), None while warming.
        history: recent observations, the present one included.
    """

    instrument: Instrument
    level: LevelValue | None
    atr: float | None
    history: History

    def offset(
        self, base: Price, distance: Distance, sign: int, atr: float | None = None
    ) -> Price:
        """The price `distance` above (+1) or below (-1) a base price.

        Args:
            atr: in place of the present one, where a distance in ATR is frozen.
        """
        atr = self.atr if atr is None else atr
        return from_level(base, distance, sign, pip=self.instrument.pip, atr=atr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One event that a condition saw. See Trigger for the fields."""

    event: str
    direction: Direction | None
    at: int
    price: float
    level: float | None = None
    reference: float | None = None
    reference_at: int | None = None
    cause: Cause = "price"
    gap: bool = False
    initial: bool = False
    window: tuple[int, int] | None = None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """The next state, what fired, and why (or why not)."""

    state: S
    reason: Reason
    firings: tuple[Firing, ...] = ()
    detail: str = ""


class Condition(ABC, Generic[S]):
    """A machine over one rule's observations; S is its frozen state."""

    timeframes: tuple[Timeframe, ...] = ()
    """Closing bars of these are shown to `close`."""
    horizon: int = 0
    """Milliseconds of history that must be kept for it."""
    needs_atr: bool = False

    @abstractmethod
    def start(self) -> S:
        """The state of a rule that has seen nothing."""

    @abstractmethod
    def see(self, state: S, seen: Seen, scene: Scene) -> Outcome[S]:
        """Take one price."""

    def close(self, state: S, bar: Bar, seen: Seen, scene: Scene) -> Outcome[S]:
        """Take the close of a bar of one of `timeframes`.

        Args:
            seen: the close as an observation at the bar's close time.
        """
        del bar, seen, scene
        return Outcome(state, Reason.NOT_MET)

    def advance(self, state: S, at: int, seen: Seen, scene: Scene) -> Outcome[S]:
        """Learn that there is nothing more to see up to and including `at`.

        Args:
            seen: the latest price, seen before.
        """
        del at, seen, scene
        return Outcome(state, Reason.NOT_MET)

    def read(self, state: S, bar: Bar, first: Seen, scene: Scene) -> Outcome[S]:
        """Take a recorded bar in which nobody saw the ticks.

        Args:
            first: its open as an observation, with what came before it.
        """
        outcome = Outcome(state, Reason.NOT_MET)
        for seen in shortest_path(bar, first):
            outcome = then(outcome, self.see(outcome.state, seen, scene))
        return outcome

    def band(self, state: S, scene: Scene) -> Band:
        """The prices and the time for which the answer stays what it is."""
        del state, scene
        return ALWAYS

    def dump(self, state: S) -> object:
        """The state as JSON-able data."""
        return dump(state)

    def load(self, data: object) -> S:
        """The state that `dump` wrote."""
        return cast("S", load(self.start(), data))


def then(first: Outcome[S], second: Outcome[S]) -> Outcome[S]:
    """Both outcomes in order: the later state and reason, all firings."""
    return replace(second, firings=first.firings + second.firings)


def dump(state: object) -> object:
    """Field values of a frozen state, nested states as nested lists."""
    if is_dataclass(state):
        return [dump(getattr(state, field.name)) for field in fields(state)]
    if isinstance(state, tuple):
        return [dump(part) for part in state]
    return state


def load(start: object, data: object) -> object:
    """The state that `dump` wrote; `start` gives the shape.

    Raises:
        ValueError: the data has another shape: it was written by other code.
    """
    if not isinstance(data, list):
        return data
    if is_dataclass(start) and not isinstance(start, type):
        shapes = [getattr(start, field.name) for field in fields(start)]
        return type(start)(*(load(s, d) for s, d in zip(shapes, data, strict=True)))
    shape = start if isinstance(start, tuple) else (None,) * len(data)
    return tuple(load(s, part) for s, part in zip(shape, data, strict=True))


def shortest_path(bar: Bar, first: Seen) -> tuple[Seen, ...]:
    """Open, both extremes, close: the nearer way round (semantics of recorded bars).

    A falling bar is read open, high, low, close; a rising one open, low, high,
    close; a flat one visits the nearer extreme first. Repeated prices are one visit.
    """
    extremes = (bar.low, bar.high) if _low_first(bar) else (bar.high, bar.low)
    return visits(bar, first, *extremes)


def _low_first(bar: Bar) -> bool:
    if bar.close == bar.open:
        return bar.open - bar.low < bar.high - bar.open
    return bar.close > bar.open


def extreme_step(bar: Bar, price: float) -> int:
    """The place on the bar's shortest path of its low, its high or another price."""
    if price == bar.low:
        return 1 if _low_first(bar) else 2
    return 2 if _low_first(bar) and price == bar.high else 1


def visits(bar: Bar, first: Seen, *prices: float) -> tuple[Seen, ...]:
    """The open, then these prices, then the close, as observations."""
    path = [first]
    steps = [*(extreme_step(bar, price) for price in prices), LAST_STEP]
    for step, price in zip(steps, (*prices, bar.close), strict=True):
        last = path[-1]
        if price == last.price and price != bar.close:
            continue
        path.append(
            Seen(
                at=bar.close_time,
                price=price,
                before=last.price,
                before_at=last.at,
                window=(bar.open_time, bar.close_time),
                step=step,
            )
        )
    return tuple(path)


def direction(sign: int) -> Literal["up", "down"]:
    """The word for a sign."""
    return "up" if sign > 0 else "down"


def earlier(seen: Seen) -> Seen:
    """The observation before this one, as far as a message needs it."""
    price = seen.price if seen.before is None else seen.before
    at = seen.at if seen.before_at is None else seen.before_at
    return replace(seen, at=at, price=price, cause="price", gap=False)


def is_stale(last_at: int, due: int, scene: Scene) -> bool:
    """Whether the observation before `due` is too old to vouch for that moment."""
    instrument = scene.instrument
    return open_time_between(instrument.session, last_at, due) > instrument.stale_after
