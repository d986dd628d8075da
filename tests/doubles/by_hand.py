"""Surroundings whose time is moved by hand: nothing ever waits."""

from market.feeds.source import Surroundings


class ByHand:
    """A wall clock, a monotonic clock and a sleep that only adds up.

    Attributes:
        now: epoch ms.
        monotonic: seconds; a sleep moves it.
        slept: every sleep asked for, in order.
    """

    def __init__(self, now: int, monotonic: float = 1000.0) -> None:
        self.now = now
        self.monotonic = monotonic
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.monotonic += seconds

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            now=lambda: self.now,
            monotonic=lambda: self.monotonic,
            sleep=self.sleep,
        )
