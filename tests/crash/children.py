"""Daemons to be killed: forked in a twinkling, or started as anybody starts them."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.process import ROOT
from tests.acceptance.waiting import until

_READY = b"action=ready"


class Child:
    """One daemon, leader of its own process group.

    Attributes:
        log: file that has all its output.
        returncode: None while it runs; negative: the signal that ended it.
    """

    def __init__(
        self, pid: int, log: Path, ended: Callable[[], Awaitable[int]]
    ) -> None:
        self.log = log
        self.returncode: int | None = None
        self._pid = pid
        self._ended = ended

    async def watch(self) -> None:
        """Wait until it says that it is watching."""
        await until(lambda: self._is_ready() or not self._lives(), self._story)
        assert self._is_ready(), self._story()

    def _is_ready(self) -> bool:
        return _READY in self.log.read_bytes()

    def _lives(self) -> bool:
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _story(self) -> str:
        return f"not ready:\n{self.log.read_text(encoding='utf-8')}"

    async def kill(self) -> None:
        """End it and whatever it has started at once."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop; its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        if self.returncode is None:
            os.killpg(self._pid, number)
            self.returncode = await self._ended()
        return self.returncode


Starter = Callable[[Sequence[str], Path], Awaitable[Child]]
"""Takes the command line and a file for the output."""


async def execute(arguments: Sequence[str], log: Path) -> Child:
    """Start a daemon as a command does, imports and all."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "daemon",
            *arguments,
            cwd=ROOT,
            env=_environ(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
        )
    return Child(process.pid, log, process.wait)


@dataclass(frozen=True, slots=True)
class Nursery:
    """Starts daemons; `faulty` ones if it was told so."""

    fork: Starter
    faulty: bool


@asynccontextmanager
async def nursery(fault: str | None = None) -> AsyncIterator[Nursery]:
    """A place where daemons start without their imports, one at a time.

    Args:
        fault: one of tests/crash/faulty.py, which all of them have.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.crash.nursery",
        *([fault] if fault else []),
        cwd=ROOT,
        env=_environ(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, orders = process.stdout, process.stdin
    if said is None or orders is None:
        raise RuntimeError("a pipe that was asked for is not there")

    async def listen() -> int:
        return int(await said.readline())

    async def fork(arguments: Sequence[str], log: Path) -> Child:
        log.touch()
        order = {"arguments": list(arguments), "log": str(log)}
        orders.write(json.dumps(order).encode() + b"\n")
        return Child(await listen(), log, listen)

    try:
        yield Nursery(fork, fault is not None)
    finally:
        process.kill()
        await process.wait()


def _environ() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "")}
