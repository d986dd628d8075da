"""Reading a recorded file: CSV with a header, every wrong row named by its line.

Opens no file. Rows are turned into numbers a block at a time; a block with something
wrong in it is halved until the row is found, so that there is one reading of a row.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple, Protocol

import numpy as np

from backtest.columns import (
    BAR_PRICES,
    FORMS,
    QUOTE_PRICES,
    Floats,
    Header,
    Integers,
    check_bars,
    choose_prices,
    read_header,
    read_instants,
    read_prices,
    read_volumes,
)
from backtest.errors import LISTED, RecordingError, RecordingProblem
from backtest.recording import Recording
from market.instant import HOUR
from market.instrument import Instrument
from market.timeframe import Timeframe

_BLOCK = 8192
"""Rows in a block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are to be read.

    Attributes:
        instruments: by name; rows of any other are passed over.
        timeframe: length of the bars; None where no file holds bars.
        instrument: what a file without an instrument column holds.
        skip_bad: leave out rows that are wrong instead of refusing the file.
    """

    instruments: Mapping[str, Instrument]
    timeframe: Timeframe | None = None
    instrument: str | None = None
    skip_bad: bool = False


def read_recording(lines: Iterable[str], file: str, how: Reading) -> Recording:
    """Read a whole file.

    Args:
        lines: of the file, with their ends.
        file: what the user calls it, for messages.

    Raises:
        RecordingError: it cannot be played; with the first problems that were found.
    """
    reader = csv.reader(lines)
    try:
        rows = _Rows(file, _read_header(reader, file, how), how)
        for texts, numbers in _blocks(reader):
            rows.take(texts, numbers)
    except csv.Error as exc:
        raise _refusal(file, reader.line_num, f"is no CSV: {exc}") from exc
    return rows.finish()


def _refusal(file: str, line: int, message: str) -> RecordingError:
    return RecordingError([RecordingProblem(file=file, line=line, message=message)])


def _read_header(reader: Iterator[list[str]], file: str, how: Reading) -> Header:
    names = next(reader, None)
    if names is None:
        raise _refusal(file, 1, f"the file is empty; expected {FORMS}")
    try:
        header = read_header(names)
    except ValueError as exc:
        raise _refusal(file, 1, str(exc)) from exc
    if header.holds_bars and how.timeframe is None:
        raise _refusal(file, 1, "bars need a --timeframe, such as --timeframe 1m")
    if "instrument" not in header.places and how.instrument is None:
        message = 'no column "instrument"; say what it holds: --instrument BNB/USD'
        raise _refusal(file, 1, message)
    return header


class _Reader(Protocol):
    """What csv.reader gives; its own type has no public name before 3.13."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


def _blocks(reader: _Reader) -> Iterator[tuple[list[list[str]], list[int]]]:
    """Rows that are not blank, with their lines."""
    rows: list[list[str]] = []
    lines: list[int] = []
    for row in reader:
        if not row:
            continue
        rows.append(row)
        lines.append(reader.line_num)
        if len(rows) == _BLOCK:
            yield rows, lines
            rows, lines = [], []
    if rows:
        yield rows, lines


class _Block(NamedTuple):
    """Some rows as numbers, as in Recording."""

    at: Integers
    numbers: Integers
    lines: Integers
    values: Floats


_Columns = Sequence[tuple[str, ...]]


class _Rows:
    """The rows of one file, as they come."""

    def __init__(self, file: str, header: Header, how: Reading) -> None:
        self._file = file
        self._header = header
        self._how = how
        self._names = tuple(how.instruments)
        self._number = {name: number for number, name in enumerate(self._names)}
        self._blocks: list[_Block] = []
        self._problems: list[RecordingProblem] = []
        self._wrong = 0
        self._foreign: Counter[str] = Counter()

    def take(self, rows: Sequence[list[str]], lines: Sequence[int]) -> None:
        """Take rows in the order of the file."""
        try:
            columns, own_lines, foreign = self._sift(self._split(rows), lines)
            block = self._read(columns, own_lines) if own_lines else None
        except ValueError as exc:
            if len(rows) > 1:
                middle = len(rows) // 2
                self.take(rows[:middle], lines[:middle])
                self.take(rows[middle:], lines[middle:])
            else:
                self._refuse(lines[0], str(exc))
            return
        self._foreign.update(foreign)
        if block is not None:
            self._blocks.append(block)

    def finish(self) -> Recording:
        """Everything that was taken, in order of time.

        Raises:
            RecordingError: rows were wrong, and they are not to be skipped.
        """
        if self._problems and not self._how.skip_bad:
            raise RecordingError(self._problems)
        block = self._joined()
        disorder = 0
        if len(block.at):
            disorder = int((block.at < np.maximum.accumulate(block.at)).sum())
        if disorder:
            order = np.argsort(block.at, kind="stable")
            block = _Block(
                block.at[order],
                block.numbers[order],
                block.lines[order],
                block.values[:, order],
            )
        return Recording(
            file=self._file,
            names=self._names,
            timeframe=self._timeframe,
            at=block.at,
            ends=self._ends(block),
            numbers=block.numbers,
            lines=block.lines,
            values=block.values,
            disorder=disorder,
            skipped=self._wrong,
            problems=tuple(self._problems),
            foreign=dict(self._foreign),
            unknown=self._header.unknown,
        )

    @property
    def _timeframe(self) -> Timeframe | None:
        return self._how.timeframe if self._header.holds_bars else None

    def _refuse(self, line: int, message: str) -> None:
        self._wrong += 1
        if len(self._problems) < LISTED:
            problem = RecordingProblem(file=self._file, line=line, message=message)
            self._problems.append(problem)
        elif not self._how.skip_bad:
            raise RecordingError(self._problems)

    def _split(self, rows: Sequence[list[str]]) -> _Columns:
        width = self._header.width
        for row in rows:
            if len(row) != width:
                count = f"{len(row)} value{'' if len(row) == 1 else 's'}"
                raise ValueError(f"{count}; the header has {width} columns")
        return list(zip(*rows, strict=True))

    def _sift(
        self, columns: _Columns, lines: Sequence[int]
    ) -> tuple[_Columns, Sequence[int], list[str]]:
        """The rows that are asked for, and the instruments of the others."""
        place = self._header.places.get("instrument")
        if place is None:
            return columns, lines, []
        names = columns[place]
        foreign = {name for name in set(names) if name.strip() not in self._number}
        if not foreign:
            return columns, lines, []
        kept = [name not in foreign for name in names]
        return (
            [tuple(compress(column, kept)) for column in columns],
            list(compress(lines, kept)),
            [name.strip() for name in names if name in foreign],
        )

    def _read(self, columns: _Columns, lines: Sequence[int]) -> _Block:
        numbers = self._read_names(columns, len(lines))
        return _Block(
            at=read_instants(columns[self._header.places["at"]]),
            numbers=numbers,
            lines=np.array(lines, dtype=np.int64),
            values=self._read_values(columns, numbers),
        )

    def _read_names(self, columns: _Columns, count: int) -> Integers:
        place = self._header.places.get("instrument")
        if place is None:
            number = self._number[self._how.instrument or ""]
            return np.full(count, number, dtype=np.int64)
        known = {name: self._number[name.strip()] for name in set(columns[place])}
        return np.array([known[name] for name in columns[place]], dtype=np.int64)

    def _read_values(self, columns: _Columns, numbers: Integers) -> Floats:
        places = self._header.places
        if self._header.holds_bars:
            prices = np.stack(
                [read_prices(columns[places[name]], name) for name in BAR_PRICES]
            )
            check_bars(prices)
            volume = np.zeros((1, len(numbers)))
            if "volume" in places:
                volume[0] = read_volumes(columns[places["volume"]])
            return np.concatenate([prices, volume])
        quotes = np.full((len(QUOTE_PRICES), len(numbers)), np.nan)
        for line, name in enumerate(QUOTE_PRICES):
            if name in places:
                quotes[line] = read_prices(columns[places[name]], name, optional=True)
        instruments = tuple(self._how.instruments.values())
        price = choose_prices(quotes, numbers, instruments)
        return np.concatenate([price[np.newaxis], quotes])

    def _joined(self) -> _Block:
        if not self._blocks:
            none = np.zeros(0, dtype=np.int64)
            width = len(BAR_PRICES) + 1 if self._header.holds_bars else 4
            return _Block(none, none, none, np.zeros((width, 0)))
        at, numbers, lines, values = zip(*self._blocks, strict=True)
        return _Block(
            np.concatenate(at),
            np.concatenate(numbers),
            np.concatenate(lines),
            np.concatenate(values, axis=1),
        )

    def _ends(self, block: _Block) -> Integers:
        """When each row is over: a bar that is on the grid of its session ends there.

        FX days are 23 or 25 hours long twice a year; a bar that opens elsewhere (days
        of UTC on an FX instrument) lasts its nominal length.
        """
        timeframe = self._timeframe
        if timeframe is None:
            return block.at
        if timeframe.length <= HOUR:
            return block.at + timeframe.length
        sessions = [one.session for one in self._how.instruments.values()]
        ends = []
        rows = zip(block.at.tolist(), block.numbers.tolist(), strict=True)
        for at, number in rows:
            opened, end = timeframe.bucket(sessions[number], at)
            ends.append(end if opened == at else at + timeframe.length)
        return np.array(ends, dtype=np.int64)
