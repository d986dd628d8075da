"""Distances where the user gave none: from the ATR, or before it is known in %."""

from decimal import Decimal

from alerts.distance import Distance, Unit
from market.instrument import Instrument, Session

_CRYPTO = {
    "rearm": Distance(Decimal("0.25"), Unit.PERCENT),
    "tolerance": Distance(Decimal("0.05"), Unit.PERCENT),
}
_FX = {
    "rearm": Distance(Decimal(8), Unit.PIPS),
    "tolerance": Distance(Decimal(2), Unit.PIPS),
}
_ATR = {
    "rearm": Distance(Decimal("0.1"), Unit.ATR),
    "tolerance": Distance(Decimal("0.05"), Unit.ATR),
}


def default_distance(name: str, instrument: Instrument, atr: float | None) -> Distance:
    """The default of "rearm" or "tolerance".

    Args:
        atr: as it was when the state was entered that the distance belongs to.
    """
    if atr is not None:
        return _ATR[name]
    return (_FX if instrument.session is Session.FX else _CRYPTO)[name]
