"""A trigger: one firing of one rule, a fact."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from alerts.reason import Reason
from market.instant import render_instant

Direction = Literal["up", "down"]
Cause = Literal["price", "level", "source"]

TRIGGER_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What happened, to the last detail that a message or an auditor may need.

    Attributes:
        kind: the condition's kind; `event` its sub-event, else the same word.
        direction: the way the price moved; None where the event has none.
        at: effective time, epoch ms; `detected_at` is when we knew.
        level: the level's value at that moment; None for moves.
        level_name: how the rule names it ("eur-sma200-h4", "637"); None for moves.
        reference: of a move: the price it is measured from, with `reference_at`.
        cause: the price moved, or the level jumped past it at a bar's close.
        gap: the previous observation was too old or too far away.
        initial: a state condition that already held at its first look.
        approximate: read out of a bar; `window` is then its (open, close) time.
        suppressed: None where it is to be sent, else why not.
    """

    event_id: str
    rule: str
    instrument: str
    kind: str
    event: str
    direction: Direction | None
    at: int
    detected_at: int
    price: float
    level: float | None = None
    level_name: str | None = None
    reference: float | None = None
    reference_at: int | None = None
    cause: Cause = "price"
    gap: bool = False
    initial: bool = False
    late_by: int = 0
    approximate: bool = False
    window: tuple[int, int] | None = None
    source: str = ""
    suppressed: Reason | None = None
    change_1h: float | None = None
    change_24h: float | None = None

    def to_json(self) -> dict[str, object]:
        """The public JSON form, version 1 (the webhook's body, `replay --json`)."""
        body: dict[str, object] = {
            "v": TRIGGER_VERSION,
            "event_id": self.event_id,
            "rule": self.rule,
            "instrument": self.instrument,
            "kind": self.kind,
            "event": self.event,
            "direction": self.direction,
            "at": render_instant(self.at),
            "detected_at": render_instant(self.detected_at),
            "price": self.price,
            "level": self.level,
            "reference": self.reference,
            "cause": self.cause,
            "gap": self.gap,
            "late": self.late_by > 0,
            "approximate": self.approximate,
            "source": self.source,
            "suppressed": self.suppressed.value if self.suppressed else None,
        }
        if self.level_name is not None:
            body["level_name"] = self.level_name
        if self.reference_at is not None:
            body["reference_at"] = render_instant(self.reference_at)
        if self.initial:
            body["initial"] = True
        if self.late_by:
            body["late_by"] = self.late_by / 1000
        if self.window is not None:
            body["window"] = [render_instant(edge) for edge in self.window]
        return body


def event_id(rule: str, revision: str, event: str, at: int, ordinal: int) -> str:
    """The stable identity of a firing: the same after a crash and in a replay.

    Args:
        ordinal: how many triggers this revision of the rule had before.
    """
    text = f"{rule}\n{revision}\n{event}\n{at}\n{ordinal}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]
