"""Every "no" has a name, and so has every "yes"."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a rule did or did not fire, or why a trigger was not sent."""

    FIRED = "fired"
    NOT_MET = "not_met"
    """The condition does not hold."""
    DISARMED = "disarmed"
    """It fired, and the price has not left far enough to fire again."""
    PENDING = "pending"
    """It holds, and waits for its confirmation (hold, ticks, close)."""
    CANCELLED = "cancelled"
    """It held, but not for long enough."""
    ACCEPTED = "accepted"
    """A breakout was not taken back in time: no false breakout."""
    WARMING = "warming"
    """A level has too little history to exist yet."""
    SEEDED = "seeded"
    """The first price seen: remembered, never an event."""
    DONE = "done"
    """`frequency = "once"` and it has fired."""
    BROKEN = "broken"
    """It cannot be watched; the decision's detail says why."""
    COOLDOWN = "cooldown"
    FREQUENCY = "frequency"
    SILENCED = "silenced"
    EXPIRED = "expired"
