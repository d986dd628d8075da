"""One edge of a zone, as a level of its own."""

from dataclasses import dataclass
from typing import Literal

from alerts.levels.level import Level, LevelSpec, LevelValue, Need
from market.series import Book

EDGES = ("upper", "lower")


@dataclass(frozen=True, slots=True)
class EdgeLevel:
    """The edge of a level that moves or not."""

    of: Level
    upper: bool

    @property
    def value(self) -> LevelValue | None:
        """The edge now."""
        value = self.of.value
        if value is None:
            return None
        edge = value.high if self.upper else value.low
        return LevelValue(edge, edge)

    @property
    def progress(self) -> tuple[int, int]:
        """As far as the level itself is."""
        return self.of.progress


class EdgeSpec(LevelSpec):
    """`zone-id.upper` or `zone-id.lower`."""

    kind: Literal["edge"] = "edge"
    of: LevelSpec
    edge: str

    @property
    def needs(self) -> tuple[Need, ...]:
        """What the level itself needs."""
        return self.of.needs

    def bind(self, book: Book) -> Level:
        """The edge on this book."""
        return EdgeLevel(self.of.bind(book), self.edge == "upper")
