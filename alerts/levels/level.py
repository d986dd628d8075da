"""What every level kind answers: a price or a zone, now or not yet."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from alerts.distance import Price
from market.series import Book
from market.timeframe import Timeframe


@dataclass(frozen=True, slots=True)
class LevelValue:
    """A level at one moment: a zone low..high; a single price has low = high.

    Decimal edges are exact, float edges were computed and carry the dead-band.
    """

    low: Price
    high: Price

    @property
    def exact(self) -> bool:
        """Whether the level never moves."""
        return not isinstance(self.low, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """History that a level cannot do without: `bars` closed bars of a timeframe."""

    timeframe: Timeframe
    bars: int


class Level(Protocol):
    """A level bound to one instrument's book."""

    @property
    def value(self) -> LevelValue | None:
        """The level now; None while it does not exist."""
        ...

    @property
    def progress(self) -> tuple[int, int]:
        """Closed bars at hand and needed; equal where nothing is missing."""
        ...


class LevelSpec(BaseModel, ABC):
    """A level as the user wrote it, a [levels.*] table or inline in a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instrument: str | None = None
    """Required in [levels.*]; an inline level belongs to its rule's instrument."""

    @property
    def kind_name(self) -> str:
        """What an inline level is called in messages: "sma(200, 4h)"."""
        kind = str(getattr(self, "kind", "level"))
        fields = type(self).model_fields
        values = [
            str(getattr(self, name))
            for name in fields
            if name not in ("kind", "instrument") and getattr(self, name) is not None
        ]
        return f"{kind}({', '.join(values)})"

    @property
    def needs(self) -> tuple[Need, ...]:
        """What must be loaded before it has a value."""
        return ()

    @abstractmethod
    def bind(self, book: Book) -> Level:
        """The level on this book; from now on the book feeds it."""
