"""Which quotes become ticks, and why the others do not.

Pure: it reads no clock, keeps nothing and never repairs a number.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite, log

from market.instant import MINUTE, SECOND
from market.instrument import Instrument, PriceBasis, Session
from market.session import open_time_between
from market.tick import Quote, Tick

FUTURE_TOLERANCE = 5 * SECOND
"""How far a venue's clock may run ahead of ours before its time is not believed."""

_JUMP_BOUNDS = {Session.CRYPTO: 0.10, Session.FX: 0.01}
"""Largest |ln(p/p')| between two ticks that needs no second witness."""

_WIDE_SPREAD = 5.0
"""Times the median spread of the last hour beyond which a mid is no price."""
_SPREAD_MINUTES = 60
_SPREADS_NEEDED = 10
"""Minutes of spreads without which there is no median to speak of."""


class RefusalReason(StrEnum):
    """Why a quote, or the lack of one, gave no tick. Stored, logged, shown."""

    UNKNOWN_INSTRUMENT = "unknown_instrument"
    """The venue does not list it."""
    MISSING = "missing"
    """Asked for, and not in the reply."""
    WRONG_INSTRUMENT = "wrong_instrument"
    """The reply carries the name of another one."""
    INACTIVE = "inactive"
    """The venue says that the market does not trade."""
    NO_PRICE = "no_price"
    """The number that the instrument's `price` names is absent."""
    NOT_FINITE = "not_finite"
    NOT_POSITIVE = "not_positive"
    CROSSED_QUOTES = "crossed_quotes"
    """bid > ask."""
    LAST_OUTSIDE_QUOTES = "last_outside_quotes"
    """`last` is further from bid and ask than one tick may jump."""
    WIDE_SPREAD = "wide_spread"
    """FX `mid` while the spread is far wider than usual (the 17:00 rollover)."""
    STALE_TIME = "stale_time"
    """The venue's own time is older than the instrument's `stale_after`."""
    OUT_OF_ORDER = "out_of_order"
    """The venue's own time lies before that of a tick already taken."""
    DUPLICATE = "duplicate"
    """The venue's time and the price are those of the tick before."""
    SPIKE = "spike"
    """It jumped, and the next quote did not confirm it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One "no", with its evidence.

    Attributes:
        at: when the reply was received, epoch ms.
        detail: the values found, for people.
    """

    instrument: str
    source: str
    reason: RefusalReason
    at: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What screening remembers about one instrument.

    Attributes:
        previous: the last accepted tick. Hand in the stored one after a restart,
            so that the first quote is measured against it.
        held: a tick in quarantine: it jumped and waits for the next quote.
        spreads: (minute, relative spread), at most one per minute of the last hour,
            oldest first; kept for FX mids only.
    """

    previous: Tick | None = None
    held: Tick | None = None
    spreads: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """The outcome of one quote.

    Attributes:
        ticks: accepted, in order: none, one, or a released spike and its witness.
        refusals: of this quote, of a spike discarded because of it, or none.
        clamped: the venue's time lay in the future; the receipt stands for it.
    """

    screen: Screen
    ticks: tuple[Tick, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    clamped: bool = False


def jump_bound(session: Session) -> float:
    """The |ln(p/p')| beyond which a single tick is quarantined, and is a gap."""
    return _JUMP_BOUNDS[session]


def screen(state: Screen, quote: Quote, instrument: Instrument, now: int) -> Screened:
    """Decide whether a quote becomes a tick.

    A quote whose venue gives no time is ordered by its receipt and is never a
    duplicate: the same price again says that the venue still stands by it. One that
    jumps by more than `jump_bound` is held; it is released, in order, if the next
    quote lies within half the bound of it, else refused as a spike. So a genuine
    move comes one quote late and a false one never.

    Args:
        state: as left by the previous quote of the same instrument.
        now: epoch ms; a venue's time is stale or not as seen from here.
    """
    price = quote.price(instrument.price)
    found = _implausible(quote, price, instrument)
    if found is not None or price is None:
        return _refused(state, quote, *(found or (RefusalReason.NO_PRICE, "")))
    if _wants_spreads(instrument) and quote.bid and quote.ask:
        spread = (quote.ask - quote.bid) / price
        if _too_wide(state.spreads, spread):
            detail = f"bid {quote.bid!r}, ask {quote.ask!r}"
            return _refused(state, quote, RefusalReason.WIDE_SPREAD, detail)
        state = _remember_spread(state, quote.received_at, spread)
    return _order(state, quote, price, instrument, now)


def _refused(
    state: Screen, quote: Quote, reason: RefusalReason, detail: str
) -> Screened:
    return Screened(screen=state, refusals=(refuse(quote, reason, detail),))


def refuse(quote: Quote, reason: RefusalReason, detail: str = "") -> Refusal:
    """The refusal of one quote."""
    return Refusal(
        instrument=quote.instrument,
        source=quote.source,
        reason=reason,
        at=quote.received_at,
        detail=detail,
    )


def _implausible(
    quote: Quote, price: float | None, instrument: Instrument
) -> tuple[RefusalReason, str] | None:
    """What is wrong with the quote's own numbers, whatever came before."""
    if not quote.active:
        return RefusalReason.INACTIVE, "the venue says that it does not trade"
    last, bid, ask = quote.last, quote.bid, quote.ask
    for name, value in (("last", last), ("bid", bid), ("ask", ask)):
        if value is not None and not isfinite(value):
            return RefusalReason.NOT_FINITE, f"{name} was {value!r}"
    if price is None:
        return RefusalReason.NO_PRICE, f"no {instrument.price.value}"
    # An empty side of the book is sent as zero or not at all: no price, but no lie.
    if (
        price <= 0
        or (bid or 0) < 0
        or (ask or 0) < 0
        or (instrument.price is PriceBasis.MID and not (bid and ask))
    ):
        return RefusalReason.NOT_POSITIVE, f"last {last!r}, bid {bid!r}, ask {ask!r}"
    if not isfinite(price):
        return RefusalReason.NOT_FINITE, f"{instrument.price.value} was {price!r}"
    if bid and ask and bid > ask:
        return RefusalReason.CROSSED_QUOTES, f"bid {bid!r} > ask {ask!r}"
    if instrument.price is PriceBasis.LAST:
        return _last_outside(price, bid, ask, jump_bound(instrument.session))
    return None


def _last_outside(
    last: float, bid: float | None, ask: float | None, bound: float
) -> tuple[RefusalReason, str] | None:
    """A last trade may be old, but not off the book by more than a tick may jump.

    Gemini's v2 ticker once gave a last 2,800 dollars off its own bid and ask
    (ccxt issue 28077), and a mis-trade stays `last` until somebody trades again.
    """
    if (bid and last < bid * (1 - bound)) or (ask and last > ask * (1 + bound)):
        return (
            RefusalReason.LAST_OUTSIDE_QUOTES,
            f"last {last!r}, bid {bid!r}, ask {ask!r}",
        )
    return None


def _wants_spreads(instrument: Instrument) -> bool:
    return instrument.session is Session.FX and instrument.price is PriceBasis.MID


def _too_wide(spreads: tuple[tuple[int, float], ...], spread: float) -> bool:
    if len(spreads) < _SPREADS_NEEDED:
        return False
    ordered = sorted(value for _, value in spreads)
    return spread > _WIDE_SPREAD * ordered[len(ordered) // 2]


def _remember_spread(state: Screen, at: int, spread: float) -> Screen:
    minute = at // MINUTE
    if state.spreads and state.spreads[-1][0] >= minute:
        return state
    recent = tuple(s for s in state.spreads if s[0] > minute - _SPREAD_MINUTES)
    return replace(state, spreads=(*recent, (minute, spread)))


def _order(
    state: Screen, quote: Quote, price: float, instrument: Instrument, now: int
) -> Screened:
    before = state.held or state.previous
    at, clamped = quote.at, False
    if at is not None and at > quote.received_at + FUTURE_TOLERANCE:
        at, clamped = None, True
    if at is None:
        # Receipts are in order by nature; a wall clock that was set back is not.
        at = quote.received_at if before is None else max(quote.received_at, before.at)
    else:
        reason = _untimely(at, price, before, instrument, now)
        if reason is not None:
            detail = f"venue time {at}, price {price!r}"
            return _refused(state, quote, reason, detail)
    tick = Tick(
        instrument=quote.instrument,
        at=at,
        price=price,
        source=quote.source,
        received_at=quote.received_at,
        seq=before.seq + 1 if before is not None and before.at == at else 0,
        last=quote.last,
        bid=quote.bid,
        ask=quote.ask,
    )
    return _quarantine(state, tick, jump_bound(instrument.session), clamped=clamped)


def _untimely(
    at: int, price: float, before: Tick | None, instrument: Instrument, now: int
) -> RefusalReason | None:
    if before is not None and at <= before.at:
        if at < before.at:
            return RefusalReason.OUT_OF_ORDER
        if price == before.price:
            return RefusalReason.DUPLICATE
    # The subtraction spares the trading calendar on nearly every tick.
    if now - at > instrument.stale_after and (
        open_time_between(instrument.session, at, now) > instrument.stale_after
    ):
        return RefusalReason.STALE_TIME
    return None


def _quarantine(state: Screen, tick: Tick, bound: float, *, clamped: bool) -> Screened:
    previous, held = state.previous, state.held
    refusals: tuple[Refusal, ...] = ()
    if held is not None:
        if abs(log(tick.price / held.price)) <= bound / 2:
            accepted = replace(state, previous=tick, held=None)
            return Screened(screen=accepted, ticks=(held, tick), clamped=clamped)
        refusals = (_spike(held, previous),)
    if previous is not None and abs(log(tick.price / previous.price)) > bound:
        return Screened(
            screen=replace(state, held=tick), refusals=refusals, clamped=clamped
        )
    accepted = replace(state, previous=tick, held=None)
    return Screened(screen=accepted, ticks=(tick,), refusals=refusals, clamped=clamped)


def _spike(held: Tick, previous: Tick | None) -> Refusal:
    before = "nothing" if previous is None else repr(previous.price)
    return Refusal(
        instrument=held.instrument,
        source=held.source,
        reason=RefusalReason.SPIKE,
        at=held.received_at,
        detail=f"{held.price!r} after {before}, not confirmed by the next quote",
    )
