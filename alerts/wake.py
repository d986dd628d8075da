"""Who must be asked: quiet bands of many rules, found in constant time when quiet."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from math import inf

from alerts.band import NEVER, Band

_Entry = tuple[float, int, str]
_SLACK = 64
"""Entries that no longer count may be as many as the bands, and these, in each heap."""


class WakeIndex:
    """The nearest edges above, below and in time of all quiet bands.

    Three heaps with lazy deletion: an entry counts only while it bears the stamp of
    its rule's present band. A tick inside all bands costs three comparisons.
    """

    __slots__ = (
        "_bands",
        "_lower",
        "_stamp",
        "_until",
        "_upper",
        "high",
        "low",
        "until",
    )

    def __init__(self) -> None:
        self._bands: dict[str, int] = {}
        self._upper: list[_Entry] = []
        self._lower: list[_Entry] = []
        self._until: list[_Entry] = []
        self._stamp = 0
        self.low, self.high, self.until = -inf, inf, NEVER

    def put(self, rule: str, band: Band) -> None:
        """Set a rule's band, in place of any earlier one."""
        self._stamp += 1
        self._bands[rule] = self._stamp
        if band.high < inf:
            self._push(self._upper, band.high, rule)
            self.high = min(self.high, band.high)
        if band.low > -inf:
            self._push(self._lower, -band.low, rule)
            self.low = max(self.low, band.low)
        if band.until < NEVER:
            self._push(self._until, band.until, rule)
            self.until = min(self.until, band.until)

    def remove(self, rule: str) -> None:
        """Forget a rule; its heap entries fall out when they surface."""
        self._bands.pop(rule, None)

    @property
    def entries(self) -> int:
        """Entries in all heaps, those that no longer count included."""
        return len(self._upper) + len(self._lower) + len(self._until)

    def wake(self, low: float, high: float, at: int) -> list[str]:
        """Take out every rule whose band does not contain low..high at this time.

        The caller asks each of them and puts its new band.
        """
        if self.low < low and high < self.high and at < self.until:
            return []
        woken = [
            *self._leave(self._upper, high),
            *self._leave(self._lower, -low),
            *self._leave(self._until, at),
        ]
        self.high = self._head(self._upper, inf)
        self.low = -self._head(self._lower, inf)
        self.until = int(self._head(self._until, NEVER))
        return woken

    def _push(self, heap: list[_Entry], edge: float, rule: str) -> None:
        if len(heap) > 2 * len(self._bands) + _SLACK:
            # A band that is left on one side leaves its other edge behind, often far
            # from any price: it would lie here for as long as the process runs.
            heap[:] = [entry for entry in heap if self._counts(entry)]
            heapify(heap)
        heappush(heap, (edge, self._stamp, rule))

    def _counts(self, entry: _Entry) -> bool:
        _, stamp, rule = entry
        return self._bands.get(rule) == stamp

    def _leave(self, heap: list[_Entry], edge: float) -> Iterable[str]:
        bands = self._bands
        while heap and heap[0][0] <= edge:
            _, stamp, rule = heappop(heap)
            if bands.get(rule) == stamp:
                del bands[rule]
                yield rule

    def _head(self, heap: list[_Entry], nothing: float) -> float:
        while heap and not self._counts(heap[0]):
            heappop(heap)
        return heap[0][0] if heap else nothing
