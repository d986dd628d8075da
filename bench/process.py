"""Processes to compare: levelwatch, the usual stack, the floor by hand."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.loopback import Loopback

_ROOT = Path(__file__).parents[1]
_CONFIG = """
[storage]
url = "sqlite:///{folder}/levelwatch.db"
[sources.paper]
kind = "ccxt"
exchange = "kraken"
every = "{every}ms"
base_url = "{base_url}"
[instruments."XMR/USD"]
sources = ["paper"]
[instruments."BNB/USD"]
sources = ["paper"]
[instruments."DOGE/USD"]
sources = ["paper"]
[instruments."EUR/USD"]
sources = ["paper"]
[receivers.hook]
kind = "webhook"
url = "{hook_url}"
allow_private = true
[routing]
default = ["hook"]
[[rules]]
id = "bnb"
instrument = "BNB/USD"
when = {when}
cooldown = "0s"
"""

CROSSING = '{ kind = "cross", direction = "any", level = 637, rearm = "0.01" }'
"""Fires whenever the price is on the other side."""
STANDING = '{ kind = "below", level = 637, initial = "fire" }'
"""Fires at the first price under the level."""

Process = asyncio.subprocess.Process


@asynccontextmanager
async def levelwatch(
    folder: Path, server: Loopback, *, every: float, when: str, log: bool = False
) -> AsyncIterator[Process]:
    """`levelwatch run`; with `log`, its log is to be read from `stderr`."""
    config = folder / "levelwatch.toml"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            every=round(every * 1000),
            base_url=server.base_url,
            hook_url=server.hook_url,
            when=when,
        ),
        encoding="utf-8",
    )
    command = ("-m", "daemon.cli", "run", "-c", str(config))
    async with _run(*command, log=log) as process:
        yield process


@asynccontextmanager
async def usual_stack(
    folder: Path, server: Loopback, *, every: float
) -> AsyncIterator[Process]:
    """The same with the same libraries, the usual way."""
    script = str(Path(__file__).with_name("usual_stack.py"))
    urls = (server.base_url, server.hook_url)
    path = str(folder / "usual.db")
    async with _run(script, *urls, path, str(every)) as process:
        yield process


@asynccontextmanager
async def by_hand(server: Loopback, *, every: float) -> AsyncIterator[Process]:
    """The least that a process can do."""
    script = str(Path(__file__).with_name("by_hand.py"))
    async with _run(script, str(server.port), str(every)) as process:
        yield process


@asynccontextmanager
async def _run(*arguments: str, log: bool = False) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=_ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE if log else asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def resident_mb(pid: int) -> float:
    """VmRSS of a process, in MB (10^6 bytes)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def cpu_seconds_of(pid: int) -> float:
    """User and system time that a process has used."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
