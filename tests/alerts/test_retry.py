"""When a failed delivery is tried again."""

import pytest

from alerts.errors import (
    ReceiverBroken,
    SendError,
    SendFailed,
    SendRateLimited,
    SendRejected,
    SendUncertain,
)
from alerts.retry import GIVE_UP_ATTEMPTS, next_attempt, wait_after
from market.instant import DAY, MINUTE, SECOND

NOW = 1_747_443_900_000


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"),
    [
        (1, 3_750, 5_000),
        (2, 7_500, 10_000),
        (3, 15_000, 20_000),
        (4, 30_000, 40_000),
        (5, 60_000, 80_000),
        (6, 120_000, 160_000),
        (7, 240_000, 320_000),
        (8, 480_000, 640_000),
        (9, 675_000, 900_000),
        (10, 675_000, 900_000),
        (671, 675_000, 900_000),
        (10_000, 675_000, 900_000),
    ],
)
def test_waits_double_up_to_a_quarter_hour_less_a_quarter_by_chance(
    attempt: int, shortest: int, longest: int
) -> None:
    waits = [wait_after(attempt, f"row {n}") for n in range(200)]

    assert min(waits) >= shortest
    assert max(waits) <= longest
    assert len(set(waits)) > 100


def test_the_same_failure_waits_the_same_after_a_restart() -> None:
    # sha256("42:3") begins with 0.59869 as a fraction of 2**64: 20 s less 0.25 of it.
    assert next_attempt(SendFailed("down"), 3, "42", NOW) == NOW + 17_007


@pytest.mark.parametrize("error", [SendFailed("x"), SendUncertain("x")])
def test_temporary_errors_are_tried_again(error: SendError) -> None:
    again = next_attempt(error, 1, "seed", NOW)

    assert again is not None
    assert NOW < again <= NOW + 5 * SECOND


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [(30.0, 30_000), (0.5, 500), (0.0001, 1), (0.0, 0), (86_400.0, DAY)],
)
def test_a_wait_that_the_receiver_asked_for_is_obeyed_to_the_millisecond(
    retry_after: float, wait: int
) -> None:
    error = SendRateLimited("slow down", retry_after)

    assert next_attempt(error, 5, "seed", NOW) == NOW + wait


@pytest.mark.parametrize("error", [SendRejected("no"), ReceiverBroken("blocked")])
def test_permanent_errors_are_dead_at_once(error: SendError) -> None:
    assert next_attempt(error, 1, "seed", NOW) is None


def test_an_outage_of_five_days_drops_nothing() -> None:
    at, attempt = NOW, 1
    while at < NOW + 5 * DAY:
        again = next_attempt(SendFailed("down"), attempt, "unlucky", at)
        assert again is not None
        at, attempt = again, attempt + 1

    assert attempt < GIVE_UP_ATTEMPTS


def test_it_gives_up_after_a_week_of_quarter_hours() -> None:
    error = SendFailed("down")

    assert next_attempt(error, 671, "seed", NOW) is not None
    assert next_attempt(error, 672, "seed", NOW) is None


def test_many_short_waits_on_request_do_not_use_up_the_week() -> None:
    error = SendFailed("down")
    young = NOW - 10 * MINUTE
    old = NOW - 7 * DAY

    assert next_attempt(error, 5_000, "seed", NOW, created_at=young) is not None
    assert next_attempt(error, 5_000, "seed", NOW, created_at=old) is None


def test_a_machine_that_slept_for_a_month_tries_on() -> None:
    month_old = NOW - 30 * DAY

    assert next_attempt(SendFailed("x"), 1, "seed", NOW, created_at=month_old)
