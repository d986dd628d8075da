"""`levelwatch why`: the decisions behind a rule, as they were stored."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.reason import Reason
from daemon.commands.options import (
    config_option,
    example,
    open_config,
    open_transaction,
    the_clock,
)
from daemon.suggestion import with_hint
from market.fields import read_duration
from market.instant import parse_instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from daemon.config import Config
    from daemon.config.sections import RuleSection
    from daemon.rule_story import Story, Told

_AGO = re.compile(r"(.+?)\s+ago")


def _moment(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        if match := _AGO.fullmatch(text.strip()):
            return the_clock().now() - read_duration(match[1])
        return parse_instant(text)
    except ValueError as exc:
        raise click.BadParameter(
            f'"{text}" is no time; write 2025-05-17T01:05:00Z or "10m ago"'
        ) from exc


@click.command(
    epilog=example(
        "levelwatch why bnb-lost",
        "levelwatch why bnb-lost --at 2025-05-17T01:05:00Z",
        'levelwatch why bnb-lost --at "2h ago" -n 5',
    )
)
@config_option
@click.argument("rule")
@click.option("--at", callback=_moment, metavar="T", help="As it stood at that time.")
@click.option(
    "-n",
    "count",
    type=click.IntRange(min=1),
    default=15,
    show_default=True,
    help="Decisions shown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def why(
    config_file: Path | None, rule: str, at: int | None, count: int, *, as_json: bool
) -> int:
    """Why a rule fired, or why it did not.

    Reads what the daemon stored, so it answers for the past as well and needs no
    running daemon. T is ISO 8601 (UTC where it names no zone) or "10m ago".
    """
    from daemon.rule_story import load_story

    config = open_config(config_file, secrets_of=("storage",))
    section = next((one for one in config.rules if one.id == rule), None)
    if section is None:
        wrong = f'"{rule}" is not one of your rules'
        known = [one.id for one in config.rules]
        raise click.ClickException(with_hint(wrong, rule, known))
    moment = the_clock().now() if at is None else at
    with open_transaction(config, read_only=True) as connection:
        story = load_story(connection, section, at=moment, count=count)
    if as_json:
        click.echo(json.dumps(story.to_json(), ensure_ascii=False))
    else:
        for line in _lines(story, config, section):
            click.echo(line)
    return 0


def _lines(story: "Story", config: "Config", rule: "RuleSection") -> Iterator[str]:
    from alerts.message import render_local_time
    from daemon.rule_sentence import say_configured

    zone = config.display.zone
    yield f"{rule.id}: {say_configured(config, rule)}."
    yield f"  {rule.note}" if rule.note else ""
    if story.tick is None:
        yield f"No price of {rule.instrument} is stored."
    else:
        seen = render_local_time(story.tick.at, zone)
        yield f"{rule.instrument} stood at {story.tick.price!r} ({seen})."
    for silence in story.silences:
        yield f"It is silenced until {render_local_time(silence.until, zone)}."
    if not story.decisions:
        yield "It has not been asked yet."
        return
    yield from _decisions(story, zone)
    for told in story.firings:
        yield ""
        yield from _firing(told, zone)


def _decisions(story: "Story", zone: "ZoneInfo") -> Iterator[str]:
    from alerts.message import render_local_time

    last = story.decisions[0]
    detail = f" ({last.detail})" if last.detail else ""
    yield f"Now: {_WORDS[last.reason]}{detail}."
    yield ""
    yield "Decisions, newest first:"
    for one in story.decisions:
        price = "" if one.price is None else f"  price {one.price!r}"
        level = "" if one.level is None else f"  level {one.level!r}"
        when = render_local_time(one.at, zone)
        yield f"  {when}  {one.reason.value:<9}{price}{level}  {one.detail}".rstrip()


def _firing(told: "Told", zone: "ZoneInfo") -> Iterator[str]:
    from alerts.message import render_local_time

    trigger = told.trigger
    when = render_local_time(trigger.at, zone)
    yield f"{trigger.event} {trigger.direction or ''} at {trigger.price!r}, {when}:"
    if trigger.suppressed is not None:
        yield f"  not sent: {_WORDS[trigger.suppressed]}"
    for fate in told.fates:
        tries = "1 attempt" if fate.attempts == 1 else f"{fate.attempts} attempts"
        error = f": {fate.error}" if fate.error else ""
        yield f"  {fate.receiver}: {fate.status} after {tries}{error}"


_WORDS = {
    Reason.FIRED: "it fired",
    Reason.NOT_MET: "the condition does not hold",
    Reason.DISARMED: "it has fired, and the price has not left far enough since",
    Reason.PENDING: "it holds, and waits to be confirmed",
    Reason.CANCELLED: "it held, but not long enough",
    Reason.ACCEPTED: "the breakout was accepted",
    Reason.WARMING: "its level has too little history yet",
    Reason.SEEDED: "the price it began with is remembered; that is no event",
    Reason.DONE: "it was to fire once, and has",
    Reason.BROKEN: "it cannot be watched",
    Reason.COOLDOWN: "it fired within its cooldown",
    Reason.FREQUENCY: "it fired, and had been told in this bar already",
    Reason.SILENCED: "it fired, and was silenced",
    Reason.EXPIRED: "it fired, and had expired",
}
