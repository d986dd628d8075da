"""Timing in alternating blocks, so that a busy minute hits both sides alike."""

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns, process_time_ns

Work = Callable[[], object]


def cpu_seconds(blocks: int, *works: Work) -> list[float]:
    """The median CPU seconds of one call of each work.

    Every block calls each once, forwards and backwards in turn; one more call before
    warms up. All threads of the process count, waiting does not.
    """
    return _medians(blocks, works, process_time_ns)


def wall_seconds(blocks: int, *works: Work) -> list[float]:
    """The same of the time that passes, waiting for the disk included."""
    return _medians(blocks, works, perf_counter_ns)


def _medians(
    blocks: int, works: tuple[Work, ...], clock: Callable[[], int]
) -> list[float]:
    taken: list[list[int]] = [[] for _ in works]
    numbered = list(enumerate(works))
    for work in works:
        work()
    gc.collect()
    for block in range(blocks):
        for index, work in numbered if block % 2 == 0 else reversed(numbered):
            began = clock()
            work()
            taken[index].append(clock() - began)
    return [median(times) / 1e9 for times in taken]


def percentile(values: list[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
