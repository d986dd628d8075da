"""The columns of a recorded file: texts to numbers, or the reason why not.

Every function takes a column of texts and either gives all of its numbers or raises
a ValueError about the first that is none. Never repairs and never guesses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.instant import parse_instant
from market.instrument import Instrument, PriceBasis
from market.tick import middle

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FORMS = (
    "at,instrument,price[,bid,ask] or at,instrument,open,high,low,close[,volume]; "
    "`at` is epoch milliseconds or ISO 8601"
)
BAR_PRICES = ("open", "high", "low", "close")
QUOTE_PRICES = ("price", "bid", "ask")

_KNOWN = ("at", "instrument", *QUOTE_PRICES, *BAR_PRICES, "volume")
_OTHER_NAMES = {"ts_ms": "at"}
_LATEST = 253_370_764_800_000
"""The year 9999: what lies beyond it was counted in micro- or nanoseconds."""
_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Which column holds what.

    Attributes:
        places: the column of each name that is known.
        width: columns in all.
        unknown: names that mean nothing here; their columns are not read.
    """

    places: Mapping[str, int]
    width: int
    unknown: tuple[str, ...]

    @property
    def holds_bars(self) -> bool:
        """Whether the rows are bars; otherwise they are prices."""
        return "open" in self.places


def read_header(names: Sequence[str]) -> Header:
    """Find out what a file holds.

    Raises:
        ValueError: neither prices nor bars, or both.
    """
    places: dict[str, int] = {}
    unknown = []
    for place, name in enumerate(names):
        word = name.strip().casefold()
        word = _OTHER_NAMES.get(word, word)
        if word in places:
            raise ValueError(f'two columns are called "{word}"')
        if word in _KNOWN:
            places[word] = place
        elif word:
            unknown.append(name.strip())
    _check(places, ",".join(names))
    return Header(places=places, width=len(names), unknown=tuple(unknown))


def _check(places: Mapping[str, int], found: str) -> None:
    if "at" not in places:
        raise ValueError(f'no column "at" in {_show(found)}; expected {FORMS}')
    bars = [name for name in BAR_PRICES if name in places]
    if bars and "price" in places:
        raise ValueError(f'both "price" and "{bars[0]}" are columns; expected {FORMS}')
    if bars and len(bars) < len(BAR_PRICES):
        missing = next(name for name in BAR_PRICES if name not in places)
        raise ValueError(f'no column "{missing}" in {_show(found)}; expected {FORMS}')
    if not bars and not any(name in places for name in QUOTE_PRICES):
        raise ValueError(f"no prices in {_show(found)}; expected {FORMS}")


def read_instants(texts: Sequence[str]) -> Integers:
    """Epoch milliseconds, of the same or of ISO 8601; without a zone it is UTC."""
    try:
        instants = list(map(int, texts))
    except ValueError:
        instants = [_read_instant(text) for text in texts]
    for at in (min(instants), max(instants)):
        if not 0 <= at < _LATEST:
            raise ValueError(
                f"at {_show(texts[instants.index(at)])} is not between 1970 and 9999; "
                "expected epoch milliseconds or ISO 8601"
            )
    return np.array(instants, dtype=np.int64)


def _read_instant(text: str) -> int:
    try:
        return parse_instant(text)
    except (ValueError, OverflowError) as exc:
        raise ValueError(
            f"at {_show(text)} is no time; expected epoch milliseconds "
            "or ISO 8601 (2025-05-17T01:05:00Z)"
        ) from exc


def read_prices(texts: Sequence[str], column: str, *, optional: bool = False) -> Floats:
    """Prices: finite and above zero; NaN for an empty text that may be empty."""
    try:
        values = np.array(list(map(float, texts)))
    except ValueError:
        return np.array([_read_price(text, column, optional) for text in texts])
    fine = (values > 0) & np.isfinite(values)
    if not fine.all():
        raise ValueError(_no_price(texts[int(np.argmin(fine))], column))
    return values


def _read_price(text: str, column: str, optional: bool) -> float:  # noqa: FBT001
    if optional and not text.strip():
        return np.nan
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not 0 < value < np.inf:
        raise ValueError(_no_price(text, column))
    return value


def _no_price(text: str, column: str) -> str:
    return f"{column} {_show(text)} is no price; expected a number above 0"


def read_volumes(texts: Sequence[str]) -> Floats:
    """Volumes: finite and not negative; zero for an empty text."""
    try:
        values = np.array(list(map(float, texts)))
    except ValueError:
        values = np.array([_read_volume(text) for text in texts])
    fine = (values >= 0) & np.isfinite(values)
    if not fine.all():
        wrong = texts[int(np.argmin(fine))]
        raise ValueError(
            f"volume {_show(wrong)} is no amount; expected a number, or nothing"
        )
    return values


def _read_volume(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return np.nan if text.strip() else 0.0


def check_bars(prices: Floats) -> None:
    """Refuse bars whose open, high, low, close (one row each) contradict each other."""
    opened, high, low, close = prices
    if (crossed := high < low).any():
        place = int(np.argmax(crossed))
        raise ValueError(
            f"high {float(high[place])!r} is below low {float(low[place])!r}"
        )
    for what, value in (("open", opened), ("close", close)):
        if (outside := (value < low) | (value > high)).any():
            place = int(np.argmax(outside))
            raise ValueError(
                f"{what} {float(value[place])!r} lies outside "
                f"low {float(low[place])!r} to high {float(high[place])!r}"
            )


def choose_prices(
    quotes: Floats, numbers: Integers, instruments: Sequence[Instrument]
) -> Floats:
    """The price that each instrument's configuration asks for.

    Args:
        quotes: price, bid and ask, a row each; NaN where there is none.
        numbers: which of the instruments each column is about.

    Returns:
        `mid`, `bid` and `ask` where the quote has them, else `price`.
    """
    last, bid, ask = quotes
    chosen: Floats = last.copy()
    for number in map(int, np.unique(numbers)):
        instrument = instruments[number]
        own = numbers == number
        match instrument.price:
            case PriceBasis.BID:
                chosen = np.where(own & ~np.isnan(bid), bid, chosen)
            case PriceBasis.ASK:
                chosen = np.where(own & ~np.isnan(ask), ask, chosen)
            case PriceBasis.MID:
                for place in np.flatnonzero(own & ~np.isnan(bid) & ~np.isnan(ask)):
                    chosen[place] = middle(float(bid[place]), float(ask[place]))
        if (missing := own & np.isnan(chosen)).any():
            first = int(np.argmax(missing))
            quoted = not np.isnan(bid[first]) or not np.isnan(ask[first])
            raise ValueError(_no_choice(instrument, quoted=quoted))
    return chosen


def _no_choice(instrument: Instrument, *, quoted: bool) -> str:
    found = f"no {instrument.price.value} price"
    if instrument.price is PriceBasis.LAST:
        how = f'; for bid and ask configure [instruments."{instrument.name}"] price'
        return f'{found}{how} = "mid"' if quoted else found
    return f"{found}, and no last price to stand in for it"


def _show(text: str) -> str:
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return '"' + "".join(c if c.isprintable() else "�" for c in short) + '"'
