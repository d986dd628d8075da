"""Watching one instrument: its book, its rules, and which of them to ask.

Deterministic: the same observations in the same order give the same firings. What is
asked of the rules comes from the quiet bands, unless `everything` is set: then every
rule is asked every time, slowly, as the oracle of the bands.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import log
from typing import Any

from alerts.band import ALWAYS, ASLEEP
from alerts.conditions.condition import (
    Condition,
    Firing,
    Outcome,
    Scene,
    Seen,
    shortest_path,
)
from alerts.levels.level import Level
from alerts.reason import Reason
from alerts.rule import Rule
from alerts.step import Decision, RuleState
from alerts.wake import WakeIndex
from market.bar import Bar
from market.history import History
from market.indicator import Atr, Indicator
from market.instant import SECOND
from market.instrument import Instrument
from market.screening import jump_bound
from market.series import Book
from market.session import is_open, open_time_between
from market.timeframe import DAY_BAR

GRACE = 2 * SECOND
"""A bar is closed this long after its end where no later tick has closed it."""
ATR_LENGTH = 14

Ask = Callable[["Armed", Scene], Outcome[Any]]
_Visit = tuple[int, float, tuple[int, int] | None]
"""An observation as numbers: at, price, and the window of the bar it was read from."""


@dataclass(slots=True)
class Armed:
    """One rule at work.

    Attributes:
        state: the condition's own state.
        memory: what the policy remembers; `machine` in it is filled when stored.
        on_bars: a closing bar may change its answer.
        waits_for_atr: it has a distance in ATR, and no answer before there is one.
        reason: the last answer, so that only a change of it is recorded.
        blind: the level has not existed since the state was last touched.
    """

    rule: Rule
    level: Level | None
    state: Any
    memory: RuleState
    waits_for_atr: bool = False
    on_bars: bool = False
    reason: Reason | None = None
    blind: bool = False


@dataclass(slots=True)
class Changes:
    """What one observation has changed so far."""

    fired: list[tuple[Armed, Firing]] = field(default_factory=list)
    touched: dict[str, Armed] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)


class Watch:
    """One instrument's rules over its observations."""

    def __init__(self, instrument: Instrument, *, everything: bool = False) -> None:
        self.instrument = instrument
        self.book = Book(instrument)
        self.history = History()
        self.rules: dict[str, Armed] = {}
        self.watermark = 0
        self.forgotten: list[str] = []
        self._last: _Visit | None = None
        self._before: _Visit | None = None
        self._everything = everything
        self._index = WakeIndex()
        self._atr: Indicator | None = None
        self._listeners: dict[Any, list[str]] = {}

    def arm(self, rule: Rule, memory: RuleState | None = None) -> None:
        """Start watching for a rule, from its stored state where there is one."""
        condition = rule.condition
        level = None if rule.level is None else rule.level.bind(self.book)
        if memory is None or memory.revision != rule.revision:
            memory = RuleState(rule=rule.id, revision=rule.revision)
        state = self._recall(condition, memory)
        self.history.horizon = max(self.history.horizon, condition.horizon)
        if condition.needs_atr and self._atr is None:
            self._atr = self.book.indicator(DAY_BAR, "atr", lambda: Atr(ATR_LENGTH))
        timeframes = self._timeframes(rule)
        for timeframe in timeframes:
            self.book.watch(timeframe)
            self._listeners.setdefault(timeframe, []).append(rule.id)
        self.rules[rule.id] = Armed(
            rule,
            level,
            state,
            memory,
            waits_for_atr=rule.spec.waits_for_atr,
            on_bars=bool(timeframes),
        )
        self._index.put(rule.id, ASLEEP if memory.done else ALWAYS)

    def _recall(self, condition: Condition[Any], memory: RuleState) -> object:
        if memory.machine is None:
            return condition.start()
        try:
            return condition.load(memory.machine)
        except (TypeError, ValueError):
            # Another release wrote it in another shape: as a new rule, and said so.
            self.forgotten.append(memory.rule)
            return condition.start()

    def _timeframes(self, rule: Rule) -> set[Any]:
        needs = () if rule.level is None else rule.level.needs
        return {need.timeframe for need in needs} | set(rule.condition.timeframes)

    def ask_again(self) -> None:
        """Ask every rule at the next observation: its level may exist by now."""
        for name, armed in self.rules.items():
            if not armed.memory.done:
                self._index.put(name, ALWAYS)

    @property
    def last(self) -> Seen | None:
        """The latest observation, as it was shown to the rules."""
        if self._last is None:
            return None
        return self._seen(*self._last, after=self._before)

    def resume(self, at: int, price: float) -> None:
        """Go on after an observation of which only this is known."""
        self._before, self._last = None, (at, price, None)
        self.watermark = at

    def has_passed(self, at: int, price: float) -> bool:
        """Whether a tick comes too late, or repeats the one before it."""
        if at < self.watermark:
            return True
        last = self._last
        return last is not None and at == last[0] and price == last[1]

    def pass_by(self, at: int, price: float) -> bool:
        """Take a tick that concerns nobody; False where it does: then `see` it.

        Nearly all ticks are such: no rule's band is left and no bar closes. They are
        what a tick costs, so nothing is made here that only a rule would look at.
        """
        index = self._index
        if self._everything or not (
            index.low < price < index.high
            and at < index.until
            and self.book.extend(at, price)
        ):
            return False
        self._remember(at, price)
        return True

    def see(self, at: int, price: float, changes: Changes) -> None:
        """Take a tick that is not older than the watermark."""
        for bar in self.book.add_tick(at, price):
            self._close(bar, changes)
        before = self._last
        self._remember(at, price)
        woken = self._woken(price, price, at)
        if woken:
            seen = self._seen(at, price, after=before)
            self._ask(woken, _shown(seen), seen, changes)

    def _remember(self, at: int, price: float) -> None:
        self.history.append(at, price)
        self._before, self._last = self._last, (at, price, None)
        self.watermark = at

    def read(self, bar: Bar, changes: Changes) -> None:
        """Take a recorded bar whose ticks nobody saw."""
        window = (bar.open_time, bar.close_time)
        before = self._last
        at = max(bar.open_time, self.watermark)
        first = self._seen(at, bar.open, window, after=before)
        woken = self._woken(bar.low, bar.high, bar.close_time)
        if self.history.horizon:
            woken = self._walk(woken, bar, first, changes)
        self._ask(
            woken,
            lambda armed, scene: armed.rule.condition.read(
                armed.state, bar, first, scene
            ),
            first,
            changes,
        )
        self._before, self._last = before, (bar.close_time, bar.close, window)
        self.watermark = bar.close_time
        for closed in self.book.add_bar(bar):
            self._close(closed, changes)

    def advance(self, at: int, changes: Changes) -> None:
        """Learn that nothing up to and including `at` is still to come."""
        last = self.last
        if at < self.watermark or last is None:
            return
        for bar in self.book.advance(at, GRACE):
            self._close(bar, changes)
        # A bar that may still close could take a price back before `at`: what looks
        # at bars must not be ahead of them.
        until_bar = min(at, self.book.next_close - 1)
        self._ask(
            self._woken(last.price, last.price, at),
            lambda armed, scene: armed.rule.condition.advance(
                armed.state, until_bar if armed.on_bars else at, last, scene
            ),
            None,
            changes,
        )
        self.watermark = at

    def _walk(
        self, woken: list[str], bar: Bar, first: Seen, changes: Changes
    ) -> list[str]:
        """Show a bar's path to the rules with windows; give the other rules back.

        Windows look into the history, so it must grow visit by visit.
        """
        windows = [n for n in woken if self.rules[n].rule.condition.horizon]
        for seen in shortest_path(bar, first):
            self.history.append(seen.at, seen.price)
            self._ask(windows, _shown(seen), seen, changes)
        return [name for name in woken if name not in windows]

    def _woken(self, low: float, high: float, at: int) -> list[str]:
        if self._everything:
            return list(self.rules)
        return self._index.wake(low, high, at)

    def _seen(
        self,
        at: int,
        price: float,
        window: tuple[int, int] | None = None,
        *,
        after: _Visit | None,
    ) -> Seen:
        if after is None:
            return Seen(at=at, price=price, window=window)
        before_at, before, _ = after
        return Seen(
            at=at,
            price=price,
            before=before,
            before_at=before_at,
            gap=self._is_gap(before_at, before, at, price),
            window=window,
        )

    def _is_gap(self, before_at: int, before: float, at: int, price: float) -> bool:
        session = self.instrument.session
        elapsed = open_time_between(session, before_at, at)
        if elapsed > self.instrument.stale_after:
            return True
        if elapsed != at - before_at or not is_open(session, at):
            return True
        return abs(log(price / before)) > jump_bound(session)

    def _close(self, bar: Bar, changes: Changes) -> None:
        """A bar has closed: levels move, and what is confirmed by closes is asked."""
        changes.bars.append(bar)
        names = self._listeners.get(bar.timeframe, ())
        if not names:
            return
        last = self.last
        price = bar.close if last is None else last.price
        last_at = None if last is None else last.at
        jump = Seen(
            at=bar.close_time,
            price=price,
            before=price,
            before_at=last_at,
            cause="level",
        )
        close = Seen(
            at=bar.close_time, price=bar.close, before=price, before_at=last_at
        )
        moved = [n for n in names if self._moves_with(self.rules[n].rule, bar)]
        self._ask(moved, _shown(jump), jump, changes)
        confirmed = [
            name
            for name in names
            if bar.timeframe in self.rules[name].rule.condition.timeframes
        ]
        self._ask(
            confirmed,
            lambda armed, scene: armed.rule.condition.close(
                armed.state, bar, close, scene
            ),
            close,
            changes,
        )

    def _moves_with(self, rule: Rule, bar: Bar) -> bool:
        return rule.level is not None and any(
            need.timeframe == bar.timeframe for need in rule.level.needs
        )

    def _ask(
        self, names: Iterable[str], ask: Ask, seen: Seen | None, changes: Changes
    ) -> None:
        for name in names:
            armed = self.rules.get(name)
            if armed is not None and not armed.memory.done:
                self._ask_one(armed, ask, seen, changes)

    def _ask_one(
        self, armed: Armed, ask: Ask, seen: Seen | None, changes: Changes
    ) -> None:
        scene = self._scene(armed)
        missing = self._missing(armed, scene)
        if missing:
            armed.blind = True
            waits_for_level = armed.level is not None and scene.level is None
            waiting = Outcome(armed.state, Reason.WARMING, detail=missing)
            self._note(armed, waiting, seen, changes)
            # A level can only come to exist when a bar closes, and then it is asked.
            self._index.put(armed.rule.id, ASLEEP if waits_for_level else ALWAYS)
            return
        outcome = ask(armed, scene)
        firings = outcome.firings
        if armed.blind:
            armed.blind = False
            if armed.state != armed.rule.condition.start():
                firings = tuple(_across_gap(firing) for firing in firings)
        if outcome.state != armed.state or firings:
            armed.state = outcome.state
            changes.touched[armed.rule.id] = armed
        changes.fired += [(armed, firing) for firing in firings]
        self._note(armed, outcome, seen, changes)
        band = armed.rule.condition.band(armed.state, scene)
        self._index.put(armed.rule.id, band)

    def _scene(self, armed: Armed) -> Scene:
        return Scene(
            instrument=self.instrument,
            level=None if armed.level is None else armed.level.value,
            atr=None if self._atr is None else self._atr.value,
            history=self.history,
        )

    def _missing(self, armed: Armed, scene: Scene) -> str:
        """What the rule still waits for; empty where it can be asked."""
        if armed.level is not None and scene.level is None:
            have, need = armed.level.progress
            return f"{have} of {need} bars"
        if armed.waits_for_atr and scene.atr is None:
            have = self.book.watch(DAY_BAR).count
            return f"ATR: {have} of {ATR_LENGTH} days"
        return ""

    def _note(
        self, armed: Armed, outcome: Outcome[Any], seen: Seen | None, changes: Changes
    ) -> None:
        """Record a decision where the answer is another than before."""
        reason = outcome.reason
        if reason is armed.reason or reason is Reason.FIRED:
            armed.reason = reason
            return
        armed.reason = reason
        where = seen or self.last
        if where is None:
            return
        level = None if armed.level is None else armed.level.value
        changes.decisions.append(
            Decision(
                rule=armed.rule.id,
                instrument=self.instrument.name,
                at=where.at,
                reason=reason,
                price=where.price,
                level=None if level is None else float(level.low),
                detail=outcome.detail,
            )
        )


def _shown(seen: Seen) -> Ask:
    return lambda armed, scene: armed.rule.condition.see(armed.state, seen, scene)


def _across_gap(firing: Firing) -> Firing:
    """A firing after a stretch in which the level did not exist."""
    return replace(firing, gap=True)
