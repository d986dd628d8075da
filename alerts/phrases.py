"""The sentence of every event: what the price did, after the instrument's name.

Placeholders: {level} "637.0" or "eur-sma200-h4 (1.12000)", {zone} "bnb-640",
{pct} "21.3 %", {since} " in 5 h 10 min" or " from 340.00", {rule}, {event}. They
are arguments of `str.format`, which never reads an argument as a format: a rule may
be called "{0.__class__}".
"""

from collections.abc import Mapping

from alerts.trigger import Trigger

Sentences = Mapping[str | None, str]
"""By direction; None where the event has none, and the last resort of the others."""

_CROSS: Sentences = {
    "up": "rose above {level}",
    "down": "fell below {level}",
    None: "crossed {level}",
}
_CONSOLIDATION: Sentences = {None: "is consolidating near {level}"}
_BREAK: Sentences = {
    "up": "broke up out of its range at {level}",
    "down": "broke down out of its range at {level}",
    None: "broke out of its range at {level}",
}

PHRASES: Mapping[str, Sentences] = {
    "cross": _CROSS,
    "reach": {
        "up": "rose to {level}",
        "down": "fell to {level}",
        None: "reached {level}",
    },
    "above": {None: "is above {level}"},
    "below": {None: "is below {level}"},
    "inside": {None: "is inside {zone}"},
    "outside": {None: "is outside {zone}"},
    "enter": {
        "up": "entered {zone} from below",
        "down": "entered {zone} from above",
        None: "entered {zone}",
    },
    "exit": {
        "up": "left {zone} upwards",
        "down": "left {zone} downwards",
        None: "left {zone}",
    },
    "reject": {
        "up": "was turned back up by {zone}",
        "down": "was turned back down by {zone}",
        None: "was turned back by {zone}",
    },
    "traverse_up": {None: "broke up through {zone}"},
    "traverse_down": {None: "broke down through {zone}"},
    "hold": {
        "up": "is held up by {zone}",
        "down": "is held down by {zone}",
        None: "is held by {zone}",
    },
    "lost": {
        "up": "broke out above {zone}",
        "down": "lost {zone}",
        None: "lost {zone}",
    },
    "reclaim": {
        "up": "reclaimed {zone}",
        "down": "fell back under {zone}",
        None: "reclaimed {zone}",
    },
    "touch": {
        "up": "touched {level} from below",
        "down": "touched {level} from above",
        None: "touched {level}",
    },
    "approach": {
        "up": "is nearing {level} from below",
        "down": "is nearing {level} from above",
        None: "is nearing {level}",
    },
    "move": {
        "up": "is up {pct}{since}",
        "down": "is down {pct}{since}",
        None: "moved {pct}{since}",
    },
    "bounce": {
        "up": "bounced up off {level}",
        "down": "was turned down at {level}",
        None: "bounced off {level}",
    },
    "false_breakout": {
        "up": "climbed back above {level}, a false breakdown",
        "down": "fell back below {level}, a false breakout",
        None: "came back through {level}, a false breakout",
    },
    "accepted": {
        "up": "stays above {level}, the breakout is accepted",
        "down": "stays below {level}, the breakdown is accepted",
        None: "stays beyond {level}, the breakout is accepted",
    },
    "retest": {
        "up": "came back up to retest {level}",
        "down": "came back down to retest {level}",
        None: "came back to retest {level}",
    },
    "role_reversal": {
        "up": "turned up at {level}, once resistance, now support",
        "down": "turned down at {level}, once support, now resistance",
        None: "turned at {level}, which has changed its role",
    },
    "retest_failed": {
        "up": "rose back through {level}, the retest failed",
        "down": "fell back through {level}, the retest failed",
        None: "came back through {level}, the retest failed",
    },
    "consolidation": _CONSOLIDATION,
    "consolidation_start": _CONSOLIDATION,
    "consolidation_break": _BREAK,
    "start": _CONSOLIDATION,
    "break": _BREAK,
    "new_extreme": {
        "up": "made a new high",
        "down": "made a new low",
        None: "made a new extreme",
    },
    "stays_above": {None: "stayed above {level}"},
    "stays_below": {None: "stayed below {level}"},
    "session_change": {
        "up": "gained {pct} in the last session",
        "down": "lost {pct} in the last session",
        None: "moved {pct} in the last session",
    },
    "all": {None: "fulfils everything that {rule} asks for"},
    "any": {None: "fulfils one thing that {rule} asks for"},
    "then": {None: "went through the sequence of {rule}"},
}

# The price stood still and the level moved past it, or both were so at first sight:
# "fell" and "rose" would be untrue.
STANDING: Sentences = {
    "up": "is now above {level}",
    "down": "is now below {level}",
    None: "is now beyond {level}",
}
_ALREADY = "is already "


def phrase(trigger: Trigger) -> str:
    """The format of a trigger's sentence; an unknown event is told by its name."""
    if trigger.cause == "level" and trigger.event == "cross":
        return STANDING[trigger.direction]
    sentences = PHRASES.get(trigger.event) or PHRASES.get(trigger.kind)
    if sentences is None:
        return "did what {rule} waits for ({event})"
    told = sentences.get(trigger.direction) or sentences[None]
    if trigger.initial and told.startswith("is "):
        return _ALREADY + told.removeprefix("is ")
    return told
