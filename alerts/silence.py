"""Silences: one-off mutes with an end, of a rule, an instrument or everything."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mute:
    """What is muted until when; `rule` and `instrument` None mean every one."""

    until: int
    rule: str | None = None
    instrument: str | None = None

    def covers(self, rule: str, instrument: str, at: int) -> bool:
        """Whether a trigger at this instant is muted; the end is exclusive."""
        return (
            at < self.until
            and self.rule in (None, rule)
            and self.instrument in (None, instrument)
        )
