"""A source as written in the configuration."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from market.feeds.feed import Feed
from market.fields import PositiveDuration
from market.instant import SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a feed is given instead of looking at a clock.

    Attributes:
        now: epoch ms; stamps `received_at`.
        monotonic: seconds that never go back; paces requests.
        sleep: waits so many seconds.
    """

    now: Callable[[], int]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


class SourceSpec(BaseModel, ABC):
    """What every kind of source has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    """How prices are fetched."""

    every: PositiveDuration = 5 * SECOND
    """Time between polls."""

    @abstractmethod
    def open(
        self, instruments: Sequence[str], *, name: str, surroundings: Surroundings
    ) -> Feed:
        """Build the feed. Nothing goes out before its `load`.

        Args:
            instruments: names as configured, without repeats.
            name: of the source, as configured; stamps every quote.
        """
