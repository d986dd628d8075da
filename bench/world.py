"""The rules and prices that the measurements share: made up, and always the same."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

from alerts.conditions import CONDITION_KINDS
from alerts.engine import Engine
from alerts.rule import Rule, build_rule
from market.instant import SECOND, parse_instant
from market.instrument import Instrument
from market.tick import Tick

T0 = parse_instant("2025-05-19T00:00:00Z")
NAMES = ("XMR/USD", "BNB/USD", "DOGE/USD", "EUR/USD")
INSTRUMENT = "BNB/USD"
_PRICE = Decimal(640)


def cross_rule(name: str, level: Decimal, direction: str, rearm: str = "0.25%") -> Rule:
    """A rule that waits for a crossing."""
    when = {"kind": "cross", "level": level, "direction": direction, "rearm": rearm}
    spec = CONDITION_KINDS["cross"].model_validate(when)
    return build_rule(spec, id=name, instrument=INSTRUMENT, levels={})


def cross_rules(count: int) -> list[Rule]:
    """Crossings above and below 640 in turn, from 2 % to 50 % away, evenly."""
    rules = []
    for number in range(count):
        away = _PRICE * (Decimal("0.02") + Decimal("0.48") * number / count)
        up = number % 2
        level = (_PRICE + (away if up else -away)).quantize(Decimal("0.0001"))
        rules.append(cross_rule(f"r{number}", level, "up" if up else "down"))
    return rules


def engine_of(rules: Sequence[Rule], *, everything: bool = False) -> Engine:
    """An engine that watches one instrument with these rules."""
    instruments = {INSTRUMENT: Instrument(name=INSTRUMENT)}
    return Engine(instruments, rules, everything=everything)


def tick(number: int, price: float) -> Tick:
    """The price of a second, counted from the start."""
    at = T0 + number * SECOND
    return Tick(
        instrument=INSTRUMENT, at=at, price=price, source="kraken", received_at=at
    )


def quoted_ticks(count: int) -> list[Tick]:
    """Ticks of four instruments in turn, one of each per second, with bid and ask."""
    paths = [walk(count // len(NAMES) + 1, seed) for seed in range(len(NAMES))]
    return [
        Tick(
            instrument=name,
            at=T0 + second * SECOND,
            price=price,
            source="kraken",
            received_at=T0 + second * SECOND,
            last=price,
            bid=round(price - 0.05, 2),
            ask=round(price + 0.05, 2),
        )
        for second, prices in enumerate(zip(*paths, strict=True))
        for name, price in zip(NAMES, prices, strict=True)
    ][:count]


def walk(count: int, seed: int = 1, price: float = 640.0) -> list[float]:
    """Prices on a grid of cents that wander within about 1 % and often stand still."""
    chance = Random(seed)
    prices, offset = [], 0
    for _ in range(count):
        if chance.random() < 0.4:
            offset += chance.choice((-3, -2, -1, -1, 1, 1, 2, 3))
            offset = max(-600, min(600, offset))
        prices.append(round(price + offset / 100, 2))
    return prices


def resident_bytes() -> int:
    """Memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
