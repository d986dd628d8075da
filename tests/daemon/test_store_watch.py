"""A database in trouble is told past the database, once, and so is its return."""

from pathlib import Path

import pytest

from alerts.errors import SendFailed
from daemon.clock import PlayedClock
from daemon.store_watch import StoreWatch
from storage.errors import StorageUnavailable
from tests.daemon.rooms import NOW, Room, furnished

FULL = StorageUnavailable("lw.db: the disk is full: free some space")


class HandClock(PlayedClock):
    """A clock whose monotonic side is moved by hand."""

    seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def titles(room: Room) -> list[str]:
    return [notification.message.title for notification in room.channel.taken]


async def test_trouble_that_lasts_is_told_once_past_the_store(tmp_path: Path) -> None:
    clock = HandClock(NOW, 1.0)
    async with furnished(tmp_path) as room:
        watch = StoreWatch(room.store, room.pipeline, clock)

        await watch.look(FULL)
        clock.seconds += 9
        await watch.look(FULL)
        early = titles(room)
        clock.seconds += 2
        await watch.look(FULL)
        await watch.look(FULL)

        assert early == []
        assert titles(room) == ["levelwatch: the database is in trouble"]
        assert "the disk is full" in room.channel.taken[0].message.lines[0]


async def test_trouble_that_passes_by_is_nobodys_business(tmp_path: Path) -> None:
    clock = HandClock(NOW, 1.0)
    async with furnished(tmp_path) as room:
        watch = StoreWatch(room.store, room.pipeline, clock)

        await watch.look(FULL)
        clock.seconds += 9
        await watch.look(None)
        clock.seconds += 9
        await watch.look(FULL)

        assert titles(room) == []


async def test_that_it_works_again_goes_the_usual_way(tmp_path: Path) -> None:
    clock = HandClock(NOW, 1.0)
    async with furnished(tmp_path) as room:
        watch = StoreWatch(room.store, room.pipeline, clock)
        await watch.look(FULL)
        clock.seconds += 11
        await watch.look(FULL)

        await watch.look(None)
        await watch.look(None)

        (line,) = room.pipeline._delivery.lines.values()
        assert [n.message.title for n in line.ready] == [
            "levelwatch: the database works again"
        ]


async def test_a_file_that_was_taken_away_is_told_at_once(tmp_path: Path) -> None:
    async with furnished(tmp_path) as room:
        watch = StoreWatch(room.store, room.pipeline, HandClock(NOW, 1.0))
        await room.show(BNB=640.0)
        await room.pipeline.flush()

        (tmp_path / "lw.db").unlink()
        await watch.look(None)

        (told,) = room.channel.taken
        assert "was removed while in use" in told.message.lines[0]


async def test_a_receiver_that_fails_too_is_only_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with furnished(tmp_path) as room:
        room.channel.error = SendFailed("down as well")
        watch = StoreWatch(room.store, room.pipeline, HandClock(NOW, 1.0))
        (tmp_path / "lw.db").unlink()

        await watch.look(None)

        assert titles(room) == []
    assert "phone did not take it: down as well" in caplog.text
