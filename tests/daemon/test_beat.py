"""Freshness: an instrument without a price is told, one polled rarely is not."""

from pathlib import Path

import pytest

from daemon.beat import Beat
from daemon.clock import PlayedClock
from daemon.store_watch import StoreWatch
from market.instant import MINUTE, SECOND
from tests.daemon.rooms import NOW, Room, furnished


class HandClock(PlayedClock):
    """A clock that is moved by hand."""

    at = NOW

    def now(self) -> int:
        return self.at


def beat_of(room: Room, clock: HandClock, broken: dict[str, str]) -> Beat:
    return Beat(
        engine=room.pipeline.engine,
        pipeline=room.pipeline,
        sources={"paper": room.source},
        delivery=room.pipeline._delivery,
        alarms=room.alarms,
        broken=broken,
        store=room.store,
        store_watch=StoreWatch(room.store, room.pipeline, clock),
        clock=clock,
        about={},
    )


@pytest.mark.parametrize(
    ("every", "silence", "told"),
    [
        (5 * SECOND, 50 * SECOND, []),
        (5 * SECOND, 70 * SECOND, ["BNB/USD, XMR/USD"]),
        # Between two polls of ten minutes nothing is fresh, and nothing is wrong.
        (10 * MINUTE, 11 * MINUTE, []),
        (10 * MINUTE, 31 * MINUTE, ["BNB/USD, XMR/USD"]),
    ],
)
async def test_silence_is_told_after_a_minute_and_three_polls(
    tmp_path: Path, every: int, silence: int, told: list[str]
) -> None:
    clock = HandClock(NOW, 1.0)
    async with furnished(tmp_path) as room:
        room.source.every = every
        beat = beat_of(room, clock, {})
        await beat.strike()
        await room.show(BNB=640.0, XMR=345.0)

        clock.at += silence
        await beat.strike()
        await beat.strike()

        (line,) = room.pipeline._delivery.lines.values()
        details = [n.message.lines[0].partition(":")[0] for n in line.ready]
        assert details == told


async def test_a_rule_that_is_told_as_broken_makes_no_alarm_of_silence(
    tmp_path: Path,
) -> None:
    clock = HandClock(NOW, 1.0)
    async with furnished(tmp_path) as room:
        beat = beat_of(room, clock, {"xmr-lost": "the venue does not list XMR/USD"})
        await beat.strike()

        clock.at += 70 * SECOND
        await room.show(BNB=640.0)
        await beat.strike()

        (line,) = room.pipeline._delivery.lines.values()
        assert [n.message.lines[0].partition(":")[0] for n in line.ready] == ["BNB/USD"]
