"""Playing recordings through the rules: the engine of the daemon over other days.

Pure and without a clock: the same recordings give the same triggers, byte for byte.
It has no idea of a rule of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge

from alerts.engine import Engine
from alerts.reason import Reason
from alerts.rule import Rule
from alerts.trigger import Trigger
from alerts.watch import Armed
from backtest.errors import LISTED, RecordingError, RecordingProblem
from backtest.recording import Observation, Recording
from market.bar import Bar
from market.instant import render_instant
from market.instrument import Instrument, PriceBasis
from market.screening import Screen, screen
from market.tick import Quote, Tick

PROGRESS_EVERY = 4096
"""Rows between two calls of `progress`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is played, and through which rules.

    Attributes:
        recordings: in the order in which the user named the files.
        instruments: by name; all that the recordings may hold.
        screened: judge prices as those of a live feed: quarantine, crossed quotes.
        skip_bad: leave out bars that contradict others instead of refusing them.
        everything: ask every rule about every row, without quiet bands: an oracle.
    """

    recordings: Sequence[Recording]
    instruments: Mapping[str, Instrument]
    rules: Sequence[Rule]
    screened: bool = False
    skip_bad: bool = False
    everything: bool = False


@dataclass(slots=True)
class Replay:
    """What happened.

    Attributes:
        triggers: suppressed ones included, by effective time; of one instant in the
            order in which they came about.
        repeated: bars that were in the recordings twice.
        covered: prices within the time of a bar, or before one: not shown to rules.
        refused: prices that the screening did not let through, by reason.
        skipped: bars that contradict others; `problems` has the first of them.
        waiting: rules that could not be asked to the end, and for what they wait.
    """

    triggers: list[Trigger] = field(default_factory=list)
    repeated: int = 0
    covered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    problems: list[RecordingProblem] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)


def replay(script: Script, progress: Callable[[int], None] | None = None) -> Replay:
    """Play everything from the first row to the last.

    At the end the watermark stands at the last time seen, of any instrument: holds
    that end by then complete, bars that are still open stay open.

    Args:
        progress: told now and then how many rows have been played.

    Raises:
        RecordingError: bars contradict each other; with the first that do.
    """
    stage = _Stage(script)
    for count, seen in enumerate(_merged(script.recordings, stage.wanted)):
        stage.take(seen)
        if progress is not None and count % PROGRESS_EVERY == 0:
            progress(count)
    return stage.finish()


def count_rows(script: Script) -> int:
    """How many rows are going to be played."""
    wanted = {rule.instrument for rule in script.rules}
    counts = [recording.counts() for recording in script.recordings]
    return sum(n for count in counts for name, n in count.items() if name in wanted)


def _merged(
    recordings: Sequence[Recording], wanted: Iterable[str]
) -> Iterator[Observation]:
    """By time; of one time in the order of the files and of their lines."""
    streams = [
        recording.observations(order, wanted)
        for order, recording in enumerate(recordings)
    ]
    return streams[0] if len(streams) == 1 else merge(*streams)


class _Stage:
    """The engine and what is needed to show it one row after the other."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.wanted = {rule.instrument for rule in script.rules}
        instruments = {
            name: instrument
            for name, instrument in script.instruments.items()
            if name in self.wanted
        }
        self._engine = Engine(instruments, script.rules, everything=script.everything)
        for watch in self._engine.watches.values():
            watch.book.settle()
        self._replay = Replay()
        self._bars: dict[str, tuple[int, Bar]] = {}
        self._screens: dict[str, Screen] = {}

    def take(self, row: Observation) -> None:
        _, order, line, seen = row
        if isinstance(seen, Bar):
            self._take_bar(seen, order, line)
        elif self._script.screened:
            for tick in self._screen(seen):
                self._take_tick(tick)
        else:
            self._take_tick(seen)

    def finish(self) -> Replay:
        found = self._replay
        if found.problems and not self._script.skip_bad:
            raise RecordingError(found.problems)
        ends = [r.ends.max() for r in self._script.recordings if len(r)]
        if ends:
            for step in self._engine.advance(int(max(ends))):
                found.triggers += step.triggers
        found.triggers.sort(key=lambda trigger: trigger.at)
        found.waiting = {
            name: _waits_for(armed)
            for watch in self._engine.watches.values()
            for name, armed in watch.rules.items()
            if armed.reason is Reason.WARMING
        }
        return found

    def _take_tick(self, tick: Tick) -> None:
        if tick.at < self._engine.watches[tick.instrument].watermark:
            self._replay.covered += 1
            return
        self._replay.triggers += self._engine.observe(tick).triggers

    def _take_bar(self, bar: Bar, order: int, line: int) -> None:
        before = self._bars.get(bar.instrument)
        if before is not None and bar.open_time < before[1].close_time:
            self._collide(before, bar, order, line)
            return
        self._bars[bar.instrument] = (line, bar)
        self._replay.triggers += self._engine.read(bar).triggers

    def _collide(
        self, before: tuple[int, Bar], bar: Bar, order: int, line: int
    ) -> None:
        """Two bars claim the same time: one and the same bar, or a contradiction."""
        other_line, other = before
        if replace(bar, volume=other.volume) == other:
            self._replay.repeated += 1
            return
        opened = render_instant(bar.open_time)
        if bar.open_time == other.open_time:
            message = (
                f"another bar of {bar.instrument} at {opened}, with other prices; "
                "one of them has to go"
            )
        else:
            message = (
                f"this bar opens at {opened}, before the bar of line {other_line} "
                f"closes ({render_instant(other.close_time)}); is the timeframe "
                f"{bar.timeframe}?"
            )
        self._replay.skipped += 1
        if len(self._replay.problems) < LISTED:
            file = self._script.recordings[order].file
            problem = RecordingProblem(file=file, line=line, message=message)
            self._replay.problems.append(problem)
        elif not self._script.skip_bad:
            raise RecordingError(self._replay.problems)

    def _screen(self, tick: Tick) -> tuple[Tick, ...]:
        """What a live feed would have made of this price."""
        instrument = self._script.instruments[tick.instrument]
        quote = Quote(
            instrument=tick.instrument,
            source=tick.source,
            received_at=tick.at,
            at=tick.at,
            last=tick.last,
            bid=tick.bid,
            ask=tick.ask,
        )
        if quote.price(instrument.price) is None:
            # The recorded price stands in for the side that this row lacks.
            instrument = replace(instrument, price=PriceBasis.LAST)
        state = self._screens.get(tick.instrument, Screen())
        screened = screen(state, quote, instrument, tick.at)
        self._screens[tick.instrument] = screened.screen
        self._replay.refused.update(one.reason.value for one in screened.refusals)
        return screened.ticks


def _waits_for(armed: Armed) -> str:
    if armed.level is not None and armed.level.value is None:
        have, need = armed.level.progress
        return f"{have} of {need} bars"
    return "the average daily range"
