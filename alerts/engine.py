"""From observations to steps: the one place where rules meet prices.

Deterministic and without a clock: the same observations in the same order give the
same steps, byte for byte, live, after a crash and in a replay.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from alerts.conditions.condition import Firing
from alerts.policy import decide
from alerts.reason import Reason
from alerts.rule import Rule
from alerts.silence import Silence
from alerts.step import Cursor, Decision, RuleState, Step
from alerts.trigger import Trigger, event_id
from alerts.watch import Armed, Changes, Watch
from market.bar import Bar
from market.instant import DAY, HOUR, MINUTE, render_instant
from market.instrument import Instrument
from market.tick import Tick

LATE_AFTER = MINUTE
"""A trigger that is detected this long after its effective time is told as late."""


class Engine:
    """All watched instruments."""

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        rules: Iterable[Rule],
        *,
        states: Mapping[str, RuleState] | None = None,
        late_after: int = LATE_AFTER,
        everything: bool = False,
    ) -> None:
        """Arm the rules.

        Args:
            states: as stored; a state of another revision is not used.
            late_after: a trigger that becomes known this long after its effective
                time is late.
            everything: ask every rule at every observation: slow, and the oracle of
                the quiet bands.
        """
        self.watches = {
            name: Watch(instrument, everything=everything)
            for name, instrument in instruments.items()
        }
        self.silences: tuple[Silence, ...] = ()
        self._late_after = late_after
        for rule in rules:
            memory = (states or {}).get(rule.id)
            self.watches[rule.instrument].arm(rule, memory)

    def resume(self, cursor: Cursor) -> None:
        """Go on after the last observation that was stored."""
        watch = self.watches.get(cursor.instrument)
        if watch is not None:
            watch.resume(cursor.at, cursor.price)

    def observe(self, tick: Tick, detected_at: int | None = None) -> Step:
        """Take a tick that was accepted.

        One from before the watermark, or the very same again, is stored and not
        shown to the rules.

        Args:
            detected_at: when it became known; its own time in a replay.
        """
        watch = self.watches[tick.instrument]
        at, price = tick.at, tick.price
        if watch.has_passed(at, price):
            return Step(at=at, ticks=(tick,))
        cursor = Cursor(
            instrument=tick.instrument,
            at=at,
            seq=tick.seq,
            price=price,
            source=tick.source,
        )
        if watch.pass_by(at, price):
            return Step(at=at, ticks=(tick,), cursor=cursor)
        changes = Changes()
        watch.see(at, price, changes)
        step = self._finish(watch, changes, at, detected_at, tick.source)
        return replace(step, ticks=(tick,), cursor=cursor)

    def read(self, bar: Bar, source: str = "") -> Step:
        """Take a recorded bar in which nobody saw the ticks."""
        watch = self.watches[bar.instrument]
        changes = Changes()
        watch.read(bar, changes)
        return self._finish(watch, changes, bar.close_time, None, source)

    def advance(self, at: int, detected_at: int | None = None) -> tuple[Step, ...]:
        """Learn that nothing up to and including `at` is still to come."""
        steps = []
        for watch in self.watches.values():
            changes = Changes()
            watch.advance(at, changes)
            step = self._finish(watch, changes, at, detected_at, "")
            if step.bars or step.states or step.triggers or step.decisions:
                steps.append(step)
        return tuple(steps)

    def _finish(
        self,
        watch: Watch,
        changes: Changes,
        at: int,
        detected_at: int | None,
        source: str,
    ) -> Step:
        if not (changes.fired or changes.touched or changes.decisions or changes.bars):
            return Step(at=at)
        triggers = []
        decisions = list(changes.decisions)
        for armed, firing in _in_path_order(changes.fired):
            if armed.memory.done:
                continue
            trigger = self._trigger(watch, armed, firing, detected_at, source)
            triggers.append(trigger)
            decisions.append(_decision(trigger))
        states = {
            name: replace(armed.memory, machine=armed.rule.condition.dump(armed.state))
            for name, armed in changes.touched.items()
        }
        return Step(
            at=at,
            bars=tuple(changes.bars),
            states=states,
            triggers=tuple(triggers),
            decisions=tuple(decisions),
        )

    def _trigger(
        self,
        watch: Watch,
        armed: Armed,
        firing: Firing,
        detected_at: int | None,
        source: str,
    ) -> Trigger:
        rule, memory = armed.rule, armed.memory
        armed.memory, suppressed = decide(
            rule, memory, firing.at, watch.instrument.session, self.silences
        )
        known = firing.at if detected_at is None else max(detected_at, firing.at)
        late_by = known - firing.at
        word = f"{firing.event} {firing.direction}"
        return Trigger(
            event_id=event_id(rule.id, rule.revision, word, firing.at, memory.fired),
            rule=rule.id,
            instrument=rule.instrument,
            kind=str(getattr(rule.spec, "kind", "")),
            event=firing.event,
            direction=firing.direction,
            at=firing.at,
            detected_at=known,
            price=firing.price,
            level=firing.level,
            level_name=rule.level_name,
            reference=firing.reference,
            reference_at=firing.reference_at,
            cause=firing.cause,
            gap=firing.gap,
            initial=firing.initial,
            late_by=late_by if late_by > self._late_after else 0,
            approximate=firing.window is not None,
            window=firing.window,
            source=source,
            suppressed=suppressed,
            change_1h=watch.book.change(firing.at, firing.price, HOUR),
            change_24h=watch.book.change(firing.at, firing.price, DAY),
        )


def _in_path_order(
    fired: list[tuple[Armed, Firing]],
) -> list[tuple[Armed, Firing]]:
    """By time; at one time in the order in which the price meets the levels."""

    def key(
        item: tuple[int, tuple[Armed, Firing]],
    ) -> tuple[int, int, float, str, int]:
        order, (armed, firing) = item
        level = firing.price if firing.level is None else firing.level
        along = -level if firing.direction == "down" else level
        return firing.at, firing.step, along, armed.rule.id, order

    ordered = sorted(enumerate(fired), key=key)
    return [pair for _, pair in ordered]


def _decision(trigger: Trigger) -> Decision:
    known_at = render_instant(trigger.detected_at)
    late = f", known at {known_at}" if trigger.late_by else ""
    return Decision(
        rule=trigger.rule,
        instrument=trigger.instrument,
        at=trigger.at,
        reason=trigger.suppressed or Reason.FIRED,
        price=trigger.price,
        level=trigger.level,
        detail=f"{trigger.event} {trigger.direction or ''} {trigger.event_id}{late}",
    )
