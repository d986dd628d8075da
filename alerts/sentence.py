"""A rule in one plain sentence: does it say what was meant?

``tell phone and mail when BNB/USD falls below 637 and stays there for 30 minutes;
again only after it was back above 638.5925 (0.25 %)``. What it needs of the
configuration is handed in; it knows no file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alerts.conditions.approach import ApproachSpec
from alerts.conditions.cross import CrossSpec, ReachSpec
from alerts.conditions.move import MoveSpec
from alerts.conditions.spec import BreachCondition, ConditionSpec
from alerts.conditions.state_kinds import StandingSpec
from alerts.conditions.touch import TouchSpec
from alerts.conditions.zone import ZoneConditionSpec
from alerts.distance import Distance, Unit
from alerts.level_words import (
    Place,
    join,
    say_distance,
    say_duration,
    say_level,
    say_threshold,
)
from alerts.levels.level import LevelSpec
from market.instant import MINUTE, render_instant
from market.instrument import Instrument

_USUAL_REARM = Distance(Decimal("0.1"), Unit.ATR)
_USUAL_COOLDOWN = 5 * MINUTE
"""Not worth a word in every sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a sentence needs beside the condition.

    Attributes:
        levels: the configured levels by name.
        receivers: who is told, at least one.
        frequency: "once", "every" or "once_per_bar:<timeframe>".
        cooldown: milliseconds.
        expires: epoch ms.
    """

    instrument: Instrument
    levels: Mapping[str, LevelSpec]
    receivers: Sequence[str]
    frequency: str = "every"
    cooldown: int = _USUAL_COOLDOWN
    expires: int | None = None
    enabled: bool = True


def say_rule(condition: ConditionSpec, wording: Wording) -> str:
    """The whole sentence, without the rule's id and without a full stop."""
    clause = _say_condition(condition, wording)
    tails = [] if wording.frequency == "once" else [clause.again]
    tails += _say_policy(wording)
    told = f"tell {join(wording.receivers, 'and')} when {wording.instrument.name} "
    sentence = "; ".join([told + clause.what, *(tail for tail in tails if tail)])
    return sentence if wording.enabled else f"(disabled) {sentence}"


@dataclass(frozen=True, slots=True)
class _Clause:
    """What happens ("falls below 637"), and when it may be told again."""

    what: str
    again: str = ""


def _say_condition(spec: ConditionSpec, wording: Wording) -> _Clause:
    match spec:
        case CrossSpec() | ReachSpec():
            return _say_crossing(spec, wording)
        case StandingSpec():
            return _say_standing(spec, wording)
        case ZoneConditionSpec():
            return _say_zone(spec, wording)
        case TouchSpec():
            return _say_touch(spec, wording)
        case ApproachSpec():
            return _say_approach(spec, wording)
        case MoveSpec():
            return _say_move(spec, wording)
    return _Clause(f'meets its condition "{getattr(spec, "kind", "?")}"')


def _say_policy(wording: Wording) -> Iterator[str]:
    if wording.frequency == "once":
        yield "only once"
    elif wording.frequency != "every":
        yield f"at most once in each {wording.frequency.partition(':')[2]} bar"
    if wording.cooldown not in {0, _USUAL_COOLDOWN} and wording.frequency != "once":
        yield f"at most once in {say_duration(wording.cooldown)}"
    if wording.expires is not None:
        yield f"until {render_instant(wording.expires)}"


_SIGNS: Mapping[str, int] = {"up": 1, "down": -1, "any": 0}
_VERBS: Mapping[str, Mapping[str, str]] = {
    "cross": {"up": "rises above", "down": "falls below", "any": "crosses"},
    "reach": {"up": "rises to", "down": "falls to", "any": "reaches"},
}


def _say_crossing(spec: CrossSpec | ReachSpec, wording: Wording) -> _Clause:
    sign = _SIGNS[spec.direction]
    place = say_level(spec.level, wording.levels)
    verb = _VERBS["cross" if spec.buffer else spec.kind][spec.direction]
    what = f"{verb} {place.text}{_say_beyond(spec, place, sign, wording)}"
    what += _say_confirmation(spec)
    if spec.hold:
        what += f" and stays there for {_trading_time(spec.hold, wording)}"
    return _Clause(what, _say_rearm(spec.rearm, place, sign, wording))


def _say_beyond(
    spec: CrossSpec | ReachSpec, place: Place, sign: int, wording: Wording
) -> str:
    if not spec.buffer:
        return ""
    measure = "more than" if spec.kind == "cross" else "at least"
    price = None
    if sign:
        price = say_threshold(place.edge(sign), spec.buffer, sign, wording.instrument)
    return f" by {measure} {say_distance(spec.buffer)}" + (
        f" ({price})" if price else ""
    )


def _say_confirmation(spec: BreachCondition) -> str:
    confirm, text = spec.confirm, ""
    if confirm.ticks > 1:
        text += f", seen {confirm.ticks} times in a row"
    if confirm.timeframe is not None and confirm.closes == 1:
        text += f", at the close of a {confirm.timeframe} bar"
    elif confirm.timeframe is not None:
        text += f", at {confirm.closes} closes of {confirm.timeframe} bars in a row"
    return text


def _say_rearm(
    rearm: Distance | None, place: Place, sign: int, wording: Wording
) -> str:
    if rearm is None:
        return f"again only after it was back by {say_distance(_USUAL_REARM)}"
    side = {1: "below", -1: "above", 0: "on the other side of"}[sign]
    if not rearm:
        return f"again whenever it was back {side} it" if sign else ""
    price = None
    if sign:
        price = say_threshold(place.edge(sign), rearm, -sign, wording.instrument)
    if price is None:
        return f"again only after it was back by {say_distance(rearm)}"
    return f"again only after it was back {side} {price} ({say_distance(rearm)})"


def _say_standing(spec: StandingSpec, wording: Wording) -> _Clause:
    place = say_level(spec.level, wording.levels)
    first = "also if" if spec.initial == "fire" else "but not if"
    what = f"is {spec.kind} {place.text}, {first} it already is when watching begins"
    if spec.repeat is None:
        return _Clause(what)
    pace = _trading_time(spec.repeat, wording)
    return _Clause(what, f"again every {pace} for as long as it is")


_ZONE_VERBS: Mapping[str, str] = {
    "enter": "enters",
    "exit": "leaves",
    "reject": "is turned back by",
    "traverse_up": "breaks up through",
    "traverse_down": "breaks down through",
    "hold": "is held by",
    "lost": "loses",
    "reclaim": "reclaims",
}


def _say_zone(spec: ZoneConditionSpec, wording: Wording) -> _Clause:
    place = say_level(spec.level, wording.levels)
    verbs = [_ZONE_VERBS.get(event, event) for event in spec.events]
    what = f"{join(verbs, 'or')} {place.text}"
    if spec.buffer:
        what += f" by more than {say_distance(spec.buffer)}"
    what += _say_confirmation(spec)
    if spec.hold:
        what += f" for {_trading_time(spec.hold, wording)}"
    return _Clause(what)


def _say_touch(spec: TouchSpec, wording: Wording) -> _Clause:
    place = say_level(spec.level, wording.levels)
    what = f"touches {place.text}"
    if spec.tolerance:
        what += f", give or take {say_distance(spec.tolerance)}"
    elif spec.tolerance is not None:
        what += " exactly"
    away = say_distance(_USUAL_REARM if spec.rearm is None else spec.rearm)
    if spec.rearm is not None and not spec.rearm:
        return _Clause(what, "again whenever it was away")
    return _Clause(what, f"again only after it was away by {away} more")


def _say_approach(spec: ApproachSpec, wording: Wording) -> _Clause:
    place = say_level(spec.level, wording.levels)
    what = f"comes within {say_distance(spec.distance)} of {place.text}"
    half = Distance(spec.distance.amount / 2, spec.distance.unit)
    rearm = half if spec.rearm is None else spec.rearm
    if rearm.unit is spec.distance.unit:
        far = Distance(spec.distance.amount + rearm.amount, rearm.unit)
        return _Clause(what, f"again only after it was {say_distance(far)} away")
    return _Clause(what, f"again only after it was away by {say_distance(rearm)} more")


def _say_move(spec: MoveSpec, wording: Wording) -> _Clause:
    by = say_distance(spec.by)
    if spec.window is not None:
        verb = {"up": "rises", "down": "falls", "any": "moves"}[spec.direction]
        within = _trading_time(spec.window, wording)
        return _Clause(
            f"{verb} by {by} or more within {within}", f"again after another {by}"
        )
    side = {"up": "above", "down": "below", "any": "away from"}[spec.direction]
    if spec.net is not None:
        ago = _trading_time(spec.net, wording)
        what = f"is {by} or more {side} where it was {ago} before"
        return _Clause(what, f"again after another {by}")
    half = Distance(spec.by.amount / 2, spec.by.unit)
    rearm = half if spec.rearm is None else spec.rearm
    what = f"is {by} or more {side} {spec.reference:f}"
    return _Clause(what, f"again only after it came back by {say_distance(rearm)}")


def _trading_time(duration: int, wording: Wording) -> str:
    return say_duration(duration, wording.instrument.session)
