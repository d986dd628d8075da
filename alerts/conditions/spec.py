"""What every condition's table in the config has in common."""

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from alerts.conditions.condition import Condition
from alerts.confirmation import FIRST_BREACH, ConfirmationField
from alerts.distance import Distance, Unit
from alerts.levels import LEVEL_KINDS
from alerts.levels.fixed import PriceSpec
from alerts.levels.level import LevelSpec
from market.fields import Duration

DirectionField = Literal["up", "down", "any"]


def signs(direction: DirectionField) -> tuple[int, ...]:
    """+1 for up, -1 for down, both for any."""
    return {"up": (1,), "down": (-1,), "any": (1, -1)}[direction]


def _level(value: object) -> LevelSpec | str:
    """A number, the id of a level, an edge ("id.upper") or an inline table."""
    if isinstance(value, LevelSpec):
        return value
    if isinstance(value, dict):
        kind = value.get("kind", "price")
        model = LEVEL_KINDS.get(kind)
        if model is None:
            known = ", ".join(LEVEL_KINDS)
            raise ValueError(f'"{kind}" is not a kind of level; there are {known}')
        return model.model_validate(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        # pydantic turns a ValueError into a problem of the configuration.
        raise ValueError(  # noqa: TRY004
            f"{value!r} is not a level; write a price or a level's id"
        )
    if isinstance(value, str):
        try:
            number = Decimal(value)
        except ArithmeticError:
            return value
    else:
        number = Decimal(str(value))
    if not number.is_finite() or number <= 0:
        raise ValueError(f"{value} is not a price; prices are above zero")
    return PriceSpec(price=number)


LevelField = Annotated[
    LevelSpec | str,
    BeforeValidator(_level),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number"}, {"type": "string"}, {"type": "object"}],
            "description": 'a price, a level\'s id, an edge ("id.upper") or a table',
        }
    ),
]
"""A level as a rule names it; a string is an id, resolved with the whole config."""


class ConditionSpec(BaseModel, ABC):
    """A condition as the user wrote it: the `when` of a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def distances(self) -> tuple[Distance, ...]:
        """Every distance that it was given, to check their units."""
        values = [getattr(self, name) for name in type(self).model_fields]
        return tuple(value for value in values if isinstance(value, Distance))

    @property
    def waits_for_atr(self) -> bool:
        """Whether a distance in ATR keeps it from starting before there is one."""
        return any(distance.unit is Unit.ATR for distance in self.distances)

    @abstractmethod
    def build(self) -> Condition[Any]:
        """The machine; whether its level exists is the rule's business."""


class LevelCondition(ConditionSpec):
    """A condition about one level."""

    level: LevelField


class BreachCondition(LevelCondition):
    """A condition about going beyond a level, with its filters."""

    buffer: Distance = Field(default=Distance(Decimal(0)))
    """How far beyond the level counts."""
    hold: Duration = 0
    """How long it must stay beyond."""
    confirm: ConfirmationField = FIRST_BREACH
    """"ticks:3", "close:1h", "closes:2:1d" or a list of these."""

    @model_validator(mode="after")
    def _buffer_is_absolute_enough(self) -> "BreachCondition":
        if self.buffer.unit is Unit.PERCENT and self.buffer.amount >= 100:  # noqa: PLR2004
            raise ValueError(f"a buffer of {self.buffer} leaves no price to break")
        return self
