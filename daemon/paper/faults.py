"""Everything that a venue can do to us, on demand."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One way of answering wrongly."""

    HTML = "html"
    """200 and the page of a content network."""
    EMPTY = "empty"
    """200 and nothing."""
    TRUNCATED = "truncated"
    """200 and half of the JSON, with a length that fits."""
    CUT = "cut"
    """200 and half of the JSON, then the connection is gone."""
    STATUS = "status"
    """An HTTP error."""
    ERROR = "error"
    """200 and an entry in Kraken's `error` list."""
    HANG = "hang"
    """Nothing, for ever."""
    DRIP = "drip"
    """One byte after the other, slowly."""
    HUGE = "huge"
    """Far more bytes than anybody asked for."""
    BOMB = "bomb"
    """The same, compressed to next to nothing."""
    WRONG_PAIR = "wrong_pair"
    """The right prices under another pair's name."""
    MISSING_PAIR = "missing_pair"
    """A result without the first pair."""
    NAN = "nan"
    INFINITE = "infinite"
    ZERO = "zero"
    NEGATIVE = "negative"
    NULL_LAST = "null_last"
    """No last, with an open and averages from which one could be invented."""
    TEXT = "text"
    """A price that is a word."""
    SPIKE = "spike"
    """A hundred times the price, in last, bid and ask."""
    CROSSED = "crossed"
    """bid > ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A fault and when it strikes.

    Attributes:
        times: replies it spoils; None: all, until cleared.
        path: which method, "Ticker"; None: any.
        instrument: of faults of a price: which one; None: every one.
        status, retry_after: of `STATUS`: the code, and the header if any.
        error: of `ERROR`: the text.
        size: of `HUGE` and `BOMB`: bytes.
    """

    fault: Fault
    times: int | None = 1
    path: str | None = "Ticker"
    instrument: str | None = None
    status: int = 500
    retry_after: str | None = None
    error: str = "EService:Unavailable"
    size: int = 80 * 1024 * 1024


class Faults:
    """A queue of injections; each request takes the first that fits it."""

    def __init__(self) -> None:
        self._waiting: deque[Injection] = deque()
        self._left: dict[int, int] = {}
        self.struck = 0

    def inject(self, injection: Injection) -> None:
        """Add a fault at the end of the queue."""
        self._waiting.append(injection)

    def clear(self) -> None:
        """Be an honest exchange again."""
        self._waiting.clear()
        self._left.clear()

    def next_for(self, path: str) -> Injection | None:
        """The fault that strikes this request, used up by one."""
        for injection in self._waiting:
            if injection.path in {None, path}:
                self._use(injection)
                self.struck += 1
                return injection
        return None

    def _use(self, injection: Injection) -> None:
        if injection.times is None:
            return
        left = self._left.get(id(injection), injection.times) - 1
        self._left[id(injection)] = left
        if left <= 0:
            self._waiting.remove(injection)
            del self._left[id(injection)]
