"""Levels that never move: one price, or a zone between two."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from alerts.levels.level import Level, LevelSpec, LevelValue
from market.series import Book

PositivePrice = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class FixedLevel:
    """A level that is what it is."""

    value: LevelValue
    progress: tuple[int, int] = (0, 0)


class PriceSpec(LevelSpec):
    """One price."""

    kind: Literal["price"] = "price"
    price: PositivePrice

    def bind(self, book: Book) -> Level:
        """The level; the book is not needed."""
        del book
        return FixedLevel(LevelValue(self.price, self.price))


class ZoneSpec(LevelSpec):
    """A zone between two prices; its edges belong to it."""

    kind: Literal["zone"] = "zone"
    low: PositivePrice
    high: PositivePrice
    role: Literal["support", "resistance"] | None = None
    """What the zone is taken for; by default the side the price is on tells."""

    @model_validator(mode="after")
    def _ordered(self) -> "ZoneSpec":
        if self.low > self.high:
            raise ValueError(f"low {self.low} lies above high {self.high}")
        return self

    def bind(self, book: Book) -> Level:
        """The level; the book is not needed."""
        del book
        return FixedLevel(LevelValue(self.low, self.high))
