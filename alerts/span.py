"""A span of time in the words of a person: "12 min", "3 h 5 min", "2 d 4 h"."""

from market.instant import DAY, HOUR, MINUTE, SECOND

_UNITS = (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND))


def render_span(duration: int) -> str:
    """The two largest units, cut off, never rounded up.

    Seconds are told only below ten minutes; below one second it is "0 s".

    Args:
        duration: milliseconds, not negative.
    """
    if duration >= 10 * MINUTE:
        duration -= duration % MINUTE
    parts: list[str] = []
    for unit, size in _UNITS:
        count, duration = divmod(duration, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"
