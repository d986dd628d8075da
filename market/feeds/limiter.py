"""Spacing of requests, on a clock that is handed in and never goes back.

ccxt's own limiter runs on the wall clock: it hangs for as long as the clock steps
back and makes every poll of Kraken wait a full second (ccxt issue 25556).
"""


class Limiter:
    """Lets `burst` requests go at once, then one per `spacing`.

    The generic cell rate algorithm: one number is remembered, the instant at which
    all requests so far are paid for. Idle time is credited, up to the burst.
    Never sleeps: it says how long to wait.
    """

    def __init__(self, spacing: float, burst: int = 1) -> None:
        """Args are seconds between requests and how many may go at once (>= 1)."""
        self._spacing = spacing
        self._credit = spacing * (burst - 1)
        self._paid_until = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds that a request would have to wait, if it were made now.

        Args:
            now: monotonic seconds.
        """
        return max(0.0, self._paid_until - self._credit - now)

    def reserve(self, now: float) -> float:
        """Take the next slot and return the seconds to wait for it."""
        wait = self.wait(now)
        self._paid_until = max(self._paid_until, now + wait) + self._spacing
        return wait

    def back_off(self, now: float, seconds: float) -> None:
        """Let nothing go before `seconds` from now: the venue asked for it."""
        self._paid_until = max(self._paid_until, now + seconds + self._credit)
