"""`python -m bench [NAME…] [--quick] [--json]`: all measurements, or some by name.

Each runs in a process of its own, so that none pays for what another imported.
"""

import json
import subprocess
import sys
import time
from importlib import import_module

import click

from bench.figure import Figure, render_table

NAMES = (
    "quiet_tick",
    "woken_rule",
    "tick_work",
    "ledger",
    "disk",
    "reply_to_message",
    "start_up",
    "watching",
    "polls",
)


@click.command(epilog=f"Names: {', '.join(NAMES)}.")
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[NAME]…")
@click.option("--quick", is_flag=True, help="Fewer repetitions and smaller worlds.")
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON, no table.")
@click.option("--here", is_flag=True, hidden=True)
def main(names: tuple[str, ...], *, quick: bool, as_json: bool, here: bool) -> None:
    """Measure what levelwatch costs, beside what others cost."""
    if here:
        measured = import_module(f"bench.{names[0]}").measure(quick=quick)
        print(json.dumps([figure.to_json() for figure in measured]))
        return
    figures: list[Figure] = []
    for name in names or NAMES:
        began = time.monotonic()
        figures += _measure(name, quick=quick)
        took = time.monotonic() - began
        print(f"{name}: {took:.0f} s", file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps([figure.to_json() for figure in figures], indent=1))
    else:
        print(render_table(figures))
        missed = sum(figure.met is False for figure in figures)
        promised = sum(figure.met is not None for figure in figures)
        print(f"\n{promised - missed} of {promised} budgets met")


def _measure(name: str, *, quick: bool) -> list[Figure]:
    command = [sys.executable, "-m", "bench", "--here", name]
    done = subprocess.run(
        [*command, *(["--quick"] if quick else [])],
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        print(f"{name} broke off; its figures are missing", file=sys.stderr)
        return []
    return [
        Figure(**{k: v for k, v in row.items() if k not in {"ratio", "met"}})
        for row in json.loads(done.stdout)
    ]


if __name__ == "__main__":
    main()
