"""One measured number, what it is compared with, and what it was to be."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of ours beside another in the same unit.

    Attributes:
        other: the alternative, measured in the same run; None where there is none.
        against: what the alternative is.
        budget: the most that the ratio ours / other may be; without an alternative,
            the most that `ours` may be; None where nothing was promised.
        at_least: the budget is the least instead of the most.
    """

    name: str
    ours: float
    unit: str
    other: float | None = None
    against: str = ""
    budget: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the other it is; None where there is no other."""
        return None if self.other is None else self.ours / self.other

    @property
    def met(self) -> bool | None:
        """Whether the budget was kept; None where there is none."""
        if self.budget is None:
            return None
        found = self.ours if self.ratio is None else self.ratio
        return found >= self.budget if self.at_least else found <= self.budget

    def to_json(self) -> dict[str, object]:
        """As `--json` prints it."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def render_table(figures: Sequence[Figure]) -> str:
    """All figures, one line each, in columns."""
    head = ("", "ours", "other", "ratio", "budget", "", "compared with")
    rows = [head, *map(_row, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index in {0, 5, 6} else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    ratio, budget = figure.ratio, "–"
    if figure.budget is not None:
        sign = "≥" if figure.at_least else "≤"
        kind = "x" if ratio is not None else f" {figure.unit}"
        budget = f"{sign} {_short(figure.budget)}{kind}"
    return (
        figure.name,
        f"{_short(figure.ours)} {figure.unit}",
        "–" if figure.other is None else f"{_short(figure.other)} {figure.unit}",
        "–" if ratio is None else f"{_short(ratio)}x",
        budget,
        {None: "–", True: "met", False: "MISSED"}[figure.met],
        figure.against,
    )


def _short(value: float) -> str:
    """Three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
