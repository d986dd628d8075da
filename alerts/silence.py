"""Silences: one-off mutes with author and end, of a rule, an instrument or all."""

from dataclasses import dataclass
from enum import StrEnum


class SilenceKind(StrEnum):
    """What a silence covers."""

    RULE = "rule"
    INSTRUMENT = "instrument"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One mute with an author and an end.

    Attributes:
        target: the rule's id or the instrument's name; "" for everything.
        created_at: epoch ms, inclusive: silent from then on.
        until: epoch ms, exclusive: told again from then on.
        id: given by the store; 0 before.
    """

    kind: SilenceKind
    target: str = ""
    author: str = ""
    note: str = ""
    created_at: int
    until: int
    id: int = 0

    def covers(self, rule: str, instrument: str, at: int) -> bool:
        """Whether a trigger of this rule at this instant is to be kept quiet."""
        if not self.created_at <= at < self.until:
            return False
        match self.kind:
            case SilenceKind.RULE:
                return self.target == rule
            case SilenceKind.INSTRUMENT:
                return self.target == instrument
            case SilenceKind.ALL:
                return True
