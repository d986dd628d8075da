"""A market that never rests: seeded, mean-reverting, dense in crossings."""

import random

START = {"BNB/USD": 640.0, "XMR/USD": 340.0, "DOGE/USD": 0.22}
"""The price that each walk comes back to; the levels lie there."""
STEP = {"BNB/USD": 0.8, "XMR/USD": 0.5, "DOGE/USD": 0.0004}


class Walk:
    """One instrument's path, a price at a time."""

    def __init__(self, instrument: str, seed: int) -> None:
        self._random = random.Random(f"{instrument}:{seed}")
        self._centre = START[instrument]
        self._step = STEP[instrument]
        self._away = 0.0

    def next(self) -> float:
        """The next price, on the venue's grid."""
        self._away = 0.85 * self._away + self._random.gauss(0.0, self._step)
        return round(self._centre + self._away, 5 if self._centre < 1 else 2)
