"""What the paper exchange lists, named as Kraken names it."""

from dataclasses import dataclass

from market.instrument import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One listed pair.

    Attributes:
        instrument: as ccxt and the configuration call it, "XMR/USD".
        venue_id: key of the replies, "XXMRZUSD".
        base, quote: Kraken's asset ids, "XXMR" and "ZUSD".
        decimals: digits after the point; prices are whole numbers of 10^-decimals.
        half_spread: increments between the price and each side of the book.
        minute_volume: base units that an average minute trades.
        status: "online", or why it does not trade ("cancel_only").
    """

    instrument: str
    venue_id: str
    altname: str
    wsname: str
    base: str
    quote: str
    decimals: int
    half_spread: int = 1
    minute_volume: float = 1.0
    session: Session = Session.CRYPTO
    status: str = "online"

    def render(self, increments: int) -> str:
        """The wire text of a price: 64010 at two decimals is "640.10"."""
        sign = "-" if increments < 0 else ""
        whole, part = divmod(abs(increments), 10**self.decimals)
        return f"{sign}{whole}.{part:0{self.decimals}d}"

    def increments(self, price: float) -> int:
        """The nearest whole number of increments."""
        return round(price * 10.0**self.decimals)


XMR_USD = Pair(
    instrument="XMR/USD",
    venue_id="XXMRZUSD",
    altname="XMRUSD",
    wsname="XMR/USD",
    base="XXMR",
    quote="ZUSD",
    decimals=2,
    half_spread=5,
    minute_volume=4.0,
)
BNB_USD = Pair(
    instrument="BNB/USD",
    venue_id="BNBUSD",
    altname="BNBUSD",
    wsname="BNB/USD",
    base="BNB",
    quote="ZUSD",
    decimals=2,
    half_spread=5,
    minute_volume=2.0,
)
DOGE_USD = Pair(
    instrument="DOGE/USD",
    venue_id="XDGUSD",
    altname="XDGUSD",
    wsname="XDG/USD",
    base="XXDG",
    quote="ZUSD",
    decimals=5,
    half_spread=1,
    minute_volume=9000.0,
)
EUR_USD = Pair(
    instrument="EUR/USD",
    venue_id="ZEURZUSD",
    altname="EURUSD",
    wsname="EUR/USD",
    base="ZEUR",
    quote="ZUSD",
    decimals=5,
    half_spread=1,
    minute_volume=3000.0,
    session=Session.FX,
)
PAIRS = (XMR_USD, BNB_USD, DOGE_USD, EUR_USD)

ASSET_NAMES = {
    "XXMR": "XMR",
    "BNB": "BNB",
    "XXDG": "XDG",
    "ZEUR": "EUR",
    "ZUSD": "USD",
}
"""Kraken's short names; an asset that is not here is called by its id."""
