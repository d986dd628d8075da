"""A source at work: whatever its feed does, a poll ends in a reply or in a count."""

import logging

import pytest

from daemon.clock import PlayedClock
from daemon.sources import Source, SourceState
from market.errors import FeedBlocked, FeedRateLimited, FeedUnavailable
from tests.daemon.rooms import NOW, EmptyFeed


class StillClock(PlayedClock):
    """A clock whose monotonic side is moved by hand."""

    seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def source(feed: EmptyFeed) -> tuple[Source, StillClock]:
    clock = StillClock(NOW, 1.0)
    return Source("paper", feed, ("BNB/USD",), clock), clock


async def test_an_unexpected_error_is_a_failed_poll_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    polled, clock = source(EmptyFeed(ValueError("could not convert 'NaN'")))

    for _ in range(3):
        assert await polled.poll(1.0) is None
        clock.seconds += 60

    assert polled.health.failures == 3
    assert polled.health.state is SourceState.FAILING
    assert polled.health.last_error == "unexpected ValueError"
    stories = [record for record in caplog.records if record.exc_info]
    assert [record.levelno for record in stories] == [logging.ERROR]


async def test_one_miss_is_followed_by_the_next_poll_and_more_by_longer_waits() -> None:
    polled, clock = source(EmptyFeed(FeedUnavailable("down")))

    waits = []
    for _ in range(8):
        await polled.poll(1.0)
        waits.append(round(polled._not_before - clock.seconds))
        clock.seconds = max(clock.seconds, polled._not_before)

    assert waits == [0, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(
    ("error", "state", "wait"),
    [
        (FeedRateLimited("slow", 7.0), SourceState.RATE_LIMITED, 7.0),
        (FeedRateLimited("slow"), SourceState.RATE_LIMITED, 60.0),
        (FeedBlocked("go away"), SourceState.BLOCKED, 600.0),
    ],
)
async def test_what_the_venue_asks_for_is_kept(
    error: Exception, state: SourceState, wait: float
) -> None:
    feed = EmptyFeed(error)
    polled, clock = source(feed)

    await polled.poll(1.0)
    feed.error = None
    clock.seconds += wait - 0.1
    too_early = await polled.poll(1.0)
    reported = polled.health.state
    clock.seconds += 0.2
    in_time = await polled.poll(1.0)

    assert too_early is None
    assert reported is state
    assert in_time is not None
    assert polled.health.state is SourceState.OK
    assert polled.health.polls == 2
