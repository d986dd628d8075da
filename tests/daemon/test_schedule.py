"""Jobs that go on whatever one run of them does."""

import asyncio

import pytest

from daemon.clock import Clock
from daemon.errors import SupervisionError
from daemon.schedule import Schedule

pytestmark = pytest.mark.filterwarnings("error")


async def test_a_job_that_raises_runs_again() -> None:
    schedule = Schedule(Clock())
    runs, enough = 0, asyncio.Event()

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            enough.set()
        raise ValueError("broken")

    schedule.every("job", 1, job)
    schedule.start()
    async with asyncio.timeout(10):
        await enough.wait()
    await schedule.stop(1.0)

    assert runs >= 3


async def test_a_vital_job_that_keeps_failing_ends_the_process() -> None:
    schedule = Schedule(Clock())

    async def job() -> None:
        raise ValueError("broken")

    schedule.every("job", 1, job, vital=True)
    schedule.start()
    with pytest.raises(SupervisionError, match="5 times"):
        async with asyncio.timeout(10):
            await schedule.failure()
    await schedule.stop(1.0)


async def test_stopping_lets_a_running_job_finish() -> None:
    schedule = Schedule(Clock())
    begun, go_on, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def job() -> None:
        begun.set()
        await go_on.wait()
        finished.set()

    schedule.every("job", 1, job)
    schedule.start()
    await begun.wait()
    async with asyncio.TaskGroup() as group:
        group.create_task(schedule.stop(5.0))
        go_on.set()

    assert finished.is_set()


async def test_a_failure_is_logged_once_with_its_story(
    caplog: pytest.LogCaptureFixture,
) -> None:
    schedule = Schedule(Clock())
    runs, enough = 0, asyncio.Event()

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs == 4:
            enough.set()
        raise ValueError("broken")

    schedule.every("job", 1, job)
    schedule.start()
    async with asyncio.timeout(10):
        await enough.wait()
    await schedule.stop(1.0)

    loud = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in loud] == [
        "job failed (1 in a row): ValueError"
    ]
    assert loud[0].exc_info is not None


async def test_a_run_that_hangs_is_given_up_and_the_next_one_comes() -> None:
    schedule = Schedule(Clock())
    runs, again = 0, asyncio.Event()

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs == 2:
            again.set()
            return
        await asyncio.Event().wait()

    schedule.every("job", 1, job, deadline=0.01)
    schedule.start()
    async with asyncio.timeout(10):
        await again.wait()
    await schedule.stop(1.0)

    assert runs >= 2


async def test_a_job_may_say_that_nothing_makes_sense_any_more() -> None:
    schedule = Schedule(Clock())

    async def job() -> None:
        raise SupervisionError("the books are inconsistent")

    schedule.every("job", 1, job)
    schedule.start()
    with pytest.raises(SupervisionError, match="the books are inconsistent"):
        async with asyncio.timeout(10):
            await schedule.failure()
    await schedule.stop(1.0)


async def test_a_run_that_is_cut_off_by_the_stop_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    schedule = Schedule(Clock())
    begun = asyncio.Event()

    async def job() -> None:
        begun.set()
        await asyncio.Event().wait()

    schedule.every("job", 1, job)
    schedule.start()
    await begun.wait()
    await schedule.stop(0.0)
    for _ in range(5):
        await asyncio.sleep(0)

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
