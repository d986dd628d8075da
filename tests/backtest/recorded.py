"""Recorded files for tests: written as text, read as a file would be."""

# ruff: noqa: ANN401 - rules and options are handed on as they are written

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alerts.rule import Rule
from backtest.errors import RecordingError
from backtest.reading import Reading, read_recording
from backtest.recording import Recording
from market.instant import MINUTE
from market.instrument import Instrument, PriceBasis, Session
from market.tick import Tick
from market.timeframe import Timeframe, parse_timeframe
from tests.play import T0
from tests.play import rule as play_rule

XMR, EUR = "XMR/USD", "EUR/USD"
INSTRUMENTS = {
    XMR: Instrument(name=XMR),
    EUR: Instrument(name=EUR, session=Session.FX, price=PriceBasis.MID),
}
TICKS = "at,instrument,price\n"
BARS = "at,instrument,open,high,low,close\n"


def read(text: str, *, file: str = "x.csv", **how: Any) -> Recording:
    """What a file of this text holds; `timeframe` as text."""
    if isinstance(how.get("timeframe"), str):
        how["timeframe"] = parse_timeframe(how["timeframe"])
    reading = Reading(**{"instruments": INSTRUMENTS, **how})
    return read_recording(text.splitlines(keepends=True), file, reading)


def refusal(text: str, **how: Any) -> list[str]:
    """The problems of a file, a line each."""
    try:
        read(text, **how)
    except RecordingError as exc:
        return str(exc).splitlines()
    return []


def ticks(recording: Recording, *names: str) -> list[Tick]:
    """Its rows as ticks."""
    rows = recording.observations(0, names or INSTRUMENTS)
    return [seen for *_, seen in rows if isinstance(seen, Tick)]


def minutes(first: int, *bars: tuple[float, float, float, float]) -> str:
    """Rows of one-minute bars of XMR/USD, `first` minutes after T0."""
    return "".join(
        f"{T0 + (first + number) * MINUTE},{XMR},{o},{h},{low},{c}\n"
        for number, (o, h, low, c) in enumerate(bars)
    )


def rule(name: str = "r", instrument: str = XMR, **keys: Any) -> Rule:
    """A rule for one of the instruments; a crossing of 100 unless said."""
    when: Mapping[str, Any] = keys.pop(
        "when", {"kind": "cross", "direction": "any", "level": 100, "rearm": "0"}
    )
    made = play_rule(name, when, **keys)
    return replace(made, instrument=instrument)


ONE_MINUTE = Timeframe(MINUTE)
