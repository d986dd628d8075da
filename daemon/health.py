"""What `status` shows: the daemon's own picture of itself, as data."""

from collections.abc import Mapping

from alerts.engine import Engine
from alerts.reason import Reason
from alerts.watch import Armed
from daemon.clock import Clock
from daemon.deliver import Delivery
from daemon.pipeline import Pipeline
from daemon.sources import Source
from market.instrument import Instrument
from market.session import is_open, open_time_between

_STATES = {
    Reason.WARMING: "warming",
    Reason.PENDING: "pending",
    Reason.DISARMED: "disarmed",
}


def picture(
    *,
    engine: Engine,
    pipeline: Pipeline,
    sources: Mapping[str, Source],
    delivery: Delivery,
    broken: Mapping[str, str],
    clock: Clock,
    about: Mapping[str, object],
) -> dict[str, object]:
    """Everything that `status` needs, as JSON-able data.

    Args:
        broken: rules that cannot be watched, and why.
        about: the process: pid, version, started_at, config, stopped.
    """
    now = clock.now()
    return {
        **about,
        "sources": {name: _source(source) for name, source in sources.items()},
        "instruments": {
            name: _instrument(name, watch.instrument, pipeline, now)
            for name, watch in engine.watches.items()
        },
        "rules": {
            name: _rule(armed, pipeline, broken.get(name), now)
            for watch in engine.watches.values()
            for name, armed in watch.rules.items()
        },
        "receivers": {
            name: {
                "state": line.health.state,
                "last_sent_at": line.health.last_sent_at,
                "last_error": line.health.last_error,
            }
            for name, line in delivery.lines.items()
        },
    }


def _source(source: Source) -> dict[str, object]:
    health = source.health
    return {
        "state": health.state.value,
        "polls": health.polls,
        "failures": health.failures,
        "last_ok_at": health.last_ok_at,
        "last_error": health.last_error,
        "refused": dict(health.refused),
    }


def _instrument(
    name: str, instrument: Instrument, pipeline: Pipeline, now: int
) -> dict[str, object]:
    last = pipeline.last.get(name)
    return {
        "price": None if last is None else last.price,
        "at": None if last is None else last.at,
        "source": None if last is None else last.source,
        "decimals": pipeline.decimals.get(name, 5),
        "state": instrument_state(instrument, None if last is None else last.at, now),
        "observed": None,
    }


def instrument_state(instrument: Instrument, last_at: int | None, now: int) -> str:
    """One word: live, stale, closed or starting."""
    if not is_open(instrument.session, now):
        return "closed"
    if last_at is None:
        return "starting"
    age = open_time_between(instrument.session, last_at, now)
    return "stale" if age > instrument.stale_after else "live"


def _rule(
    armed: Armed, pipeline: Pipeline, broken: str | None, now: int
) -> dict[str, object]:
    rule = armed.rule
    value = None if armed.level is None else armed.level.value
    last = pipeline.last.get(rule.instrument)
    level: float | None = None
    if value is not None:
        low, high = float(value.low), float(value.high)
        level = (
            low
            if last is None or abs(last.price - low) < abs(last.price - high)
            else high
        )
    state, detail = _standing(armed, broken, now)
    return {
        "instrument": rule.instrument,
        "state": state,
        "detail": detail,
        "level": level,
        "level_name": rule.level_name,
        "distance": None if level is None or last is None else level - last.price,
    }


def _standing(armed: Armed, broken: str | None, now: int) -> tuple[str, str]:
    if broken is not None:
        return "broken", broken
    if armed.memory.done:
        return "done", "it was to fire once, and has"
    if armed.rule.expires is not None and now >= armed.rule.expires:
        return "expired", ""
    detail = ""
    if armed.reason is Reason.WARMING and armed.level is not None:
        have, need = armed.level.progress
        detail = f"{have} of {need} bars"
    return _STATES.get(armed.reason or Reason.NOT_MET, "watching"), detail
