"""Recent observations of one instrument, for windows of any length."""

from bisect import bisect_left, bisect_right


class History:
    """Prices in order of arrival, kept for at least `horizon` milliseconds.

    Instants never decrease. Several prices may share an instant; they are then
    numbered from 0, and (at, number) names one observation for ever.
    """

    __slots__ = ("_at", "_price", "horizon")

    def __init__(self, horizon: int = 0) -> None:
        self.horizon = horizon
        self._at: list[int] = []
        self._price: list[float] = []

    def __len__(self) -> int:
        return len(self._at)

    def append(self, at: int, price: float) -> None:
        """Add the newest observation; old ones go when half of the list is old."""
        if not self.horizon:
            return
        self._at.append(at)
        self._price.append(price)
        if len(self._at) & 1023 == 0:
            self._trim(at - self.horizon)

    def _trim(self, before: int) -> None:
        # The price in force at the horizon's edge must stay.
        cut = bisect_right(self._at, before) - 1
        if cut > len(self._at) // 2:
            del self._at[:cut]
            del self._price[:cut]

    @property
    def last_at(self) -> int | None:
        """The instant of the newest observation."""
        return self._at[-1] if self._at else None

    def number(self) -> int:
        """The newest observation's number within its instant, from 0."""
        return len(self._at) - 1 - bisect_left(self._at, self._at[-1])

    def in_force(self, at: int) -> float | None:
        """The price at an instant: of the last observation not after it."""
        index = bisect_right(self._at, at) - 1
        return self._price[index] if index >= 0 else None

    def extremes(
        self, since: int, after: tuple[int, int] | None = None
    ) -> tuple[tuple[float, int], tuple[float, int]]:
        """Lowest and highest price in the window that opens at `since`.

        The window holds every observation at or after `since`, and the price in
        force at `since`. With `after` = (at, number) it starts at that observation
        at the earliest, itself included.

        Returns:
            ((lowest, its instant), (highest, its instant)); the instant of a price
            carried in is that of its observation.
        """
        start = bisect_left(self._at, since)
        if start == len(self._at) or self._at[start] > since:
            start = max(start - 1, 0)
        if after is not None:
            start = max(start, bisect_left(self._at, after[0]) + after[1])
        window = self._price[start:]
        low, high = min(window), max(window)
        return (
            (low, self._at[start + window.index(low)]),
            (high, self._at[start + window.index(high)]),
        )
