"""Groups of steps on their way to the store."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from alerts.notification import Message
from alerts.step import Cursor, Step
from daemon.clock import PlayedClock
from daemon.recorder import Recorder
from daemon.store import Store
from storage.errors import StorageUnavailable
from storage.ledger import load_cursors

T = TypeVar("T")

NOW = 1_747_612_800_000


class FullStore(Store):
    """A store on a disk that is full for a while."""

    full = False

    async def run(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Refuse while full."""
        if self.full:
            raise StorageUnavailable("the disk is full")
        return await super().run(work, durable=durable)


class StuckStore(Store):
    """A store that takes its time over the first transaction.

    Attributes:
        stuck: set once it has been asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stuck = asyncio.Event()

    async def run(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Wait for ever, once."""
        if not self.stuck.is_set():
            self.stuck.set()
            await asyncio.Event().wait()
        return await super().run(work, durable=durable)


def step(at: int) -> Step:
    cursor = Cursor(instrument="BNB/USD", at=at, seq=0, price=640.0, source="k")
    return Step(at=at, cursor=cursor)


def message(event_id: str) -> Message:
    return Message(
        event_id=event_id,
        title=event_id,
        lines=(),
        at=NOW,
        local_time="",
        thread="r",
        body={},
    )


async def opened(folder: Path) -> FullStore:
    store = FullStore()
    await store.open(f"sqlite:///{folder / 'lw.db'}")
    return store


async def test_quiet_steps_wait_for_the_flush(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    recorder = Recorder(store, PlayedClock(NOW, 1.0))

    recorder.note(step(NOW))
    before = await store.run(load_cursors)
    await recorder.flush()
    after = await store.run(load_cursors)

    assert before == {}
    assert after["BNB/USD"].at == NOW
    await store.close()


async def test_a_firing_takes_everything_before_it_along(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    recorder = Recorder(store, PlayedClock(NOW, 1.0))

    recorder.note(step(NOW))
    fresh = await recorder.tell([step(NOW + 1)], [("phone", message("a"))])

    assert [one.message.event_id for one in fresh] == ["a"]
    assert recorder.waiting == 0
    assert (await store.run(load_cursors))["BNB/USD"].at == NOW + 1
    await store.close()


async def test_what_a_full_disk_refused_is_stored_later_and_in_order(
    tmp_path: Path,
) -> None:
    store = await opened(tmp_path)
    recorder = Recorder(store, PlayedClock(NOW, 1.0))

    store.full = True
    refused = await recorder.tell([step(NOW)], [("phone", message("a"))])
    trouble = recorder.trouble
    store.full = False
    fresh = await recorder.tell([step(NOW + 1)], [("phone", message("b"))])

    assert refused == ()
    assert trouble == "the disk is full"
    assert recorder.trouble is None
    # Only the head of a receiver's line is given out; the next one is claimed.
    assert [one.message.event_id for one in fresh] == ["a"]
    assert (await store.run(load_cursors))["BNB/USD"].at == NOW + 1
    await store.close()


async def test_a_firing_whose_storing_was_cancelled_comes_before_all_later_steps(
    tmp_path: Path,
) -> None:
    store = StuckStore()
    await store.open(f"sqlite:///{tmp_path / 'lw.db'}")
    recorder = Recorder(store, PlayedClock(NOW, 1.0))

    async with asyncio.TaskGroup() as group:
        telling = group.create_task(
            recorder.tell([step(NOW)], [("phone", message("a"))])
        )
        await store.stuck.wait()
        telling.cancel()
    recorder.note(step(NOW + 1))
    fresh = await recorder.flush()

    assert [one.message.event_id for one in fresh] == ["a"]
    assert (await store.run(load_cursors))["BNB/USD"].at == NOW + 1
    await store.close()
