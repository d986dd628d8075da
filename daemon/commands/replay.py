"""`levelwatch replay`: recorded prices through the rules, without a daemon."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from daemon.commands.options import config_option, example, open_config
from daemon.suggestion import with_hint

if TYPE_CHECKING:
    from alerts.rule import Rule
    from alerts.trigger import Trigger
    from backtest.recording import Recording
    from backtest.replay import Replay, Script
    from daemon.config import Config
    from market.instrument import Instrument
    from market.timeframe import Timeframe


def _timeframe(
    _: click.Context, __: click.Parameter, text: str | None
) -> "Timeframe | None":
    from market.fields import read_timeframe

    if text is None:
        return None
    try:
        return read_timeframe(text)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc


@click.command(
    epilog=example(
        "levelwatch replay ticks.csv",
        "levelwatch replay may.csv.gz june.csv.gz --timeframe 1m --json",
        "levelwatch replay xmr.csv bnb.csv --timeframe 1h \\",
        "    --instrument XMR/USD --instrument BNB/USD",
    )
    + "\n\n\b\nFiles are CSV with a header, gzipped or not; - is the standard input:\n"
    "  at,instrument,price[,bid,ask]\n"
    "  at,instrument,open,high,low,close[,volume]      needs --timeframe\n"
    "at (or ts_ms) is epoch milliseconds or ISO 8601, UTC where it names no zone;\n"
    "of a bar it is the open.",
)
@config_option
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line per trigger.")
@click.option("--sent", is_flag=True, help="Print only what would have been sent.")
@click.option(
    "--timeframe",
    metavar="TF",
    callback=_timeframe,
    help="Length of recorded bars: 1m, 1h, 1d.",
)
@click.option(
    "--instrument",
    "instruments",
    metavar="NAME",
    multiple=True,
    help="What a file holds: once for all files, or once for each in their order. "
    "Needed where a file has no such column; other rows are passed over.",
)
@click.option(
    "--rule",
    "rules",
    metavar="ID",
    multiple=True,
    help="Play only this rule, even if it is disabled; may be repeated.",
)
@click.option("--screen", is_flag=True, help="Judge prices as those of a live feed.")
@click.option("--skip-bad", is_flag=True, help="Leave out bad rows, and count them.")
def replay(  # noqa: PLR0913 - one for each option
    *,
    config_file: Path | None,
    files: tuple[Path, ...],
    as_json: bool,
    sent: bool,
    timeframe: "Timeframe | None",
    instruments: tuple[str, ...],
    rules: tuple[str, ...],
    screen: bool,
    skip_bad: bool,
) -> int:
    """Play recorded prices through the rules and print what they would have told.

    Needs no network, no database and no secret. Files are merged and sorted by time;
    a bad row is told with its line, and then nothing is played. The screening of a
    live feed is off unless --screen is given.
    """
    from backtest.errors import RecordingError
    from backtest.replay import Script

    config = open_config(config_file, secrets_of=())
    try:
        recordings = _read(config, files, instruments, timeframe, skip_bad=skip_bad)
        script = Script(
            recordings=recordings,
            instruments=config.build_instruments(),
            rules=_choose_rules(config, rules),
            screened=screen,
            skip_bad=skip_bad,
        )
        played = _play(script)
    except RecordingError as exc:
        _note(str(exc))
        if not skip_bad and any(problem.line for problem in exc.problems):
            _note("Nothing was played; --skip-bad leaves such rows out.")
        return 1
    _print(config, script, played, as_json=as_json, sent=sent)
    return 0


def _note(line: str) -> None:
    click.echo(line, err=True)


def _choose_rules(config: "Config", wanted: Sequence[str]) -> "Sequence[Rule]":
    """The enabled rules, or those that were named."""
    known = {rule.id: rule for rule in config.rules}
    for name in wanted:
        if name not in known:
            wrong = f'"{name}" is not one of your rules'
            raise click.ClickException(with_hint(wrong, name, known))
    if not wanted:
        return config.build_rules()
    chosen = tuple(
        rule.model_copy(update={"enabled": True})
        for rule in config.rules
        if rule.id in wanted
    )
    return config.model_copy(update={"rules": chosen}).build_rules()


def _read(
    config: "Config",
    files: Sequence[Path],
    names: Sequence[str],
    timeframe: "Timeframe | None",
    *,
    skip_bad: bool,
) -> "list[Recording]":
    from backtest.reading import Reading, read_recording
    from daemon.recorded_files import call_file, open_recorded
    from daemon.replay_text import describe_oddities

    configured = config.build_instruments()
    recordings = []
    for path, name in zip(files, _assign(names, files, configured), strict=True):
        file = call_file(path)
        how = Reading(
            instruments=configured if name is None else {name: configured[name]},
            timeframe=timeframe,
            instrument=name,
            skip_bad=skip_bad,
        )
        with _Progress() as progress, open_recorded(path) as lines:
            progress.show(f"reading {file}")
            recording = read_recording(lines, file, how)
        for oddity in describe_oddities(recording):
            _note(f"{file}: {oddity}")
        if recording.foreign and not len(recording):
            found = next(iter(recording.foreign))
            wrong = f'{file}: "{found}" is not one of your instruments'
            raise click.ClickException(with_hint(wrong, found, configured))
        recordings.append(recording)
    return recordings


def _assign(
    names: Sequence[str], files: Sequence[Path], configured: "Mapping[str, Instrument]"
) -> "Sequence[str | None]":
    """The instrument of each file; None where its rows say it."""
    for name in names:
        if name not in configured:
            wrong = f'"{name}" is not one of your instruments'
            raise click.ClickException(with_hint(wrong, name, configured))
    if len(names) in {0, 1}:
        return [names[0] if names else None] * len(files)
    if len(names) != len(files):
        raise click.UsageError(
            f"--instrument is given {len(names)} times and FILE {len(files)} times: "
            "name one instrument for all files, or one for each"
        )
    return names


def _play(script: "Script") -> "Replay":
    from backtest.replay import count_rows, replay
    from daemon.replay_text import describe_play

    total = count_rows(script)
    with _Progress() as progress:
        played = replay(
            script, lambda done: progress.show(f"{done:,} of {total:,} rows")
        )
    for oddity in describe_play(played):
        _note(oddity)
    return played


def _print(
    config: "Config", script: "Script", played: "Replay", *, as_json: bool, sent: bool
) -> None:
    from daemon.replay_text import render_triggers, summarise

    zone = config.display.zone
    shown = [one for one in played.triggers if not (sent and one.suppressed)]
    if as_json:
        lines: Iterable[str] = map(_to_json, shown)
    else:
        lines = render_triggers(shown, script.recordings, zone)
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    if shown and not as_json:
        click.echo()
    for line in summarise(script, played, zone):
        click.echo(line, err=as_json)


def _to_json(trigger: "Trigger") -> str:
    return json.dumps(trigger.to_json(), separators=(",", ":"))


class _Progress:
    """One line on the standard error, drawn over itself, on a terminal only."""

    def __init__(self) -> None:
        self._drawn = False

    def __enter__(self) -> Self:
        return self

    def show(self, text: str) -> None:
        """Replace what stands there."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._drawn = True

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
