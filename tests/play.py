"""Plays a short story through one rule and gives every trigger that it makes."""

# ruff: noqa: ANN401 - a rule is written here as in the config: tables of anything

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from alerts.conditions import CONDITION_KINDS
from alerts.engine import Engine
from alerts.levels import LEVEL_KINDS
from alerts.rule import Rule, build_rule
from alerts.trigger import Trigger
from market.bar import Bar
from market.fields import read_duration, read_instant
from market.instant import parse_duration, parse_instant
from market.instrument import Instrument, Session
from market.tick import Tick
from market.timeframe import parse_timeframe

T0 = parse_instant("2025-05-19T00:00:00Z")
NAME = "XMR/USD"

Observation = Sequence[Any]


def play(
    when: Mapping[str, Any],
    observations: Sequence[Observation],
    *,
    levels: Mapping[str, Mapping[str, Any]] | None = None,
    session: str = "crypto",
    stale_after: str = "3650d",
    **rule_keys: Any,
) -> list[Trigger]:
    """Every trigger of one rule, suppressed ones included, in the engine's order.

    Args:
        observations: (seconds, price), ("advance", seconds), or
            ("bar", seconds, open, high, low, close[, timeframe]); seconds after T0.
    """
    engine = build_engine(
        [rule("rule", when, levels=levels, session=session, **rule_keys)],
        session=session,
        stale_after=stale_after,
    )
    return feed(engine, observations)


def play_everything(
    when: Mapping[str, Any],
    observations: Sequence[Observation],
    *,
    levels: Mapping[str, Mapping[str, Any]] | None = None,
    session: str = "crypto",
    stale_after: str = "3650d",
    **rule_keys: Any,
) -> list[Trigger]:
    """The same, asking the rule at every observation: no quiet bands."""
    engine = build_engine(
        [rule("rule", when, levels=levels, session=session, **rule_keys)],
        session=session,
        stale_after=stale_after,
        everything=True,
    )
    return feed(engine, observations)


def rule(
    name: str,
    when: Mapping[str, Any],
    *,
    levels: Mapping[str, Mapping[str, Any]] | None = None,
    session: str = "crypto",
    **keys: Any,
) -> Rule:
    """A rule from the words of the config; no cooldown unless given."""
    del session
    specs = {
        key: LEVEL_KINDS[table["kind"]].model_validate({"instrument": NAME, **table})
        for key, table in (levels or {}).items()
    }
    keys["cooldown"] = read_duration(keys.get("cooldown", "0s"))
    if keys.get("expires") is not None and not isinstance(keys["expires"], int):
        keys["expires"] = read_instant(keys["expires"])
    spec = CONDITION_KINDS[when["kind"]].model_validate(_exact(when))
    return build_rule(spec, id=name, instrument=NAME, levels=specs, **keys)


def build_engine(
    rules: Sequence[Rule],
    *,
    session: str = "crypto",
    stale_after: str = "3650d",
    everything: bool = False,
    **engine_keys: Any,
) -> Engine:
    """An engine that watches one instrument."""
    instrument = Instrument(
        name=NAME, session=Session(session), stale_after=parse_duration(stale_after)
    )
    return Engine({NAME: instrument}, rules, everything=everything, **engine_keys)


def feed(engine: Engine, observations: Sequence[Observation]) -> list[Trigger]:
    """Show observations to an engine, one by one."""
    triggers: list[Trigger] = []
    seq: dict[int, int] = {}
    for seen in observations:
        if seen[0] == "advance":
            for step in engine.advance(T0 + round(seen[1] * 1000)):
                triggers += step.triggers
        elif seen[0] == "bar":
            triggers += engine.read(bar(*seen[1:])).triggers
        else:
            at = T0 + round(seen[0] * 1000)
            seq[at] = seq.get(at, -1) + 1
            tick = Tick(
                instrument=NAME,
                at=at,
                price=float(seen[1]),
                source="paper",
                received_at=at,
                seq=seq[at],
            )
            triggers += engine.observe(tick).triggers
    return triggers


def bar(
    opened: float, o: float, h: float, low: float, c: float, timeframe: str = "1m"
) -> Bar:
    """A recorded bar that opens `opened` seconds after T0."""
    frame = parse_timeframe(timeframe)
    open_time = T0 + round(opened * 1000)
    return Bar(
        instrument=NAME,
        timeframe=frame,
        open_time=open_time,
        close_time=open_time + frame.length,
        open=float(o),
        high=float(h),
        low=float(low),
        close=float(c),
    )


def _exact(value: Any) -> Any:
    """Numbers as the config's reader gives them: decimals."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {key: _exact(part) for key, part in value.items()}
    return value
