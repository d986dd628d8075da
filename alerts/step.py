"""What one observation changed: the unit that is committed as one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.reason import Reason
from alerts.trigger import Trigger
from market.bar import Bar
from market.tick import Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """What is remembered of one rule between two observations.

    Attributes:
        rule: the rule's id.
        revision: hash of its definition; another revision starts afresh.
        machine: the condition's own state, as JSON-able data.
        fired: how many triggers this revision has had, suppressed ones included.
        sent_at: effective time of the last trigger that was not suppressed.
        done: retired by `frequency = "once"`.
    """

    rule: str
    revision: str
    machine: object = None
    fired: int = 0
    sent_at: int | None = None
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why a rule did what it did: stored when the answer changes.

    Attributes:
        detail: what a person needs beside the reason: numbers, progress, event id.
    """

    rule: str
    instrument: str
    at: int
    reason: Reason
    price: float | None = None
    level: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last observation of an instrument that the rules have seen."""

    instrument: str
    at: int
    seq: int
    price: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Everything that one observation changed, to be stored at once or not at all."""

    at: int
    ticks: tuple[Tick, ...] = ()
    bars: tuple[Bar, ...] = ()
    states: Mapping[str, RuleState] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cursor: Cursor | None = None
