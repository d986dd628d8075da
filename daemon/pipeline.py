"""The path of a price inside the process: screen, evaluate, record, hand over."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from alerts.engine import Engine
from alerts.matter import Matter
from alerts.message import clean, compose, compose_operator
from alerts.notification import Message
from alerts.rule import Rule
from alerts.step import Step
from alerts.trigger import Trigger
from daemon.clock import Clock
from daemon.deliver import Delivery
from daemon.errors import SupervisionError
from daemon.recorder import GROUP, Recorder
from daemon.sources import Source
from market.instant import render_instant
from market.instrument import Instrument
from market.screening import Screen, screen
from market.session import open_time_between
from market.tick import Quote, Tick

_log = logging.getLogger(__name__)


class Pipeline:
    """From a venue's reply to messages in the outbox; all decisions are elsewhere."""

    def __init__(
        self,
        engine: Engine,
        rules: Mapping[str, Rule],
        recorder: Recorder,
        delivery: Delivery,
        clock: Clock,
        zone: ZoneInfo,
        operator: Sequence[str],
    ) -> None:
        self.engine = engine
        self.decimals: dict[str, int] = {}
        self.last: dict[str, Tick] = {}
        self.ticks = 0
        self.alerts = 0
        self._rules = rules
        self._recorder = recorder
        self._delivery = delivery
        self._clock = clock
        self._zone = zone
        self._operator = tuple(operator)
        self._screens: dict[tuple[str, str], Screen] = {}
        self._told: set[tuple[Matter, str]] = set()
        self._unsound = ""

    def resume(self, tick: Tick) -> None:
        """Go on after the last tick that was stored."""
        self.last[tick.instrument] = tick
        self._screens[tick.instrument, tick.source] = Screen(previous=tick)

    @property
    def counts(self) -> tuple[int, int]:
        """Ticks taken and alerts told."""
        return self.ticks, self.alerts

    @property
    def trouble(self) -> str | None:
        """What the store said of what was last to be stored; None where it is."""
        return self._recorder.trouble

    async def take(self, source: Source, quotes: Sequence[Quote]) -> None:
        """Take what a poll brought, one quote per instrument.

        Raises:
            SupervisionError: the rules of an instrument failed; what the others
                have to tell is stored.
        """
        self._require_sound()
        fired: list[Step] = []
        for quote in quotes:
            try:
                self._see(source, quote, fired)
            except Exception:  # noqa: BLE001 - whatever a rule may do wrong
                self._lose(quote.instrument)
        await self._tell(fired)
        self._require_sound()
        if self._recorder.waiting >= GROUP:
            await self.flush()

    async def advance(self, at: int) -> None:
        """Let time pass up to `at`: holds complete, bars close.

        Raises:
            SupervisionError: as `take`.
        """
        self._require_sound()
        fired: list[Step] = []
        try:
            for step in self.engine.advance(at, self._clock.now()):
                self._keep(step, fired)
        except Exception:  # noqa: BLE001 - as in take
            self._lose("all instruments")
        await self._tell(fired)
        self._require_sound()

    async def flush(self) -> None:
        """Store what is waiting."""
        self._require_sound()
        self._delivery.hand_over(await self._recorder.flush())

    async def alarm(
        self, matter: Matter, subject: str, detail: str = "", *, broken: str = ""
    ) -> None:
        """Tell the operator, once until `calm`; never through a broken receiver."""
        if (matter, subject) in self._told:
            return
        self._told.add((matter, subject))
        message = self._operators_message(matter, subject, detail)
        await self._send([(name, message) for name in self._trusted(broken)], [])

    async def shout(self, matter: Matter, detail: str) -> None:
        """Tell the operator past the store: at once, once, unrecorded."""
        message = self._operators_message(matter, "", detail)
        await self._delivery.shout(self._trusted(""), message)

    def _operators_message(self, matter: Matter, subject: str, detail: str) -> Message:
        _log.warning(
            "%s: %s %s", matter.value, subject, detail, extra={"action": matter.value}
        )
        return compose_operator(
            matter,
            subject=subject,
            detail=detail,
            at=self._clock.now(),
            zone=self._zone,
        )

    def _trusted(self, broken: str) -> Sequence[str]:
        """The operator's receivers that work; any other that does where none does."""
        silent = {broken, *self._delivery.broken}
        everybody = (self._operator, tuple(self._delivery.lines))
        for names in everybody:
            if working := [name for name in names if name not in silent]:
                return working
        return [name for name in self._operator if name != broken]

    def calm(self, matter: Matter, subject: str) -> bool:
        """Forget an alarm; True where there was one."""
        if (matter, subject) in self._told:
            self._told.discard((matter, subject))
            return True
        return False

    def _see(self, source: Source, quote: Quote, fired: list[Step]) -> None:
        for tick in self._accept(source, quote):
            self.ticks += 1
            self._keep(self.engine.observe(tick, self._clock.now()), fired)

    def _lose(self, what: str) -> None:
        """The rules have moved on without their step: nothing of them may be stored.

        Only reading them anew brings them back in step with the store. A newer state
        without the firing before it would lose the firing.
        """
        _log.exception("the rules of %s failed", what, extra={"action": "rules_failed"})
        self._unsound = what

    def _require_sound(self) -> None:
        if self._unsound:
            raise SupervisionError(
                f"the rules of {self._unsound} failed and are read anew at a restart"
            )

    def _accept(self, source: Source, quote: Quote) -> tuple[Tick, ...]:
        instrument = self.engine.watches[quote.instrument].instrument
        key = (quote.instrument, source.name)
        state = self._screens.get(key, Screen())
        screened = screen(state, quote, instrument, self._clock.now())
        self._screens[key] = screened.screen
        for refusal in screened.refusals:
            source.refuse(refusal)
        if not self._decides(source.name, instrument):
            return ()
        return tuple(self._in_order(tick) for tick in screened.ticks)

    def _decides(self, source: str, instrument: Instrument) -> bool:
        """Whether this source is the first one that has a fresh price."""
        now = self._clock.now()
        for name in instrument.sources:
            if name == source:
                return True
            previous = self._screens.get((instrument.name, name), Screen()).previous
            if previous is not None:
                age = open_time_between(instrument.session, previous.received_at, now)
                if age <= instrument.stale_after:
                    return False
        return False

    def _in_order(self, tick: Tick) -> Tick:
        """The price in force now: a venue's clock that lags must not hide it."""
        watermark = self.engine.watches[tick.instrument].watermark
        last = self.last.get(tick.instrument)
        at = max(tick.at, watermark, last.at if last else 0)
        seq = last.seq + 1 if last is not None and last.at == at else 0
        if (at, seq) != (tick.at, tick.seq):
            tick = replace(tick, at=at, seq=seq)
        self.last[tick.instrument] = tick
        return tick

    def _keep(self, step: Step, fired: list[Step]) -> None:
        """Quiet steps wait for company; after a firing all of them are in its group."""
        if fired or step.triggers:
            fired.append(step)
        else:
            self._recorder.note(step)

    async def _tell(self, fired: Sequence[Step]) -> None:
        if fired:
            triggers = [trigger for step in fired for trigger in step.triggers]
            await self._send(self._messages(triggers), fired)
            # Afterwards: a line of the log takes as long as a statement of the store.
            for trigger in triggers:
                _log_trigger(trigger)

    async def _send(
        self, messages: Sequence[tuple[str, Message]], steps: Sequence[Step]
    ) -> None:
        self._delivery.hand_over(await self._recorder.tell(steps, messages))

    def _messages(self, triggers: Sequence[Trigger]) -> list[tuple[str, Message]]:
        found = []
        for trigger in triggers:
            if trigger.suppressed is not None:
                continue
            rule = self._rules[trigger.rule]
            message = self._message(trigger, rule)
            self.alerts += 1
            found += [(receiver, message) for receiver in rule.to]
        return found

    def _message(self, trigger: Trigger, rule: Rule) -> Message:
        try:
            return compose(
                trigger,
                severity=rule.severity,
                note=rule.note or None,
                decimals=self.decimals.get(trigger.instrument, 5),
                zone=self._zone,
                venue=trigger.source or self._venue(trigger.instrument),
            )
        except Exception:  # noqa: BLE001 - plain words are better than none
            _log.exception("compose", extra={"action": "compose_failed"})
            return _plain_message(trigger, rule)

    def _venue(self, instrument: str) -> str:
        last = self.last.get(instrument)
        return "" if last is None else last.source


def _plain_message(trigger: Trigger, rule: Rule) -> Message:
    """The facts without any art, for when that has failed."""
    told_at = render_instant(trigger.at)
    return Message(
        event_id=trigger.event_id,
        title=clean(
            f"{trigger.instrument} {trigger.event} {trigger.direction or ''} "
            f"({trigger.rule}) — {trigger.price!r}"
        ),
        lines=tuple(filter(None, (clean(rule.note), told_at))),
        at=trigger.at,
        local_time=told_at,
        thread=trigger.rule,
        severity=rule.severity,
        body=trigger.to_json(),
    )


def _log_trigger(trigger: Trigger) -> None:
    suppressed = "" if trigger.suppressed is None else f" ({trigger.suppressed.value})"
    _log.info(
        "%s: %s %s at %r%s",
        trigger.rule,
        trigger.event,
        trigger.direction or "",
        trigger.price,
        suppressed,
        extra={
            "action": "trigger",
            "rule": trigger.rule,
            "event_id": trigger.event_id,
            "instrument": trigger.instrument,
        },
    )
