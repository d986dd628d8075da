"""One source at work: its feed, how it is doing, and when it may be asked again."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from daemon.clock import Clock
from market.errors import (
    FeedBlocked,
    FeedError,
    FeedRateLimited,
    FeedUnavailable,
    UnknownInstrument,
)
from market.feeds.feed import Feed, Reply
from market.screening import Refusal

_log = logging.getLogger(__name__)

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_BLOCKED_WAIT = 600.0
"""Seconds: a block is lifted by people, and asking on makes it worse."""


class SourceState(StrEnum):
    """What a source is doing."""

    STARTING = "starting"
    OK = "ok"
    FAILING = "failing"
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"


@dataclass(slots=True)
class SourceHealth:
    """Counted since this process began to use the source."""

    state: SourceState = SourceState.STARTING
    polls: int = 0
    failures: int = 0
    in_a_row: int = 0
    last_ok_at: int | None = None
    last_error: str | None = None
    refused: Counter[str] = field(default_factory=Counter)


class Source:
    """A feed with its health. Each poll ends, whatever the venue does."""

    def __init__(
        self,
        name: str,
        feed: Feed,
        instruments: tuple[str, ...],
        clock: Clock,
        *,
        every: int = 0,
    ) -> None:
        """Take a feed and what it is asked for, `every` so many ms."""
        self.name = name
        self.every = every
        self.feed = feed
        self.instruments = instruments
        self.health = SourceHealth()
        self.loaded = False
        self.introduced = False
        self._clock = clock
        self._not_before = 0.0

    async def poll(self, deadline: float) -> Reply | None:
        """Ask the venue once; None where it is to be left alone, or failed.

        Args:
            deadline: seconds after which the poll is given up, whatever it does.
        """
        if self._clock.monotonic() < self._not_before:
            return None
        self.health.polls += 1
        try:
            async with asyncio.timeout(deadline):
                if not self.loaded:
                    await self.feed.load()
                    self.loaded = True
                reply = await self.feed.fetch_quotes()
        except TimeoutError:
            silent = FeedUnavailable(f"{self.name} did not answer in {deadline:.0f} s")
            self._fail(silent)
            return None
        except FeedError as exc:
            self._fail(exc)
            return None
        except Exception as exc:  # noqa: BLE001 - a feed may be anybody's code
            if not self.health.in_a_row:
                _log.exception("%s", self.name, extra={"action": "poll_failed"})
            self._fail(FeedUnavailable(f"unexpected {type(exc).__name__}"))
            return None
        self._succeed(reply)
        return reply

    def refuse(self, refusal: Refusal) -> None:
        """Count a price that was not believed."""
        self.health.refused[refusal.reason.value] += 1
        _log.info(
            "%s: refused (%s) %s",
            refusal.instrument,
            refusal.reason.value,
            refusal.detail,
            extra={
                "action": "tick_refused",
                "source": self.name,
                "instrument": refusal.instrument,
                "reason": refusal.reason.value,
            },
        )

    @property
    def unknown(self) -> tuple[UnknownInstrument, ...]:
        """Instruments that the venue does not list."""
        return tuple(self.feed.unknown) if self.loaded else ()

    def _succeed(self, reply: Reply) -> None:
        health = self.health
        for refusal in reply.refusals:
            self.refuse(refusal)
        if health.in_a_row:
            _log.warning(
                "%s answers again after %d failed polls",
                self.name,
                health.in_a_row,
                extra={"action": "source_back", "source": self.name},
            )
        health.in_a_row = 0
        health.state = SourceState.OK
        if reply.quotes:
            health.last_ok_at = self._clock.now()

    def _fail(self, error: FeedError) -> None:
        health = self.health
        health.failures += 1
        health.in_a_row += 1
        health.last_error = str(error)
        wait = min(_FIRST_WAIT * 2 ** min(health.in_a_row - 1, 6), _LONGEST_WAIT)
        health.state = SourceState.FAILING
        if isinstance(error, FeedRateLimited):
            health.state = SourceState.RATE_LIMITED
            wait = error.retry_after if error.retry_after is not None else _LONGEST_WAIT
        elif isinstance(error, FeedBlocked):
            health.state = SourceState.BLOCKED
            wait = _BLOCKED_WAIT
        if health.in_a_row == 1 and health.state is SourceState.FAILING:
            # One miss is ordinary: the next regular poll tries again.
            wait = 0.0
        self._not_before = self._clock.monotonic() + wait
        level = logging.WARNING if health.in_a_row in (1, 3) else logging.DEBUG
        _log.log(
            level,
            "%s failed (%d in a row): %s",
            self.name,
            health.in_a_row,
            error,
            extra={
                "action": "poll_failed",
                "source": self.name,
                "reason": health.state,
            },
        )
