"""Distances as traders write them: "0.5%", "10pips", "0.002", "0.25atr"."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

Price = Decimal | float
"""A Decimal is exact (a number from the config); a float was computed."""

_FORM = re.compile(r"\s*([0-9.]+(?:[eE][+-]?\d+)?)\s*(%|pips?|atr)?\s*")
_EXPECTED = 'write "0.5%", "10pips", "0.25atr" or a plain number in price units'


class Unit(StrEnum):
    """What a distance is counted in."""

    PRICE = ""
    PERCENT = "%"
    PIPS = "pips"
    ATR = "atr"


@dataclass(frozen=True, slots=True)
class Distance:
    """A non-negative length on the price axis.

    Attributes:
        unit: PERCENT is of the level it is measured from, never of the price.
    """

    amount: Decimal
    unit: Unit = Unit.PRICE

    def __str__(self) -> str:
        number = format(self.amount.normalize(), "f") if self.amount else "0"
        return f"{number}{self.unit.value}"

    def __bool__(self) -> bool:
        return self.amount != 0

    @classmethod
    def parse(cls, value: object) -> "Distance":
        """Read a distance from the config.

        Raises:
            ValueError: with the forms that are understood.
        """
        if isinstance(value, Distance):
            return value
        if isinstance(value, bool) or not isinstance(
            value, str | int | float | Decimal
        ):
            # pydantic turns a ValueError into a problem of the configuration.
            raise ValueError(f"{value!r} is not a distance; {_EXPECTED}")  # noqa: TRY004
        match = _FORM.fullmatch(str(value))
        try:
            amount = Decimal(match[1]) if match else None
        except InvalidOperation:
            amount = None
        if match is None or amount is None:
            raise ValueError(f'"{value}" is not a distance; {_EXPECTED}')
        word = (match[2] or "").lower()
        return cls(amount, Unit.PIPS if word.startswith("pip") else Unit(word))

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            json_schema_input_schema=core_schema.union_schema(
                [core_schema.str_schema(), core_schema.float_schema(ge=0)]
            ),
            serialization=core_schema.to_string_ser_schema(),
        )


NOTHING = Distance(Decimal(0))


def from_level(
    level: Price,
    distance: Distance,
    sign: int,
    *,
    pip: Decimal | None,
    atr: float | None,
) -> Price:
    """The price that lies `distance` above (sign +1) or below (-1) a level.

    Exact where the level is exact and the distance is not in ATR: the sum is formed
    in decimal arithmetic, so 640 + 0.25 % is 641.6 and not its neighbour.

    Args:
        pip: one pip in price units; needed for a distance in pips only.
        atr: average true range in price units; needed for a distance in ATR only.

    Raises:
        ValueError: the unit has no meaning here (pips on crypto) or no value yet.
    """
    if not distance:
        return level
    match distance.unit:
        case Unit.ATR:
            if atr is None:
                raise ValueError(f"{distance} has no value yet: the ATR is warming up")
            return float(level) + sign * float(distance.amount) * atr
        case Unit.PERCENT:
            factor = 1 + sign * distance.amount / 100
            if isinstance(level, Decimal):
                return level * factor
            return level * float(factor)
        case Unit.PIPS:
            if pip is None:
                raise ValueError(f'"{distance}": pips are for session = "fx" only')
            return _add(level, sign * distance.amount * pip)
        case Unit.PRICE:
            return _add(level, sign * distance.amount)


def _add(level: Price, offset: Decimal) -> Price:
    return level + offset if isinstance(level, Decimal) else level + float(offset)
