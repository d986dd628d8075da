"""What the daemon asks of every source of prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from market.bar import Bar
from market.errors import UnknownInstrument
from market.screening import Refusal
from market.tick import Quote
from market.timeframe import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one poll brought.

    Attributes:
        quotes: at most one per instrument asked for; parsed, not yet believed.
        refusals: one for each instrument asked for that has no quote.
    """

    quotes: tuple[Quote, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Feed(Protocol):
    """One venue, polled. Every call ends within the source's timeout.

    Raises (all calls that go out): a `FeedError`, classed by what to do; never
    anything else, and never with an address or a secret in its text.
    """

    @property
    def unknown(self) -> Sequence[UnknownInstrument]:
        """Instruments that the venue does not list, as of the last `load`."""
        ...

    async def load(self) -> None:
        """Fetch what the venue lists; again: refresh, the old list stays on failure."""
        ...

    async def fetch_quotes(self) -> Reply:
        """Ask for all instruments of the source at once, where the venue can."""
        ...

    async def fetch_bars(
        self,
        instrument: str,
        timeframe: Timeframe,
        since: int | None = None,
        limit: int | None = None,
    ) -> list[Bar]:
        """The venue's own bars, oldest first, the last one perhaps still forming.

        Args:
            since: epoch ms, the earliest open time wanted; None: the newest page.
            limit: at most so many; a page of the venue may be shorter. Ask again
                with `since` = the last close time for the next page.

        Bars are aligned as the venue aligns them (UTC): ask for an hour or less where
        days begin elsewhere, and build the longer ones.
        """
        ...

    def decimals(self, instrument: str) -> int:
        """Digits after the point at which the venue prices the instrument."""
        ...

    async def close(self) -> None:
        """Release the connections. The feed is not used afterwards."""
        ...
