"""A quote is what a venue said; a tick is a price that we accepted."""

from dataclasses import dataclass
from decimal import Decimal

from market.instrument import PriceBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One reply of one source about one instrument, parsed but not yet believed.

    Attributes:
        at: the venue's own time, epoch ms; None where it gives none (Kraken).
        received_at: when we had it, epoch ms.
        active: False where the venue says that the market is not trading.
    """

    instrument: str
    source: str
    received_at: int
    at: int | None = None
    last: float | None = None
    bid: float | None = None
    ask: float | None = None
    active: bool = True

    def price(self, basis: PriceBasis) -> float | None:
        """The number that the basis names; `mid` needs both sides."""
        match basis:
            case PriceBasis.LAST:
                return self.last
            case PriceBasis.BID:
                return self.bid
            case PriceBasis.ASK:
                return self.ask
            case PriceBasis.MID:
                if self.bid is None or self.ask is None:
                    return None
                return middle(self.bid, self.ask)


def middle(bid: float, ask: float) -> float:
    """The price half way: decimal arithmetic, rounded once.

    Between 1.1199 and 1.1201 lies 1.12 and not its neighbour, which would be above
    a level of 1.12.
    """
    return float((Decimal(repr(bid)) + Decimal(repr(ask))) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """An accepted price: finite, positive, in order.

    Attributes:
        at: event time, epoch ms: the venue's, else the receipt.
        seq: orders ticks within one millisecond, from 0.
    """

    instrument: str
    at: int
    price: float
    source: str
    received_at: int
    seq: int = 0
    last: float | None = None
    bid: float | None = None
    ask: float | None = None
