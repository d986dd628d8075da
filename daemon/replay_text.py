"""What `replay` prints for a person: triggers, a summary, and what was odd."""

from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from alerts.message import compose
from alerts.span import render_span
from alerts.trigger import Trigger
from backtest.recording import Recording
from backtest.replay import Replay, Script
from market.instant import DAY, render_duration, render_instant, to_datetime

_LISTED = 40
"""Rules that are listed although nothing happened to them."""
_LEAST_DECIMALS = 2
_EARLY = 1000 * DAY
"""Milliseconds: in the first years of the epoch nobody recorded prices of ours, and
seconds taken for milliseconds fall there."""


def render_triggers(
    triggers: Sequence[Trigger], recordings: Sequence[Recording], zone: ZoneInfo
) -> Iterator[str]:
    """One line each: when, which rule, what happened, whether it would be sent."""
    decimals = _find_decimals(recordings)
    width = max((len(trigger.rule) for trigger in triggers), default=0)
    for trigger in triggers:
        yield _render(trigger, zone, decimals[trigger.instrument], width)


def _render(trigger: Trigger, zone: ZoneInfo, decimals: int, width: int) -> str:
    message = compose(trigger, decimals=decimals, zone=zone, venue=trigger.source)
    marks = ["after a gap"] if trigger.gap else []
    if trigger.suppressed is not None:
        marks.append(f"not sent: {trigger.suppressed.value}")
    mark = f"  ({', '.join(marks)})" if marks else ""
    when = render_time(trigger.at, zone)
    return f"{when}  {trigger.rule:{width}}  {message.title}{mark}"


def render_time(at: int, zone: ZoneInfo) -> str:
    """As in 2025-05-17 03:05:00 CEST: sorts, and says whose clock it is."""
    return f"{to_datetime(at).astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _find_decimals(recordings: Sequence[Recording]) -> dict[str, int]:
    """How many decimals the prices of each instrument are shown with."""
    found: dict[str, int] = {}
    for recording in recordings:
        for name, decimals in recording.decimals().items():
            found[name] = max(decimals, found.get(name, _LEAST_DECIMALS))
    return found


def describe_oddities(recording: Recording) -> Iterator[str]:
    """What a person should know about a file that was read."""
    if not len(recording):
        yield "no rows"
    if recording.unknown:
        yield f"columns that are not read: {', '.join(recording.unknown)}"
    if recording.disorder:
        stood = "row was" if recording.disorder == 1 else "rows were"
        yield f"{recording.disorder:,} {stood} out of order; sorted by time"
    if recording.foreign:
        counts = ", ".join(f"{k} ({n:,})" for k, n in recording.foreign.items())
        yield f"passed over rows of what is not played: {counts}"
    if recording.skipped:
        first = recording.problems[0]
        yield f"skipped {recording.skipped:,} bad rows; the first: {first}"
    if len(recording) and recording.at[0] < _EARLY:
        first_at = render_instant(int(recording.at[0]))
        yield f"begins at {first_at}: `at` counts milliseconds; are these seconds?"
    nearest = recording.nearest()
    length = recording.timeframe.length if recording.timeframe else 0
    if nearest is not None and nearest >= 2 * length:
        yield (
            f"the nearest bars are {render_duration(nearest)} apart; "
            f"is the timeframe {recording.timeframe}?"
        )


def describe_play(replay: Replay) -> Iterator[str]:
    """What a person should know about how the rows were played."""
    if replay.repeated:
        yield f"{replay.repeated:,} bars were there twice; played once"
    if replay.covered:
        yield f"{replay.covered:,} prices lie within recorded bars; not played"
    if replay.skipped:
        yield f"skipped {replay.skipped:,} bars; the first: {replay.problems[0]}"
    for reason, count in sorted(replay.refused.items()):
        yield f"{count:,} prices refused by the screening: {reason}"


def summarise(script: Script, replay: Replay, zone: ZoneInfo) -> Iterator[str]:
    """Rows, span, triggers, and a line for each rule."""
    yield from _span(script.recordings, zone)
    sent = sum(trigger.suppressed is None for trigger in replay.triggers)
    count = len(replay.triggers)
    triggers = "1 trigger" if count == 1 else f"{count:,} triggers"
    yield f"{triggers}, {sent:,} would have been sent"
    rows = list(_rule_rows(script, replay))
    if rows:
        yield ""
        yield from _table([("rule", "triggers", "sent", "not sent"), *rows])
    yield from _idle_rules(script, len(rows))


def _idle_rules(script: Script, listed: int) -> Iterator[str]:
    """What the table leaves out."""
    without = Counter(rule.instrument for rule in script.rules)
    for name in _played(script):
        del without[name]
    for name, count in sorted(without.items()):
        rules = "1 rule saw" if count == 1 else f"{count:,} rules saw"
        yield f"no rows of {name}: {rules} nothing"
    quiet = len(script.rules) - without.total() - listed
    if quiet:
        yield f"{quiet:,} more rules did not fire"


def _played(script: Script) -> set[str]:
    return {name for recording in script.recordings for name in recording.counts()}


def _span(recordings: Sequence[Recording], zone: ZoneInfo) -> Iterator[str]:
    rows: Counter[str] = Counter()
    for recording in recordings:
        rows.update(recording.counts())
    filled = [recording for recording in recordings if len(recording)]
    if not filled:
        yield "no rows"
        return
    start = min(int(recording.at[0]) for recording in filled)
    end = max(int(recording.ends.max()) for recording in filled)
    counts = ", ".join(f"{name} {count:,}" for name, count in sorted(rows.items()))
    total = sum(rows.values())
    yield f"{total:,} {'row' if total == 1 else 'rows'}: {counts}"
    yield (
        f"{render_time(start, zone)} to {render_time(end, zone)} "
        f"({render_span(end - start)})"
    )


def _rule_rows(script: Script, replay: Replay) -> Iterator[tuple[str, str, str, str]]:
    fired = Counter(trigger.rule for trigger in replay.triggers)
    reasons: dict[str, Counter[str]] = {}
    for trigger in replay.triggers:
        if trigger.suppressed is not None:
            of_rule = reasons.setdefault(trigger.rule, Counter())
            of_rule[trigger.suppressed.value] += 1
    played = _played(script)
    for rule in script.rules:
        if rule.instrument not in played:
            continue
        suppressed = reasons.get(rule.id, Counter())
        notes = [f"{count:,} {word}" for word, count in sorted(suppressed.items())]
        if rule.id in replay.waiting:
            notes.append(f"waits for {replay.waiting[rule.id]}")
        count = fired[rule.id]
        if count or notes or len(script.rules) <= _LISTED:
            sent = count - suppressed.total()
            yield rule.id, f"{count:,}", f"{sent:,}", ", ".join(notes)


def _table(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers, notes in rows:
        cells = [
            f"{number:>{width}}"
            for number, width in zip(numbers, widths[1:-1], strict=True)
        ]
        yield "  ".join([f"{name:{widths[0]}}", *cells, notes]).rstrip()
