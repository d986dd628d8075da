"""Composes what a person reads: pure, once, when the thing happens.

The title stands alone on a lock screen. How a channel dresses the words (HTML,
colours) and what is only known at delivery (lateness, doubt) is the channel's.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from alerts.matter import MATTERS, Matter
from alerts.notification import Message, Severity
from alerts.phrases import phrase
from alerts.span import render_span
from alerts.trigger import Trigger
from market.instant import MINUTE, render_instant, to_datetime
from market.instrument import Instrument, Session

_FIAT = "AUD CAD CHF CNH CZK DKK EUR GBP HKD HUF JPY MXN NOK NZD PLN SEK SGD USD ZAR"
_NUMBER = re.compile(r"[0-9][0-9_]*(\.[0-9]+)?")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MINUS = "−"


def compose(
    trigger: Trigger,
    *,
    severity: Severity = "normal",
    note: str | None = None,
    decimals: int,
    zone: ZoneInfo,
    venue: str,
) -> Message:
    """Say what happened to what, where the price is and why it matters.

    Args:
        note: the rule's own note, told in the person's words.
        decimals: of the venue's prices: 4 renders 0.218 as "0.2180".
        zone: the user's time zone.
        venue: where the price was seen, as the user should read it.

    Returns:
        Its body is the trigger's public JSON. The lines are, where they apply: what
        is unusual about it; the note; the distance from the level; the change over
        an hour and a day; venue and local time.
    """
    local_time = render_local_time(trigger.at, zone)
    lines = [*_circumstances(trigger, zone)]
    if note:
        lines.append(note)
    lines += _whereabouts(trigger, decimals, zone)
    lines.append(f"{venue} · {local_time}")
    return Message(
        event_id=trigger.event_id,
        title=_title(trigger, decimals),
        lines=tuple(text for line in lines if (text := clean(line))),
        at=trigger.at,
        local_time=local_time,
        thread=trigger.rule,
        severity=severity,
        body=trigger.to_json(),
    )


def _title(trigger: Trigger, decimals: int) -> str:
    told = phrase(trigger).format(
        level=_level(trigger, decimals),
        zone=_zone(trigger, decimals),
        pct=_unsigned_pct(trigger),
        since=_since(trigger, decimals),
        rule=trigger.rule,
        event=trigger.event,
    )
    return clean(f"{trigger.instrument} {told} — {trigger.price:.{decimals}f}")


def _level(trigger: Trigger, decimals: int) -> str:
    name, value = trigger.level_name, trigger.level
    if value is None:
        return name or "its level"
    number = f"{value:.{decimals}f}"
    if name is None or name == "zone" or _NUMBER.fullmatch(name):
        return number
    return f"{name} ({number})"


def _zone(trigger: Trigger, decimals: int) -> str:
    name = trigger.level_name
    # A zone written in the rule itself is called by its kind.
    if name is not None and name != "zone" and not _NUMBER.fullmatch(name):
        return name
    level = _level(trigger, decimals)
    return f"the zone at {level}" if trigger.level is not None else "its zone"


def _unsigned_pct(trigger: Trigger) -> str:
    if not trigger.reference:
        return "sharply"
    return f"{abs(trigger.price / trigger.reference - 1) * 100:.2f} %"


def _since(trigger: Trigger, decimals: int) -> str:
    if trigger.reference_at is not None and trigger.reference_at < trigger.at:
        return f" in {render_span(trigger.at - trigger.reference_at)}"
    if trigger.reference:
        return f" from {trigger.reference:.{decimals}f}"
    return ""


def _circumstances(trigger: Trigger, zone: ZoneInfo) -> Iterator[str]:
    """What a person must know not to misread the title."""
    if trigger.initial:
        yield "It was already so when watching began."
    if trigger.cause == "level":
        yield "The level jumped past the price, not the price past the level."
    if trigger.cause == "source":
        yield "Seen when the source of the prices changed."
    if trigger.gap:
        yield "The price gapped: nothing was seen on the way."
    if trigger.approximate and trigger.window is not None:
        opened, closed = (_clock(edge, zone) for edge in trigger.window)
        day, _, _ = opened.rpartition(" ")
        yield f"Read out of the bar {opened}–{closed.removeprefix(day + ' ')}."
    elif trigger.approximate:
        yield "The time is approximate."
    if trigger.late_by >= MINUTE:
        yield f"Noticed {render_span(trigger.late_by)} after it happened."


def _whereabouts(trigger: Trigger, decimals: int, zone: ZoneInfo) -> Iterator[str]:
    price = f"{trigger.price:.{decimals}f}"
    if trigger.level is not None:
        distance = _distance(trigger, trigger.level, decimals)
        yield f"{price} is {distance} {_level(trigger, decimals)}"
    if trigger.reference is not None:
        then = "" if trigger.reference_at is None else _at(trigger.reference_at, zone)
        yield f"From {trigger.reference:.{decimals}f}{then} to {price}"
    changes = (("1 h", trigger.change_1h), ("24 h", trigger.change_24h))
    known = [f"{_signed_pct(c)} in {span}" for span, c in changes if c is not None]
    if known:
        yield ", ".join(known)


def _distance(trigger: Trigger, level: float, decimals: int) -> str:
    difference = trigger.price - level
    if f"{abs(difference):.{decimals}f}" == f"{0:.{decimals}f}":
        return "at"
    side = "above" if difference > 0 else "below"
    pip = _pip(trigger.instrument)
    absolute = (
        f"{abs(difference):.{decimals}f}"
        if pip is None
        else f"{abs(difference) / pip:.1f} pips"
    )
    return f"{abs(difference / level) * 100:.2f} % ({absolute}) {side}"


def _pip(instrument: str) -> float | None:
    base, _, quote = instrument.partition("/")
    if not {base, quote} <= set(_FIAT.split()):
        return None
    pip = Instrument(name=instrument, session=Session.FX).pip
    return None if pip is None else float(pip)


def _signed_pct(change: float) -> str:
    text = f"{abs(change) * 100:.2f} %"
    if text == "0.00 %":
        return "±" + text
    return ("+" if change > 0 else MINUS) + text


def _at(at: int, zone: ZoneInfo) -> str:
    return f" at {_clock(at, zone)}"


def _clock(at: int, zone: ZoneInfo) -> str:
    return to_datetime(at).astimezone(zone).strftime("%d %b %H:%M").lstrip("0")


def render_local_time(at: int, zone: ZoneInfo) -> str:
    """As "Sat 17 May 2025 03:05 CEST"; "UTC+03" where a zone has no letters."""
    moment = to_datetime(at).astimezone(zone)
    name = moment.tzname() or "UTC"
    zone_name = name if name[0].isalpha() else f"UTC{name}"
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M} {zone_name}"


def clean(text: str) -> str:
    """One line that no channel can misread.

    Line breaks, tabs and control characters become spaces; directional overrides,
    which could make a text read differently from what it says, and lone surrogates,
    which no wire can carry, are dropped.
    """
    kept = (
        " " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign
        for sign in text
        if sign not in _BIDI and unicodedata.category(sign) != "Cs"
    )
    return " ".join("".join(kept).split())


def compose_operator(
    matter: Matter, *, subject: str, detail: str, at: int, zone: ZoneInfo
) -> Message:
    """Tell the operator about levelwatch itself, or that a receiver works.

    The same matter about the same subject at the same instant has the same event id.

    Args:
        subject: the name of the source, receiver or rule.
        detail: what was found and what to do; free of secrets, as all errors are.
        at: when it was found, epoch ms.
    """
    severity, title, consequence = MATTERS[matter]
    local_time = render_local_time(at, zone)
    lines = (clean(detail), consequence, local_time)
    identity = hashlib.sha256(f"{matter}\n{subject}\n{at}".encode()).hexdigest()[:20]
    return Message(
        event_id=identity,
        title=clean("levelwatch: " + title.format(subject=subject)),
        lines=tuple(line for line in lines if line),
        at=at,
        local_time=local_time,
        thread=f"levelwatch {matter}",
        severity=severity,
        body={
            "v": 1,
            "event_id": identity,
            "operator": matter.value,
            "subject": subject,
            "detail": detail,
            "at": render_instant(at),
        },
    )
