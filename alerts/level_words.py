"""Levels, distances and durations as a trader says them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from alerts.distance import Distance, Unit, from_level
from alerts.levels.fixed import PriceSpec, ZoneSpec
from alerts.levels.level import LevelSpec
from alerts.levels.moving import EmaSpec, SmaSpec
from market.instant import DAY, HOUR, MINUTE, SECOND, render_duration
from market.instrument import Instrument, Session

_EIGHT_DIGITS = Context(prec=8)
_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))


@dataclass(frozen=True, slots=True)
class Place:
    """A level in words.

    Attributes:
        text: "637", "the zone bnb-640 (637 to 643)".
        low: its price, or its lower edge; None where it moves.
        high: its price, or its upper edge.
    """

    text: str
    low: Decimal | None = None
    high: Decimal | None = None

    def edge(self, sign: int) -> Decimal | None:
        """The edge that a move upwards (+1) or downwards (-1) has to break."""
        return self.high if sign > 0 else self.low


def say_level(level: LevelSpec | str, levels: Mapping[str, LevelSpec]) -> Place:
    """The level that a rule names.

    Args:
        levels: the configured ones by name; a name that is not among them is said
            as it stands.
    """
    if not isinstance(level, str):
        return _say_spec(level, "")
    name, _, edge = level.partition(".")
    spec = levels.get(name)
    if spec is None:
        return Place(level)
    if edge and isinstance(spec, ZoneSpec):
        price = spec.high if edge == "upper" else spec.low
        return Place(f"the {edge} edge of {name} ({price:f})", price, price)
    return Place(f"the {edge} edge of {name}") if edge else _say_spec(spec, name)


def _say_spec(spec: LevelSpec, name: str) -> Place:
    match spec:
        case PriceSpec(price=price):
            text = f"{name} ({price:f})" if name else f"{price:f}"
            return Place(text, price, price)
        case ZoneSpec(low=low, high=high):
            bounds = f"{low:f} to {high:f}"
            text = f"the zone {name} ({bounds})" if name else f"the zone {bounds}"
            return Place(text, low, high)
        case SmaSpec(length=length, timeframe=timeframe):
            return _named(name, f"the average of the last {length} {timeframe} closes")
        case EmaSpec(length=length, timeframe=timeframe):
            average = f"the exponential average of {length} {timeframe} closes"
            return _named(name, average)
    return Place(name or "its level")


def _named(name: str, meaning: str) -> Place:
    return Place(f"{name} ({meaning})" if name else meaning)


def say_distance(distance: Distance) -> str:
    """As in "0.25 %", "10 pips", "0.1 of the average daily range", "3"."""
    amount = f"{distance.amount.normalize():f}"
    match distance.unit:
        case Unit.PERCENT:
            return f"{amount} %"
        case Unit.PIPS:
            return f"{amount} pip" if amount == "1" else f"{amount} pips"
        case Unit.ATR:
            return f"{amount} of the average daily range"
        case Unit.PRICE:
            return amount


def say_threshold(
    level: Decimal | None, distance: Distance, sign: int, instrument: Instrument
) -> str | None:
    """The price at a distance from a level; None where it cannot be told yet."""
    if level is None or distance.unit is Unit.ATR:
        return None
    try:
        price = from_level(level, distance, sign, pip=instrument.pip, atr=None)
    except ValueError:
        return None
    return say_number(Decimal(price))


def say_number(number: Decimal) -> str:
    """A computed price, to eight digits and without idle zeros."""
    short = number.normalize(_EIGHT_DIGITS)
    return f"{short:f}"


def say_duration(duration: int, session: Session = Session.CRYPTO) -> str:
    """As in "1 hour 30 minutes"; where the market closes, which time is meant."""
    if duration % SECOND:
        text = render_duration(duration)
    else:
        text = " ".join(_parts(duration)) or "no time"
    return f"{text} of open market" if session is Session.FX else text


def _parts(duration: int) -> Sequence[str]:
    parts = []
    for size, unit in _UNITS:
        count, duration = divmod(duration, size)
        if count:
            parts.append(f"{count} {unit}" if count == 1 else f"{count} {unit}s")
    return parts


def join(words: Sequence[str], last: str) -> str:
    """As in "phone", "phone and mail", "phone, mail and screen"."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end
