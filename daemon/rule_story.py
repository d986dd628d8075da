"""What is stored about one rule, gathered for `why`."""

from dataclasses import dataclass

from sqlalchemy import Connection

from alerts.silence import Silence
from alerts.step import Decision
from alerts.trigger import Trigger
from daemon.config.sections import RuleSection
from market.instant import render_instant
from market.tick import Tick
from storage.fates import Fate, load_fates
from storage.journal import load_decisions
from storage.silences import active_silences
from storage.ticks import last_tick
from storage.triggers import load_triggers

_FIRINGS = 3
"""The latest firings whose messages are followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One firing, and what became of its messages."""

    trigger: Trigger
    fates: tuple[Fate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A rule at one instant.

    Attributes:
        decisions: newest first, none after that instant; so are the firings.
        tick: the instrument's last accepted price.
    """

    rule: str
    at: int
    tick: Tick | None
    decisions: tuple[Decision, ...]
    firings: tuple[Told, ...]
    silences: tuple[Silence, ...]

    def to_json(self) -> dict[str, object]:
        """For machines."""
        tick = self.tick
        return {
            "rule": self.rule,
            "at": render_instant(self.at),
            "price": None if tick is None else tick.price,
            "price_at": None if tick is None else render_instant(tick.at),
            "silenced_until": [render_instant(one.until) for one in self.silences],
            "decisions": [
                {
                    "at": render_instant(one.at),
                    "reason": one.reason.value,
                    "price": one.price,
                    "level": one.level,
                    "detail": one.detail,
                }
                for one in self.decisions
            ],
            "firings": [
                {**told.trigger.to_json(), "messages": [_fate(f) for f in told.fates]}
                for told in self.firings
            ],
        }


def _fate(fate: Fate) -> dict[str, object]:
    ended_at = fate.ended_at
    return {
        "receiver": fate.receiver,
        "status": fate.status,
        "attempts": fate.attempts,
        "ended_at": None if ended_at is None else render_instant(ended_at),
        "error": fate.error,
    }


def load_story(
    connection: Connection, rule: RuleSection, *, at: int, count: int
) -> Story:
    """Gather what was stored of a rule until an instant."""
    fired = load_triggers(connection, rule.id, _FIRINGS, until=at)
    return Story(
        rule=rule.id,
        at=at,
        tick=last_tick(connection, rule.instrument, at),
        decisions=load_decisions(connection, rule.id, until=at, limit=count),
        firings=tuple(
            Told(trigger=one, fates=load_fates(connection, one.event_id))
            for one in fired
        ),
        silences=tuple(
            one
            for one in active_silences(connection, at)
            if one.covers(rule.id, rule.instrument, at)
        ),
    )
