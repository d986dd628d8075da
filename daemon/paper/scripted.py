"""A market whose every price was written down by somebody."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from daemon.paper.market import Candle
from daemon.paper.pair import PAIRS, Pair


class ScriptedMarket:
    """Prices that hold from one written instant to the next, for tests.

    Serves the same questions as `PlayedMarket`. Prices may be added while it is being
    polled: `tell` is how a test moves the market.
    """

    def __init__(
        self,
        steps: Mapping[str, Sequence[tuple[int, float]]],
        *,
        pairs: Sequence[Pair] = PAIRS,
    ) -> None:
        """Take (epoch ms, price) by instrument, in order, at least one for each."""
        self._pairs = tuple(pair for pair in pairs if pair.instrument in steps)
        listed = {pair.instrument: pair for pair in self._pairs}
        if unlisted := sorted(steps.keys() - listed.keys()):
            raise ValueError(
                f"{unlisted} have no pair, expected some of {list(listed)}"
            )
        self._times: dict[str, list[int]] = {name: [] for name in listed}
        self._prices: dict[str, list[int]] = {name: [] for name in listed}
        for name, path in steps.items():
            for at, price in path:
                self.tell(name, at, price)
            if not path:
                raise ValueError(f"{name} has no price, expected at least one")

    def tell(self, instrument: str, at: int, price: float) -> None:
        """Let a price hold from an instant that is not before the last one."""
        times = self._times[instrument]
        if times and at < times[-1]:
            raise ValueError(
                f"{instrument}: {at} comes after {times[-1]} in the script"
            )
        pair = next(p for p in self._pairs if p.instrument == instrument)
        times.append(at)
        self._prices[instrument].append(pair.increments(price))

    @property
    def pairs(self) -> Sequence[Pair]:
        """Those that have prices."""
        return self._pairs

    @property
    def begins(self) -> int:
        """The first written instant."""
        return min(times[0] for times in self._times.values())

    def price(self, pair: Pair, at: int) -> int:
        """The last price written at or before `at`; before all, the first one."""
        written = bisect_right(self._times[pair.instrument], at)
        return self._prices[pair.instrument][max(0, written - 1)]

    def candle(self, pair: Pair, opened: int, last: int) -> Candle | None:
        """What happened from `opened` to `last`, both included.

        None before the first price. The price that was in force at `opened` is its
        open, as everywhere in this package.
        """
        times = self._times[pair.instrument]
        if last < times[0]:
            return None
        first, end = bisect_left(times, opened), bisect_right(times, last)
        points = [self.price(pair, opened), *self._prices[pair.instrument][first:end]]
        return Candle(
            opened=opened,
            open=points[0],
            high=max(points),
            low=min(points),
            close=points[-1],
            volume=float(end - first),
        )
