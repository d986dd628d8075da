"""One database and the daemons that die on it, one after the other."""

import asyncio
import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path

from daemon.paper.exchange import PaperExchange, Served
from daemon.paper.scripted import ScriptedMarket
from tests.acceptance.waiting import now, until
from tests.crash.children import Child, Nursery, Starter, execute
from tests.crash.receivers import TEMPERS, Receivers
from tests.crash.rules import RULES, grid
from tests.crash.verdict import Mail, Told, Verdict
from tests.crash.walk import START, Walk
from tests.oracles.fact import Seen

_CONFIG = """\
[storage]
url = "sqlite:///levelwatch.db"
[sources.paper]
kind = "ccxt"
exchange = "kraken"
every = "30ms"
base_url = "{exchange}"
"""
_INSTRUMENT = """\
[instruments."{name}"]
sources = ["paper"]
"""
_RECEIVER = """\
[receivers.{name}]
kind = "webhook"
url = "{url}"
allow_private = true
"""
_PACE = 0.02
"""Seconds between two prices of a market."""
_EXECUTE_EVERY = 10
"""Of so many starts one is a whole new process."""
_DRAIN_WITHIN = 120.0

Prices = dict[str, list[Seen]]
"""By instrument: (epoch ms, price in 1e-5), in order."""


class Lane:
    """A market, receivers and a new folder; `play` lets daemons live and die there."""

    def __init__(
        self, folder: Path, seed: int, kills: int, *, early: float = 0.2
    ) -> None:
        """Take the share of kills that strike while a daemon is still starting."""
        begin = now()
        folder.mkdir()
        self._folder = folder
        self._database = folder / "levelwatch.db"
        self._kills = kills
        self._random = random.Random(f"lane:{seed}")
        self._walks = {name: Walk(name, seed) for name in START}
        self._market = ScriptedMarket(
            {name: [(begin, price)] for name, price in START.items()}
        )
        self._exchange = PaperExchange(self._market, now, keep_served=True)
        self._receivers = Receivers(seed)
        self._starts = 0
        self._early_share = early
        self._early = 0
        self._checked = 0
        self._damaged: list[str] = []

    async def play(self, nursery: AbstractAsyncContextManager[Nursery]) -> Verdict:
        """Kill so many daemons, let a last one finish, and judge."""
        async with self._exchange, self._receivers, nursery as nest:
            self._configure()
            async with asyncio.TaskGroup() as group:
                moving = group.create_task(self._move())
                for index in range(self._kills):
                    # A daemon with a fault has it from its nursery only.
                    new = (index + 1) % _EXECUTE_EVERY == 0 and not nest.faulty
                    await self._live_and_die(execute if new else nest.fork)
                moving.cancel()
            self._receivers.calm = True
            await self._drain(nest.fork)
        return self._judge()

    def _configure(self) -> None:
        parts = [_CONFIG.format(exchange=self._exchange.base_url)]
        parts += [_INSTRUMENT.format(name=name) for name in START]
        parts += [
            _RECEIVER.format(name=name, url=self._receivers.url(name))
            for name in TEMPERS
        ]
        parts.append(f"[routing]\ndefault = {list(TEMPERS)}\n".replace("'", '"'))
        parts += [watched.text for watched in RULES]
        (self._folder / "levelwatch.toml").write_text("".join(parts), encoding="utf-8")

    async def _move(self) -> None:
        """Move the market until cancelled."""
        while True:
            for name, walk in self._walks.items():
                self._market.tell(name, now(), walk.next())
            await asyncio.sleep(_PACE)

    async def _start(self, starter: Starter) -> Child:
        self._starts += 1
        arguments = ("run", "-c", str(self._folder / "levelwatch.toml"))
        return await starter(arguments, self._folder / f"run{self._starts}.log")

    async def _live_and_die(self, starter: Starter) -> None:
        child = await self._start(starter)
        if starter is not execute and self._random.random() < self._early_share:
            self._early += 1
            await asyncio.sleep(self._random.uniform(0.0, 0.3))
        else:
            await child.watch()
            await asyncio.to_thread(self._check)
            await asyncio.sleep(self._random.uniform(0.05, 0.45))
        await child.kill()

    def _check(self) -> None:
        """Look at the database beside the daemon, which must do all recovery alone."""
        ((answer,),) = self._query("PRAGMA integrity_check")
        self._checked += 1
        if answer != "ok":
            self._damaged.append(str(answer))

    def _query(self, sql: str) -> list[tuple[object, ...]]:
        path = f"file:{self._database}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as database:
            return database.execute(sql).fetchall()

    async def _drain(self, starter: Starter) -> None:
        """Done is what the daemon's own books call done, and a moment more."""
        child = await self._start(starter)
        await child.watch()
        await until(self._is_drained, "the outbox is not empty", within=_DRAIN_WITHIN)
        await asyncio.sleep(0.6)
        await asyncio.to_thread(self._check)
        assert await child.stop() == 0, child.log.read_text(encoding="utf-8")

    def _is_drained(self) -> bool:
        queued = "SELECT count(*) FROM notifications WHERE status <> 'sent'"
        return self._query(queued) == [(0,)] and not self._behind()

    def _behind(self) -> list[str]:
        """Instruments that are not read to the end of what was served."""
        rows = self._query("SELECT instrument, price FROM cursors")
        heads: dict[object, object] = {row[0]: row[1] for row in rows}
        last = {served.instrument: served.price for served in self._exchange.served}
        return [name for name in START if heads.get(name) != last.get(name)]

    def _judge(self) -> Verdict:
        stored = self._stored()
        expected = [
            Told(fact.at, watched.rule, fact.event, fact.direction)
            for watched in RULES
            for fact in watched.oracle(stored[watched.instrument])
        ]
        return Verdict(
            kills=self._kills,
            early_kills=self._early,
            prices=sum(map(len, stored.values())),
            unserved=count_unserved(stored, self._exchange.served),
            behind=len(self._behind()),
            checked=self._checked,
            damaged=tuple(self._damaged),
            mails=tuple(
                Mail(
                    expected=expected,
                    arrivals=self._receivers.arrived[name],
                    kills=self._kills,
                    ambiguous=self._receivers.ambiguous[name],
                )
                for name in TEMPERS
            ),
        )

    def _stored(self) -> Prices:
        stored: Prices = {name: [] for name in START}
        with closing(sqlite3.connect(self._database)) as database:
            for name, at, price in database.execute(
                "SELECT i.name, t.at, t.price FROM ticks t "
                "JOIN instruments i ON i.id = t.instrument ORDER BY t.at, t.seq"
            ):
                stored[name].append((at, grid(price)))
        return stored


def count_unserved(
    stored: Mapping[str, Sequence[Seen]], served: Sequence[Served]
) -> int:
    """Stored prices that are not, in this order, among the served ones.

    A price is stored under the instant of its receipt, which is not before it was
    served; several may be served before the first of them is stored.
    """
    found = 0
    for name, prices in stored.items():
        left = iter([one for one in served if one.instrument == name])
        for at, price in prices:
            if not any(grid(one.price) == price and one.at <= at for one in left):
                found += 1
                left = iter([one for one in served if one.instrument == name])
    return found
