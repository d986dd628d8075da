"""The edge cases that end at the rim: no machine ever sees these prices."""

import pytest

from market.instant import SECOND, parse_instant
from market.instrument import Instrument
from market.screening import RefusalReason, Screen, screen
from market.tick import Quote, Tick

NOON = parse_instant("2025-05-19T12:00Z")
XMR = Instrument(name="XMR/USD")


def quote(second: int, price: float, received: int | None = None) -> Quote:
    return Quote(
        instrument="XMR/USD",
        source="kraken",
        at=NOON + second * SECOND,
        received_at=NOON + (second if received is None else received) * SECOND,
        last=price,
    )


def shown(*quotes: Quote) -> tuple[list[Tick], list[RefusalReason]]:
    state = Screen()
    ticks: list[Tick] = []
    refused: list[RefusalReason] = []
    for seen in quotes:
        outcome = screen(state, seen, XMR, seen.received_at)
        state = outcome.screen
        ticks += outcome.ticks
        refused += [refusal.reason for refusal in outcome.refusals]
    return ticks, refused


def test_e16_two_prices_of_one_instant_are_both_kept_in_order() -> None:
    ticks, refused = shown(quote(0, 101), quote(0, 99))

    assert [(tick.at, tick.seq, tick.price) for tick in ticks] == [
        (NOON, 0, 101),
        (NOON, 1, 99),
    ]
    assert refused == []


def test_e17_an_exact_repeat_is_not_a_second_tick() -> None:
    ticks, refused = shown(quote(0, 101), quote(0, 101), quote(1, 101))

    assert [tick.at for tick in ticks] == [NOON, NOON + SECOND]
    assert refused == [RefusalReason.DUPLICATE]


def test_e18_a_late_price_is_counted_and_not_applied() -> None:
    ticks, refused = shown(quote(10, 99), quote(5, 101, received=11), quote(12, 99))

    assert [tick.price for tick in ticks] == [99, 99]
    assert refused == [RefusalReason.OUT_OF_ORDER]


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf")])
def test_e19_a_number_that_is_no_price_is_refused(price: float) -> None:
    ticks, refused = shown(quote(0, price))

    assert ticks == []
    assert len(refused) == 1


def test_e33_a_venue_whose_clock_runs_ahead_is_read_by_the_receipt() -> None:
    (believed, clamped), _ = shown(quote(5, 99, received=0), quote(20, 99, received=6))

    assert believed.at == NOON + 5 * SECOND
    assert clamped.at == NOON + 6 * SECOND
