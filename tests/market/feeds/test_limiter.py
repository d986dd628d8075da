"""Spacing of requests, all instants written down."""

from hypothesis import given
from hypothesis import strategies as st

from market.feeds.limiter import Limiter


def starts(limiter: Limiter, asked_at: list[float]) -> list[float]:
    return [now + limiter.reserve(now) for now in asked_at]


def test_requests_asked_for_together_go_out_one_spacing_apart() -> None:
    assert starts(Limiter(1.0), [10.0, 10.0, 10.0]) == [10.0, 11.0, 12.0]


def test_a_request_after_an_idle_time_does_not_wait() -> None:
    assert starts(Limiter(1.0), [10.0, 11.0, 15.0]) == [10.0, 11.0, 15.0]


def test_a_burst_goes_at_once_and_the_rest_is_spaced() -> None:
    assert starts(Limiter(1.0, 3), [10.0] * 5) == [10.0, 10.0, 10.0, 11.0, 12.0]


def test_the_burst_is_earned_back_by_idle_time_and_never_exceeded() -> None:
    limiter = Limiter(1.0, 2)
    starts(limiter, [10.0, 10.0])

    assert starts(limiter, [11.0, 11.0]) == [11.0, 12.0]
    assert starts(limiter, [100.0, 100.0, 100.0]) == [100.0, 100.0, 101.0]


def test_no_spacing_never_waits() -> None:
    assert starts(Limiter(0.0), [10.0, 10.0, 10.0]) == [10.0, 10.0, 10.0]


def test_after_a_back_off_nothing_goes_early_not_even_the_burst() -> None:
    limiter = Limiter(1.0, 3)

    limiter.back_off(10.0, 30.0)

    assert starts(limiter, [10.0, 10.0]) == [40.0, 41.0]


def test_a_shorter_back_off_does_not_undo_a_longer_one() -> None:
    limiter = Limiter(1.0)
    limiter.back_off(10.0, 30.0)

    limiter.back_off(10.0, 1.0)

    assert starts(limiter, [10.0]) == [40.0]


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=60),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_no_window_holds_more_requests_than_burst_and_spacing_allow(
    pauses: list[int], spacing: int, burst: int
) -> None:
    limiter = Limiter(float(spacing), burst)
    now, gone = 0.0, []
    for pause in pauses:
        now += pause / 8
        gone.append(now + limiter.reserve(now))
        now = max(now, gone[-1])

    assert gone == sorted(gone)
    for first in range(len(gone)):
        for last in range(first, len(gone)):
            allowed = burst + (gone[last] - gone[first]) / spacing
            assert last - first + 1 <= allowed + 1e-9


def test_a_look_at_the_wait_takes_no_slot() -> None:
    limiter = Limiter(1.0)
    limiter.reserve(10.0)

    assert [limiter.wait(10.0), limiter.wait(10.25), limiter.wait(12.0)] == [1, 0.75, 0]
