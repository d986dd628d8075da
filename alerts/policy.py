"""Which triggers are sent. Filters never feed back into the conditions.

They run in a fixed order: expiry, frequency, cooldown, silence. A suppressed trigger
is a fact like any other; only `frequency = "once"` retires a rule, by definition.
"""

from collections.abc import Iterable
from dataclasses import replace

from alerts.reason import Reason
from alerts.rule import Rule
from alerts.silence import Silence
from alerts.step import RuleState
from market.instrument import Session
from market.timeframe import parse_timeframe


def decide(
    rule: Rule, state: RuleState, at: int, session: Session, silences: Iterable[Silence]
) -> tuple[RuleState, Reason | None]:
    """Decide whether a trigger of this rule at this instant is sent.

    Args:
        at: effective time of the trigger, not the wall clock.

    Returns:
        The state after it, and None where it is sent, else why not.
    """
    suppressed = _suppressed(rule, state, at, session, silences)
    state = replace(state, fired=state.fired + 1)
    if suppressed is not None:
        return state, suppressed
    return replace(state, sent_at=at, done=rule.frequency == "once"), None


def _suppressed(
    rule: Rule, state: RuleState, at: int, session: Session, silences: Iterable[Silence]
) -> Reason | None:
    if rule.expires is not None and at >= rule.expires:
        return Reason.EXPIRED
    if state.sent_at is not None:
        if rule.frequency == "once":
            return Reason.DONE
        if _same_bar(rule.frequency, session, state.sent_at, at):
            return Reason.FREQUENCY
        if at - state.sent_at < rule.cooldown:
            return Reason.COOLDOWN
    if any(one.covers(rule.id, rule.instrument, at) for one in silences):
        return Reason.SILENCED
    return None


def _same_bar(frequency: str, session: Session, earlier: int, at: int) -> bool:
    _, _, timeframe = frequency.partition(":")
    if not timeframe:
        return False
    bucket = parse_timeframe(timeframe).bucket
    return bucket(session, earlier) == bucket(session, at)
