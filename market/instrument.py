"""An instrument: what is watched, on which sources, in which trading week."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from market.instant import MINUTE


class Session(StrEnum):
    """The trading week that days, weeks and durations are counted in."""

    CRYPTO = "crypto"
    """Always open; UTC days, weeks from Monday."""
    FX = "fx"
    """Sunday 17:00 to Friday 17:00 New York; days of 17:00 New York."""


class PriceBasis(StrEnum):
    """Which of a quote's numbers is *the* price."""

    LAST = "last"
    MID = "mid"
    BID = "bid"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One watched price.

    Attributes:
        name: base and quote as ccxt writes them, "EUR/USD".
        sources: names of configured sources, in order of preference.
        stale_after: milliseconds of open-market time after which a price is old.
    """

    name: str
    sources: tuple[str, ...] = ()
    session: Session = Session.CRYPTO
    price: PriceBasis = PriceBasis.LAST
    stale_after: int = MINUTE

    @property
    def pip(self) -> Decimal | None:
        """One pip in price units; None where the word has no meaning."""
        if self.session is not Session.FX:
            return None
        return Decimal("0.01") if self.name.endswith("/JPY") else Decimal("0.0001")
