"""The paper exchange by itself, to try a configuration against.

    python -m daemon.paper --port 8701 --speed 60

Then `base_url = "http://127.0.0.1:8701"` in a source of kind "ccxt". A daemon that
runs in real time wants the default speed: at another one the bars' times run ahead of
its clock. Stops on Ctrl-C.
"""

import asyncio
import contextlib

import click

from daemon.clock import Clock, PlayedClock
from daemon.paper.exchange import PaperExchange
from daemon.paper.market import PlayedMarket
from market.instant import MINUTE, parse_instant, render_instant


def _start(context: click.Context, option: click.Parameter, text: str | None) -> int:
    """Read the start of the story; by default the present minute."""
    del context, option
    now = Clock().now() if text is None else _parse(text)
    return now - now % MINUTE


def _parse(text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as exc:
        raise click.BadParameter(
            f'"{text}" is no time; write 2025-05-19T00:00Z'
        ) from exc


@click.command()
@click.option("--port", default=8701, show_default=True, help="0 takes a free one.")
@click.option("--speed", default=1.0, show_default=True, help="Market time per time.")
@click.option("--seed", default=1, show_default=True, help="Another seed, another way.")
@click.option("--start", callback=_start, help="When the story begins; default: now.")
def main(port: int, speed: float, seed: int, start: int) -> None:
    """Serve a played market as Kraken's public REST API on loopback."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(port, speed, seed, start))


async def _serve(port: int, speed: float, seed: int, start: int) -> None:
    clock = PlayedClock(start, speed)
    market = PlayedMarket(seed=seed, start=start)
    async with PaperExchange(market, clock.now, port=port) as exchange:
        click.echo(f"{exchange.base_url} serves from {render_instant(clock.now())}")
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
