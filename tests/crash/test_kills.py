"""SIGKILL at random moments, with receivers that fail: what is lost, what invented?

The truth is what the daemon itself has accepted and stored; an oracle that shares no
code with it says which firings lie in there, and each of them must have arrived.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.crash.children import nursery
from tests.crash.faulty import FAULTS
from tests.crash.lane import Lane
from tests.crash.verdict import Verdict, render

KILLS = int(os.environ.get("LEVELWATCH_KILLS", "50"))
SEED = int(os.environ.get("LEVELWATCH_SEED", "1"))
LANES = 2
"""Databases side by side: while one daemon starts, the other works."""
CONTROL_KILLS = 12


async def kill_often(folder: Path, shares: Sequence[int]) -> Verdict:
    """Kill so many daemons in each of some lanes; what they come to together."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                Lane(folder / f"{n}", LANES * SEED + n, share).play(nursery())
            )
            for n, share in enumerate(shares)
        ]
    return sum((task.result() for task in tasks), Verdict())


@pytest.mark.crash
async def test_kills_lose_nothing_and_invent_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = [KILLS // LANES + (n < KILLS % LANES) for n in range(LANES)]

    verdict = await kill_often(tmp_path, shares)

    with capsys.disabled():
        print(render({"as it is": verdict}))  # noqa: T201 - it is the point of it
    assert verdict.expected > KILLS
    assert verdict.faults == {}, (verdict.lost, verdict.ghosts, verdict.damaged)


@pytest.mark.crash
async def test_daemons_with_a_fault_are_caught(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = {
            fault: group.create_task(
                Lane(tmp_path / fault, SEED, CONTROL_KILLS, early=0).play(
                    nursery(fault)
                )
            )
            for fault in FAULTS
        }
    verdicts = {fault: task.result() for fault, task in tasks.items()}

    with capsys.disabled():
        print(render(verdicts))  # noqa: T201 - as above
    missed = [
        name for name in FAULTS if FAULTS[name].symptom not in verdicts[name].faults
    ]
    assert missed == []
