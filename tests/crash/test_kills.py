"""SIGKILL at random moments, with a receiver that fails: what is lost, what invented?

The truth is what the daemon itself has accepted and stored; an oracle that shares no
code with it says which crossings lie in there, and each of them must have arrived.
"""

import asyncio
import os
import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from daemon.paper.exchange import PaperExchange
from daemon.paper.scripted import ScriptedMarket
from market.instant import parse_instant
from tests.acceptance.process import Daemon, launch
from tests.acceptance.waiting import now, until
from tests.crash.oracle import Fire, fires
from tests.crash.walk import START, STEP, Walk
from tests.doubles.webhook import Fault, WebhookDouble

KILLS = int(os.environ.get("LEVELWATCH_KILLS", "20"))
SEED = int(os.environ.get("LEVELWATCH_SEED", "1"))
SECRET = "whsec_" + "bGV2ZWx3YXRjaC1jcmFzaC10ZXN0LWtleS0zMmJ5dGVz"
LEVELS = {name: (START[name], STEP[name] / 2) for name in START}
"""Level and re-arm distance of each instrument's rule."""

_CONFIG = """\
[storage]
url = "sqlite:///levelwatch.db"
[sources.paper]
kind = "ccxt"
exchange = "kraken"
every = "30ms"
base_url = "{exchange}"
[receivers.hook]
kind = "webhook"
url = "{hook}"
secret = "{secret}"
allow_private = true
"""
_RULE = """\
[instruments."{name}"]
sources = ["paper"]
[[rules]]
id = "{rule}"
instrument = "{name}"
when = {{ kind = "cross", direction = "any", level = {level}, rearm = {rearm} }}
cooldown = "0s"
"""
STORED_THEN_LATE = Fault(hang=True, stored=True)
"""The receiver has it, and dies before it says so."""


@dataclass(slots=True)
class Verdict:
    """What the whole run comes to."""

    kills: int
    expected: list[Fire]
    arrived: list[Fire]
    copies: int
    ambiguous: int
    damaged: list[str] = field(default_factory=list)

    @property
    def lost(self) -> list[Fire]:
        return sorted((Counter(self.expected) - Counter(self.arrived)).elements())

    @property
    def ghosts(self) -> list[Fire]:
        return sorted((Counter(self.arrived) - Counter(self.expected)).elements())

    @property
    def inversions(self) -> int:
        times = [fire.at for fire in self.arrived]
        return sum(later < earlier for earlier, later in pairwise(times))

    def __str__(self) -> str:
        return (
            f"kills {self.kills} · crossings {len(self.expected)} · "
            f"lost {len(self.lost)} · ghosts {len(self.ghosts)} · "
            f"reordered {self.inversions} · duplicates {self.copies} "
            f"(at most {self.kills + self.ambiguous}) · "
            f"databases damaged {len(self.damaged)}"
        )


class Run:
    """One daemon after another on the same database."""

    def __init__(
        self, folder: Path, market: ScriptedMarket, module: str = "daemon"
    ) -> None:
        self._module = module
        self._folder = folder
        self._market = market
        self._random = random.Random(SEED)
        self._walks = {name: Walk(name, SEED) for name in START}
        self._starts = 0
        self.ambiguous = 0
        self.damaged: list[str] = []

    async def play(self) -> None:
        """Move the market until cancelled."""
        while True:
            for name, walk in self._walks.items():
                self._market.tell(name, now(), walk.next())
            await asyncio.sleep(0.025)

    async def spoil(self, hook: WebhookDouble) -> None:
        """Let the receiver fail now and then until cancelled."""
        while True:
            await asyncio.sleep(0.3)
            if self._random.random() < 0.4 and not hook.faults:
                late = self._random.random() < 0.3
                self.ambiguous += late
                hook.faults.append(STORED_THEN_LATE if late else Fault(status=500))

    async def start(self) -> Daemon:
        """Start a daemon, and see that it watches."""
        self._starts += 1
        arguments = ("run", "-c", str(self._folder / "levelwatch.toml"))
        daemon = await launch(
            arguments, {}, self._folder, f"run{self._starts}", module=self._module
        )
        await daemon.log_line("action=ready")
        return daemon

    async def kill_once(self) -> None:
        """Start, let it work for a moment, kill it, and look at the database."""
        daemon = await self.start()
        await asyncio.sleep(self._random.uniform(0.05, 0.45))
        await daemon.kill()
        with closing(sqlite3.connect(self._folder / "levelwatch.db")) as database:
            answer = database.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            self.damaged.append(answer)

    async def drain(self) -> None:
        """Let a last daemon deliver everything, and stop it."""
        daemon = await self.start()
        await until(self._is_drained, "the outbox is not empty", within=120.0)
        assert await daemon.stop() == 0

    def _is_drained(self) -> bool:
        path = f"file:{self._folder / 'levelwatch.db'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as database:
            queued = "SELECT count(*) FROM notifications WHERE status = 'queued'"
            if database.execute(queued).fetchone()[0]:
                return False
            heads = dict(database.execute("SELECT instrument, price FROM cursors"))
        return all(
            heads.get(pair.instrument)
            == self._market.price(pair, now()) / 10**pair.decimals
            for pair in self._market.pairs
        )


def expected_fires(folder: Path) -> list[Fire]:
    """What the oracle reads in the stored prices."""
    found: list[Fire] = []
    with closing(sqlite3.connect(folder / "levelwatch.db")) as database:
        for name, (level, rearm) in LEVELS.items():
            prices = database.execute(
                "SELECT t.at, t.price FROM ticks t JOIN instruments i "
                "ON i.id = t.instrument WHERE i.name = ? ORDER BY t.at, t.seq",
                (name,),
            ).fetchall()
            found += fires(_rule(name), prices, level, rearm)
    return found


def arrivals(hook: WebhookDouble) -> tuple[list[Fire], int]:
    """First arrivals in order, and how many were copies of an earlier one."""
    first: dict[str, Fire] = {}
    for received in hook.received:
        body = received.json
        fire = Fire(
            parse_instant(str(body["at"])), str(body["rule"]), str(body["direction"])
        )
        assert first.setdefault(received.id, fire) == fire
    return list(first.values()), len(hook.received) - len(first)


def _rule(instrument: str) -> str:
    return instrument.replace("/", "-").lower()


def _configure(folder: Path, exchange: str, hook: str) -> None:
    text = _CONFIG.format(exchange=exchange, hook=hook, secret=SECRET)
    for name, (level, rearm) in LEVELS.items():
        text += _RULE.format(name=name, rule=_rule(name), level=level, rearm=rearm)
    (folder / "levelwatch.toml").write_text(text, encoding="utf-8")


async def kill_often(folder: Path, *, kills: int, module: str = "daemon") -> Verdict:
    """Run the whole story with one daemon after another."""
    begin = now()
    market = ScriptedMarket({name: [(begin, price)] for name, price in START.items()})
    async with (
        PaperExchange(market, now) as exchange,
        WebhookDouble(secret=SECRET) as hook,
    ):
        _configure(folder, exchange.base_url, hook.url)
        run = Run(folder, market, module)
        async with asyncio.TaskGroup() as group:
            moving = group.create_task(run.play())
            spoiling = group.create_task(run.spoil(hook))
            for _ in range(kills):
                await run.kill_once()
            moving.cancel()
            spoiling.cancel()
        hook.faults.clear()
        await run.drain()
        arrived, copies = arrivals(hook)
    return Verdict(
        kills=kills,
        expected=expected_fires(folder),
        arrived=arrived,
        copies=copies,
        ambiguous=run.ambiguous,
        damaged=run.damaged,
    )


@pytest.mark.crash
async def test_kills_lose_nothing_and_invent_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = await kill_often(tmp_path, kills=KILLS)

    with capsys.disabled():
        print(f"\n{verdict}")  # noqa: T201 - the verdict is the point of it
    assert len(verdict.expected) > KILLS
    assert (verdict.lost, verdict.ghosts) == ([], [])
    assert (verdict.inversions, verdict.damaged) == (0, [])
    assert verdict.copies <= KILLS + verdict.ambiguous


@pytest.mark.crash
async def test_a_daemon_that_marks_before_it_sends_is_caught(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = await kill_often(tmp_path, kills=8, module="tests.crash.mark_first")

    with capsys.disabled():
        print(f"\nmarks before it sends: {verdict}")  # noqa: T201 - as above
    assert verdict.lost
