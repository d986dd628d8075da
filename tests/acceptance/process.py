"""The real process: `levelwatch run`, its output and its end."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.acceptance.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]


class Daemon:
    """One run of the daemon.

    Attributes:
        log: file that has its standard error.
        screen: file that has its standard output.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, log: Path, screen: Path
    ) -> None:
        self.log = log
        self.screen = screen
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    @property
    def lines(self) -> list[str]:
        """What it has logged so far."""
        return self.log.read_text(encoding="utf-8").splitlines()

    def logged(self, *words: str) -> list[str]:
        """The lines that hold all these words."""
        return [line for line in self.lines if all(word in line for word in words)]

    async def log_line(self, *words: str, times: int = 1) -> str:
        """Wait for a line with all these words.

        Raises:
            TimeoutError: with the log.
        """
        found = await until(
            lambda: got if len(got := self.logged(*words)) >= times else [],
            lambda: f"no line with {words} in\n" + "\n".join(self.lines),
        )
        return found[-1]

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def kill(self) -> None:
        """End it as a power cut would end a process: at once, in the middle."""
        self._process.kill()
        await self.wait()

    async def stop(self, within: float = 10.0) -> int:
        """Ask it to stop, as systemd does; its exit code."""
        self._process.terminate()
        return await self.wait(within)

    async def wait(self, within: float = PATIENCE) -> int:
        """Its exit code, once it has ended.

        Raises:
            TimeoutError: with the log.
        """
        try:
            async with asyncio.timeout(within):
                return await self._process.wait()
        except TimeoutError:
            log = "\n".join(self.lines)
            raise TimeoutError(f"still running after {within} s:\n{log}") from None

    async def clear_away(self) -> None:
        """Leave nothing running, whatever the test did."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


async def launch(
    arguments: tuple[str, ...],
    environ: Mapping[str, str],
    folder: Path,
    name: str,
    *,
    module: str = "daemon",
) -> Daemon:
    """Start a command of levelwatch in the background.

    Args:
        environ: its whole environment but for what Python itself needs.
        folder: gets the files `name`.err and `name`.out.
        module: what is run instead of the daemon: one with a fault.
    """
    log, screen = folder / f"{name}.err", folder / f"{name}.out"
    with log.open("wb") as err, screen.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), **environ},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    return Daemon(process, log, screen)
