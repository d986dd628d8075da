"""Where the price matters. A new kind of level costs one line here."""

from alerts.levels.fixed import PriceSpec, ZoneSpec
from alerts.levels.level import LevelSpec
from alerts.levels.moving import EmaSpec, SmaSpec

LEVEL_KINDS: dict[str, type[LevelSpec]] = {
    "price": PriceSpec,
    "zone": ZoneSpec,
    "sma": SmaSpec,
    "ema": EmaSpec,
}
