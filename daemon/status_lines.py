"""The status of the daemon in lines of text, from its own picture of itself.

Pure: what is shown follows from the picture, the outbox and the time alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from alerts.message import render_local_time
from alerts.trigger import Trigger
from market.instant import SECOND, render_duration
from storage.backlog import Backlog

Picture = Mapping[str, Any]
"""The fact "daemon": see daemon/health.py."""

NEAREST = 10
"""Rules that are listed by distance."""
FRESH = 30 * SECOND
"""A picture older than this (and than ten of its pauses) is not of a living daemon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that `status` looks at.

    Attributes:
        picture: None where no daemon has ever used this database.
        drawn_at: when it was drawn, epoch ms.
        alerts: the latest triggers, newest first.
    """

    picture: Picture | None
    drawn_at: int
    now: int
    backlog: Mapping[str, Backlog]
    alerts: Sequence[Trigger]
    silenced: Sequence[str]

    @property
    def is_running(self) -> bool:
        """Whether the picture is one of a daemon at work."""
        if self.picture is None or self.picture["stopped"]:
            return False
        pause = 2 * SECOND * (1 + len(self.picture["rules"]) // 500)
        return self.now - self.drawn_at <= max(FRESH, 10 * pause)

    @property
    def is_well(self) -> bool:
        """Running, every open instrument live, every rule and receiver at work."""
        picture = self.picture
        if picture is None or not self.is_running:
            return False
        seen = {one["state"] for one in picture["instruments"].values()}
        parts = (*picture["rules"].values(), *picture["receivers"].values())
        broken = any(one["state"] == "broken" for one in parts)
        return seen <= {"live", "closed"} and not broken


def status_lines(situation: Situation, zone: ZoneInfo) -> Iterator[str]:
    """The whole status, 80 columns wide where names allow it."""
    picture = situation.picture
    if picture is None:
        yield "No daemon has used this database yet; `levelwatch run` starts one."
        return
    yield from _header(situation, picture, zone)
    yield from _instruments(picture, situation)
    yield from _nearest(picture)
    yield from _unwell(picture)
    yield from _sources(picture)
    yield from _receivers(picture, situation, zone)
    if situation.silenced:
        yield ""
        yield "silenced      " + ", ".join(situation.silenced)
    yield from _alerts(situation, picture, zone)


def _header(situation: Situation, picture: Picture, zone: ZoneInfo) -> Iterator[str]:
    since = render_local_time(picture["started_at"], zone)
    if situation.is_running:
        yield (
            f"levelwatch {picture['version']} is running since {since}, "
            f"pid {picture['pid']}"
        )
        return
    last = render_local_time(situation.drawn_at, zone)
    how = "was stopped" if picture["stopped"] else "is NOT running; last heard of"
    yield f"levelwatch {picture['version']} {how} {last}"


def _instruments(picture: Picture, situation: Situation) -> Iterator[str]:
    yield ""
    yield f"{'instrument':<14}{'price':>14}  {'age':>8}  {'state':<11}source"
    for name, one in picture["instruments"].items():
        price = "-" if one["price"] is None else f"{one['price']:.{one['decimals']}f}"
        age = "-" if one["at"] is None else _age(situation.now - one["at"])
        state = one["state"] if situation.is_running else "unwatched"
        yield f"{name:<14}{price:>14}  {age:>8}  {state:<11}{one['source'] or ''}"


def _nearest(picture: Picture) -> Iterator[str]:
    near = sorted(
        (abs(one["distance"]) / one["level"], name, one)
        for name, one in picture["rules"].items()
        if one["distance"] is not None
        and one["state"] in ("watching", "pending", "disarmed")
    )
    if not near:
        return
    yield ""
    yield f"{'nearest levels':<26}{'level':>14}  {'away':>8}  state"
    for share, name, one in near[:NEAREST]:
        decimals = picture["instruments"][one["instrument"]]["decimals"]
        level = f"{one['level']:.{decimals}f}"
        way = "up" if one["distance"] > 0 else "down"
        state = one["state"] if one["state"] != "watching" else ""
        yield f"{name:<26}{level:>14}  {share * 100:>6.2f} %  {way:<5}{state}".rstrip()
    if len(near) > NEAREST:
        yield f"… and {len(near) - NEAREST} more"


def _unwell(picture: Picture) -> Iterator[str]:
    odd = [
        (name, one)
        for name, one in picture["rules"].items()
        if one["state"] in ("warming", "broken", "expired", "done")
    ]
    if odd:
        yield ""
    for name, one in odd:
        yield f"{name:<26}{one['state']:<9} {one['detail']}".rstrip()


def _sources(picture: Picture) -> Iterator[str]:
    yield ""
    yield f"{'source':<14}{'state':<13}{'polls':>9}{'failed':>8}  refused"
    for name, one in picture["sources"].items():
        refused = ", ".join(f"{why} {n}" for why, n in one["refused"].items()) or "none"
        counts = f"{one['polls']:>9}{one['failures']:>8}"
        yield f"{name:<14}{one['state']:<13}{counts}  {refused}"
        if one["last_error"] and one["state"] not in ("ok", "starting"):
            yield f"  {one['last_error']}"


def _receivers(picture: Picture, situation: Situation, zone: ZoneInfo) -> Iterator[str]:
    yield ""
    yield f"{'receiver':<14}{'state':<9}{'queued':>7}{'dead':>6}  last sent"
    nothing = Backlog(queued=0, dead=0, oldest_at=None, last_error=None)
    for name, one in picture["receivers"].items():
        waiting = situation.backlog.get(name, nothing)
        sent_at = one["last_sent_at"]
        sent = "-" if sent_at is None else render_local_time(sent_at, zone)
        yield (
            f"{name:<14}{one['state']:<9}{waiting.queued:>7}{waiting.dead:>6}  {sent}"
        )
        error = one["last_error"] if one["state"] != "ok" else waiting.last_error
        if error and (waiting.queued or waiting.dead or one["state"] != "ok"):
            yield f"  {error}"


def _alerts(situation: Situation, picture: Picture, zone: ZoneInfo) -> Iterator[str]:
    if not situation.alerts:
        return
    yield ""
    yield "last alerts"
    for trigger in situation.alerts:
        known = picture["instruments"].get(trigger.instrument)
        decimals = 5 if known is None else known["decimals"]
        held = f" ({trigger.suppressed.value})" if trigger.suppressed else ""
        yield (
            f"  {render_local_time(trigger.at, zone)}  {trigger.rule}: {trigger.event} "
            f"{trigger.direction or ''} at {trigger.price:.{decimals}f}{held}"
        )


def _age(age: int) -> str:
    seconds = max(0, age) // SECOND
    if seconds >= 3600:  # noqa: PLR2004 - an hour: seconds no longer matter
        seconds -= seconds % 60
    return render_duration(seconds * SECOND)
