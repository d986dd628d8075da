"""The whole daemon, offline: a paper exchange, compressed time, the real everything.

Only the clock and the venue's address differ from `levelwatch run`.
"""

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from alerts.channels.console import ConsoleChannel
from daemon.app import App
from daemon.clock import PlayedClock
from daemon.config import load_config
from daemon.demo.summary import print_summary, summarise
from daemon.paper.exchange import PaperExchange
from daemon.paper.market import DEFAULT_START, PlayedMarket
from daemon.redaction import Redactor
from daemon.systemd import Notifier
from market.instant import DAY, HOUR, render_duration, to_datetime

_POLLS_PER_SECOND = 40
"""Of real time: enough to see every turn of the story, little enough for a Pi."""
_LEAD = 6 * HOUR
"""Market time before the story that is played too: history is fetched in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What is played.

    Attributes:
        days: market days, from the start of the story.
        speed: seconds of market time per second.
        seed: of the market's noise.
    """

    days: float
    speed: float
    seed: int

    @property
    def length(self) -> int:
        """Market time that is played, in ms."""
        return round(self.days * DAY)

    @property
    def every(self) -> int:
        """Market time between two polls, in ms."""
        return max(1000, round(self.speed * 1000 / _POLLS_PER_SECOND))


async def play(what: Play, console: Console) -> int:
    """Run the demo to its end; the exit code."""
    folder = Path(tempfile.mkdtemp(prefix="levelwatch-demo-"))
    clock = PlayedClock(DEFAULT_START - _LEAD, what.speed)
    async with PaperExchange(
        PlayedMarket(seed=what.seed), clock.now, keep_served=True
    ) as exchange:
        path = _write_config(folder, exchange.base_url, what)
        app = App(
            load_config(path, {}),
            path=None,
            environ=os.environ,
            clock=clock,
            notifier=Notifier(),
            redactor=Redactor(),
            version="demo",
            channels={"screen": ConsoleChannel(sys.stdout, console=console)},
        )
        _introduce(console, exchange, what)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(app.run())
            await _show_progress(console, clock, app, what, watching)
            app.stop()
    summary = summarise(folder / "levelwatch.db", len(exchange.served))
    print_summary(console, summary, path, what.length)
    return 0 if summary.is_clean else 3


def _write_config(folder: Path, url: str, what: Play) -> Path:
    text = files("daemon.demo").joinpath("demo.toml").read_text(encoding="utf-8")
    text = text.replace("@URL@", url)
    text = text.replace("@DATABASE@", str(folder / "levelwatch.db"))
    text = text.replace("@EVERY@", render_duration(what.every))
    path = folder / "levelwatch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _introduce(console: Console, exchange: PaperExchange, what: Play) -> None:
    console.print("[bold]levelwatch demo[/bold]  the whole daemon, offline")
    console.print(
        f"[dim]A paper exchange at {exchange.base_url} speaks Kraken's API. The real\n"
        "ccxt client polls it, the real rules judge it, a real SQLite file keeps it.\n"
        f"The market is made up, and its time is compressed: {what.days:g} days at "
        f"{what.speed:,.0f}\ntimes real time, a poll every "
        f"{render_duration(what.every - what.every % 1000)} of it.[/dim]\n",
        highlight=False,
        soft_wrap=True,
    )


async def _show_progress(
    console: Console,
    clock: PlayedClock,
    app: App,
    what: Play,
    run: "asyncio.Task[None]",
) -> None:
    begin, end = clock.start, clock.start + _LEAD + what.length
    columns = (
        TextColumn("[cyan]{task.fields[at]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[ticks]} ticks · {task.fields[alerts]} alerts"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=end - begin, at="", ticks=0, alerts=0)
        while clock.now() < end and not run.done():
            now = clock.now()
            told = app.session.pipeline.counts if app.session is not None else (0, 0)
            progress.update(
                task,
                completed=now - begin,
                at=f"{to_datetime(now):%a %d %b %H:%M}",
                ticks=told[0],
                alerts=told[1],
            )
            await asyncio.sleep(0.1)


def default_speed(days: float, seconds: float) -> float:
    """The speed at which so many days take so many seconds."""
    return days * DAY / 1000 / seconds
