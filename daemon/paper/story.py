"""The plot: where the four prices stand, hour by hour, in the market of the demo.

Hand-placed after what market notes of May 2025 said about these instruments; the way
between two knots is `bridge.py`'s. The story takes four days from a Monday 00:00 UTC;
what lies before is a plausible history, long enough for 200 bars of four hours.
"""

from dataclasses import dataclass
from itertools import pairwise

from daemon.paper.bridge import Knot, Segment
from market.instant import DAY, HOUR, MINUTE

STORY_LENGTH = 4 * DAY
HISTORY_LENGTH = 75 * DAY

_MINUTES_PER_DAY = DAY // MINUTE
_MINUTES_PER_HOUR = HOUR // MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One instrument's knots.

    Attributes:
        history: (days from the start, price), the first at -75, the last before 0.
        story: (hours from the start, price), the first at 0, the last at 96.
        history_noise, story_noise: relative standard deviation of one minute.
        after: price a month after the end, for whoever stays.
    """

    history: tuple[tuple[float, float], ...]
    story: tuple[tuple[float, float], ...]
    history_noise: float
    story_noise: float
    after: float

    def segments(self) -> tuple[Segment, ...]:
        """The stretches between knots, in order, in minutes from the start."""
        past = [
            Knot(minute=round(day * _MINUTES_PER_DAY), price=price)
            for day, price in self.history
        ]
        told = [
            Knot(minute=round(hour * _MINUTES_PER_HOUR), price=price)
            for hour, price in self.story
        ]
        end = Knot(minute=told[-1].minute + 30 * _MINUTES_PER_DAY, price=self.after)
        return tuple(
            Segment(
                start=start,
                end=stop,
                noise=self.story_noise
                if 0 <= start.minute < told[-1].minute
                else self.history_noise,
            )
            for start, stop in pairwise([*past, *told, end])
        )


# A quiet month, then half as much again in four hours, and most of it given back.
_XMR = Plot(
    history=(
        (-75, 208.0),
        (-60, 216.5),
        (-47, 211.0),
        (-35, 222.0),
        (-24, 217.5),
        (-14, 226.0),
        (-6, 221.5),
    ),
    story=(
        (0, 226.5),
        (10, 229.5),
        (20, 227.0),
        (26, 228.0),
        (26.8, 251.0),
        (27.6, 268.0),
        (28.5, 283.0),
        (29.1, 297.0),
        (29.6, 322.0),
        (30.0, 341.9),
        (30.1, 347.0),
        (30.8, 318.0),
        (31.8, 282.0),
        (33.0, 265.0),
        (42, 258.5),
        (55, 271.0),
        (70, 263.0),
        (84, 274.0),
        (96, 278.0),
    ),
    history_noise=5e-4,
    story_noise=1.5e-4,
    after=295.0,
)

# Into the 637-643 zone and thrown back, over 650, down again: a quarter of an hour
# under 637 that does not count, then lost for a day, then reclaimed.
_BNB = Plot(
    history=(
        (-75, 587.0),
        (-60, 602.5),
        (-47, 594.0),
        (-35, 611.0),
        (-24, 603.0),
        (-14, 628.0),
        (-6, 661.0),
        (-2, 655.5),
    ),
    story=(
        (0, 652.5),
        (4, 647.5),
        (8, 641.5),
        (10, 639.3),
        (13, 641.2),
        (15.5, 645.6),
        (20, 649.0),
        (22, 651.9),
        (27, 647.0),
        (32, 641.0),
        (33.5, 637.9),
        (34.0, 636.5),
        (34.2, 637.8),
        (35.5, 638.9),
        (37.5, 635.0),
        (43, 631.5),
        (50, 634.0),
        (54, 638.5),
        (57, 644.8),
        (66, 648.0),
        (72, 652.6),
        (80, 655.4),
        (88, 652.8),
        (96, 657.0),
    ),
    history_noise=3e-4,
    story_noise=0.6e-4,
    after=668.0,
)

# Over 0.2200, over 0.2320, and back under it within four hours; then the way down to
# just above 0.2180.
_DOGE = Plot(
    history=(
        (-75, 0.1740),
        (-60, 0.1665),
        (-47, 0.1590),
        (-35, 0.1720),
        (-24, 0.1815),
        (-14, 0.2030),
        (-6, 0.2155),
        (-2, 0.2085),
    ),
    story=(
        (0, 0.2110),
        (6, 0.2150),
        (12, 0.2186),
        (14, 0.2195),
        (16, 0.2213),
        (22, 0.2262),
        (29.5, 0.2304),
        (30.5, 0.2318),
        (31.0, 0.2328),
        (32.0, 0.2378),
        (33.4, 0.2336),
        (34.2, 0.2309),
        (40, 0.2280),
        (48, 0.2236),
        (56, 0.2206),
        (60, 0.2194),
        (65, 0.2185),
        (70, 0.2203),
        (77, 0.2196),
        (84, 0.2188),
        (96, 0.2209),
    ),
    history_noise=5e-4,
    story_noise=1.2e-4,
    after=0.2290,
)

# Under 1.1200 through the Asian morning, under its 200-bar average on four hours, back
# over 1.1200, and up to where 1.1250 turns it away.
_EUR = Plot(
    history=(
        (-75, 1.1010),
        (-60, 1.1085),
        (-47, 1.1115),
        (-40, 1.1196),
        (-33, 1.1241),
        (-26, 1.1225),
        (-19, 1.1182),
        (-12, 1.1126),
        (-7, 1.1108),
        (-4, 1.1160),
        (-2.2, 1.1181),
    ),
    story=(
        (0, 1.1193),
        (1, 1.1189),
        (2, 1.1196),
        (3, 1.1197),
        (5, 1.1178),
        (7, 1.1169),
        (9, 1.1165),
        (13, 1.1157),
        (17, 1.1149),
        (24, 1.1155),
        (30, 1.1172),
        (36, 1.1195),
        (40, 1.1216),
        (48, 1.1209),
        (56, 1.1233),
        (64, 1.1246),
        (70, 1.1252),
        (73, 1.1246),
        (77, 1.1224),
        (84, 1.1236),
        (96, 1.1243),
    ),
    history_noise=0.35e-4,
    story_noise=0.1e-4,
    after=1.1280,
)

PLOTS = {"XMR/USD": _XMR, "BNB/USD": _BNB, "DOGE/USD": _DOGE, "EUR/USD": _EUR}
