"""Which quotes become ticks: each reason once, then properties of any sequence."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.instant import HOUR, MINUTE, SECOND, parse_instant
from market.instrument import Instrument, PriceBasis, Session
from market.screening import (
    Refusal,
    RefusalReason,
    Screen,
    Screened,
    jump_bound,
    refuse,
    screen,
)
from market.tick import Quote, Tick

T0 = parse_instant("2025-05-19T12:00:00Z")
"""A Monday on which everything trades."""

BNB = Instrument(name="BNB/USD")
EUR = Instrument(name="EUR/USD", session=Session.FX, price=PriceBasis.MID)


def untimed(
    second: float,
    last: float | None,
    *,
    bid: float | None = None,
    ask: float | None = None,
) -> Quote:
    return Quote(
        instrument="BNB/USD",
        source="kraken",
        received_at=T0 + round(second * SECOND),
        last=last,
        bid=bid,
        ask=ask,
    )


def timed(second: float, last: float, *, delay: float = 0.1) -> Quote:
    at = T0 + round(second * SECOND)
    return replace(untimed(second + delay, last), at=at)


def mid(second: float, bid: float, ask: float) -> Quote:
    return Quote(
        instrument="EUR/USD",
        source="kraken",
        received_at=T0 + round(second * SECOND),
        bid=bid,
        ask=ask,
    )


def run(
    quotes: Iterable[Quote], instrument: Instrument = BNB, state: Screen | None = None
) -> tuple[list[Tick], list[Refusal], Screen]:
    state = state or Screen()
    ticks: list[Tick] = []
    refusals: list[Refusal] = []
    for quote in quotes:
        screened = screen(state, quote, instrument, quote.received_at)
        state = screened.screen
        ticks += screened.ticks
        refusals += screened.refusals
    return ticks, refusals, state


def prices(ticks: Iterable[Tick]) -> list[float]:
    return [tick.price for tick in ticks]


def reasons(refusals: Iterable[Refusal]) -> list[RefusalReason]:
    return [refusal.reason for refusal in refusals]


def test_a_plain_quote_becomes_a_tick_with_all_its_numbers() -> None:
    screened = screen(Screen(), untimed(1, 640.1, bid=640.0, ask=640.2), BNB, T0 + 1000)

    tick = Tick(
        instrument="BNB/USD",
        at=T0 + 1000,
        price=640.1,
        source="kraken",
        received_at=T0 + 1000,
        last=640.1,
        bid=640.0,
        ask=640.2,
    )
    assert screened == Screened(screen=Screen(previous=tick), ticks=(tick,))


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        (untimed(0, None, bid=639.0, ask=641.0), RefusalReason.NO_PRICE),
        (untimed(0, float("nan")), RefusalReason.NOT_FINITE),
        (untimed(0, float("inf")), RefusalReason.NOT_FINITE),
        (untimed(0, 640.0, bid=float("nan")), RefusalReason.NOT_FINITE),
        (untimed(0, 640.0, ask=float("inf")), RefusalReason.NOT_FINITE),
        (untimed(0, 0.0), RefusalReason.NOT_POSITIVE),
        (untimed(0, -640.0), RefusalReason.NOT_POSITIVE),
        (untimed(0, 640.0, bid=-1.0), RefusalReason.NOT_POSITIVE),
        (untimed(0, 640.0, bid=641.0, ask=640.0), RefusalReason.CROSSED_QUOTES),
        (untimed(0, 571.0, bid=639.9, ask=640.1), RefusalReason.LAST_OUTSIDE_QUOTES),
        (untimed(0, 64000.0, bid=639.9, ask=640.1), RefusalReason.LAST_OUTSIDE_QUOTES),
        (replace(untimed(0, 640.0), active=False), RefusalReason.INACTIVE),
        (timed(-61, 640.0, delay=61), RefusalReason.STALE_TIME),
    ],
)
def test_a_quote_that_cannot_be_a_price_is_refused_by_name(
    quote: Quote, reason: RefusalReason
) -> None:
    before = Screen()

    screened = screen(before, quote, BNB, T0)

    assert reasons(screened.refusals) == [reason]
    assert screened.ticks == ()
    assert screened.screen == before


@pytest.mark.parametrize(
    "quote",
    [
        untimed(0, 640.0, bid=0.0, ask=641.0),
        untimed(0, 640.0, bid=640.0, ask=640.0),
        untimed(0, 640.0, bid=None, ask=641.0),
        untimed(0, 576.5, bid=640.0, ask=641.0),
        timed(-60, 640.0, delay=60),
        timed(4.9, 640.0, delay=-4.9),
    ],
)
def test_odd_but_honest_quotes_are_taken(quote: Quote) -> None:
    ticks, refusals, _ = run([quote])

    assert prices(ticks) == [quote.last]
    assert refusals == []


def test_a_mid_needs_both_sides_of_the_book() -> None:
    _, refusals, _ = run(
        [replace(mid(0, 1.12, 1.12), ask=None), mid(5, 0.0, 1.1202)], EUR
    )

    assert reasons(refusals) == [RefusalReason.NO_PRICE, RefusalReason.NOT_POSITIVE]


def test_a_mid_between_round_quotes_is_the_round_price_itself() -> None:
    ticks, _, _ = run([mid(0, 1.1199, 1.1201)], EUR)

    assert [tick.price for tick in ticks] == [1.12]


def test_the_same_price_again_is_an_observation_where_the_venue_gives_no_time() -> None:
    ticks, refusals, _ = run([untimed(0, 640.0), untimed(5, 640.0)])

    assert [tick.at for tick in ticks] == [T0, T0 + 5 * SECOND]
    assert refusals == []


def test_the_same_time_and_price_again_is_a_duplicate() -> None:
    ticks, refusals, _ = run([timed(0, 640.0), timed(0, 640.0, delay=5)])

    assert prices(ticks) == [640.0]
    assert reasons(refusals) == [RefusalReason.DUPLICATE]


def test_another_price_at_the_same_time_is_kept_in_order_of_arrival() -> None:
    ticks, _, _ = run([timed(0, 640.0), timed(0, 641.0), timed(0, 640.0)])

    assert [(tick.at, tick.seq, tick.price) for tick in ticks] == [
        (T0, 0, 640.0),
        (T0, 1, 641.0),
        (T0, 2, 640.0),
    ]


def test_a_venue_time_before_the_last_tick_is_out_of_order() -> None:
    ticks, refusals, _ = run([timed(5, 640.0), timed(4, 641.0, delay=2)])

    assert prices(ticks) == [640.0]
    assert reasons(refusals) == [RefusalReason.OUT_OF_ORDER]


def test_a_wall_clock_set_back_neither_blinds_nor_reorders() -> None:
    ticks, refusals, _ = run(
        [untimed(0, 640.0), untimed(-7200, 641.0), untimed(-7195, 641.0)]
    )

    assert [(tick.at, tick.seq) for tick in ticks] == [(T0, 0), (T0, 1), (T0, 2)]
    assert ticks[1].received_at == T0 - 2 * HOUR
    assert refusals == []


def test_a_time_from_the_future_gives_way_to_the_receipt_and_is_told() -> None:
    screened = screen(Screen(), timed(5.001, 640.0, delay=-5.001), BNB, T0)

    assert [tick.at for tick in screened.ticks] == [T0]
    assert screened.clamped


def test_a_venue_ahead_of_us_by_about_the_tolerance_stays_in_order() -> None:
    ticks, refusals, _ = run(
        [timed(4.9, 640.0, delay=-4.9), timed(6.1, 641.0, delay=-5.1)]
    )

    assert [tick.at for tick in ticks] == [T0 + 4900, T0 + 4900]
    assert refusals == []


def test_friday_s_last_fx_time_is_not_stale_on_sunday_evening() -> None:
    friday = parse_instant("2025-05-16T20:59:50Z")
    sunday = parse_instant("2025-05-18T21:00:20Z")
    quote = replace(mid(0, 1.1160, 1.1162), at=friday, received_at=sunday)

    ticks, _, _ = run([quote], EUR)

    assert [tick.at for tick in ticks] == [friday]


def test_a_spike_that_the_next_quote_denies_never_becomes_a_tick() -> None:
    ticks, refusals, state = run(
        [untimed(0, 640.0), untimed(5, 64000.0), untimed(10, 640.5)]
    )

    assert prices(ticks) == [640.0, 640.5]
    assert reasons(refusals) == [RefusalReason.SPIKE]
    assert refusals[0].at == T0 + 5 * SECOND
    assert state.held is None


def test_a_fall_of_43_percent_passes_in_order_once_the_next_quote_confirms_it() -> None:
    ticks, refusals, _ = run(
        [untimed(0, 640.0), untimed(5, 364.8), untimed(10, 370.0), untimed(15, 371.0)]
    )

    assert [(tick.at, tick.price) for tick in ticks] == [
        (T0, 640.0),
        (T0 + 5 * SECOND, 364.8),
        (T0 + 10 * SECOND, 370.0),
        (T0 + 15 * SECOND, 371.0),
    ]
    assert refusals == []


def test_a_move_of_exactly_the_bound_needs_no_witness() -> None:
    ticks, _, state = run([untimed(0, 640.0), untimed(5, 704.0)])

    assert prices(ticks) == [640.0, 704.0]
    assert state.held is None


def test_fx_is_held_at_one_percent() -> None:
    ticks, _, state = run([mid(0, 1.1199, 1.1201), mid(5, 1.1319, 1.1321)], EUR)

    assert len(ticks) == 1
    assert state.held is not None
    assert state.held.price == pytest.approx(1.1320)


def test_each_quote_of_a_wild_run_waits_for_a_witness_of_its_own() -> None:
    ticks, refusals, state = run(
        [untimed(0, 100.0), untimed(5, 120.0), untimed(10, 150.0), untimed(15, 151.0)]
    )

    assert prices(ticks) == [100.0, 150.0, 151.0]
    assert reasons(refusals) == [RefusalReason.SPIKE]
    assert state.held is None


def test_the_same_reply_once_more_is_no_witness_for_itself() -> None:
    ticks, refusals, state = run(
        [timed(0, 640.0), timed(5, 64000.0), timed(5, 64000.0, delay=5)]
    )

    assert prices(ticks) == [640.0]
    assert reasons(refusals) == [RefusalReason.DUPLICATE]
    assert state.held is not None


def test_rubbish_does_not_end_a_quarantine() -> None:
    ticks, refusals, _ = run(
        [untimed(0, 640.0), untimed(5, 900.0), untimed(10, 0.0), untimed(15, 905.0)]
    )

    assert prices(ticks) == [640.0, 900.0, 905.0]
    assert reasons(refusals) == [RefusalReason.NOT_POSITIVE]


def test_the_first_quote_after_a_restart_is_measured_against_the_stored_tick() -> None:
    _, _, before = run([untimed(0, 640.0)])
    restarted = Screen(previous=before.previous)

    ticks, _, state = run([untimed(60, 6400.0)], state=restarted)

    assert ticks == []
    assert state.held is not None


def test_a_spread_far_wider_than_the_hour_s_median_is_no_mid() -> None:
    usual = [mid(60 * minute, 1.11995, 1.12005) for minute in range(10)]

    ticks, refusals, _ = run(
        [*usual, mid(600, 1.1194, 1.1206), mid(660, 1.11976, 1.12024)], EUR
    )

    assert len(ticks) == 11
    assert reasons(refusals) == [RefusalReason.WIDE_SPREAD]


def test_before_ten_minutes_of_spreads_any_spread_is_taken() -> None:
    usual = [mid(60 * minute, 1.11995, 1.12005) for minute in range(9)]

    ticks, _, _ = run([*usual, mid(600, 1.1170, 1.1230)], EUR)

    assert len(ticks) == 10


def test_spreads_older_than_an_hour_are_forgotten() -> None:
    _, _, state = run(
        [mid(60 * minute, 1.11995, 1.12005) for minute in range(200)], EUR
    )

    assert len(state.spreads) == 60
    assert state.spreads[-1][0] == (T0 + 199 * MINUTE) // MINUTE


def test_a_refusal_says_who_when_and_what_was_found() -> None:
    refusal = refuse(untimed(1, 0.0), RefusalReason.NOT_POSITIVE, "last 0.0")

    assert refusal == Refusal(
        instrument="BNB/USD",
        source="kraken",
        reason=RefusalReason.NOT_POSITIVE,
        at=T0 + SECOND,
        detail="last 0.0",
    )


def test_the_bounds_are_ten_percent_and_one() -> None:
    assert (jump_bound(Session.CRYPTO), jump_bound(Session.FX)) == (0.10, 0.01)


any_number = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(min_value=600, max_value=700),
)
any_quote = st.builds(
    Quote,
    instrument=st.just("BNB/USD"),
    source=st.just("kraken"),
    received_at=st.integers(T0, T0 + 10 * MINUTE),
    at=st.one_of(st.none(), st.integers(T0 - HOUR, T0 + HOUR)),
    last=any_number,
    bid=any_number,
    ask=any_number,
    active=st.sampled_from([True, True, True, False]),
)


@given(st.lists(any_quote, max_size=30))
def test_whatever_comes_ticks_are_positive_finite_and_strictly_ordered(
    quotes: list[Quote],
) -> None:
    ticks, refusals, state = run(quotes)

    keys = [(tick.at, tick.seq) for tick in ticks]
    assert keys == sorted(set(keys))
    assert all(0 < tick.price < float("inf") for tick in ticks)
    held = 0 if state.held is None else 1
    assert len(ticks) + len(refusals) + held == len(quotes)


@given(st.lists(any_quote, max_size=30), st.integers(0, 30))
def test_a_sequence_may_be_cut_anywhere(quotes: list[Quote], cut: int) -> None:
    whole_ticks, whole_refusals, whole = run(quotes)

    ticks, refusals, state = run(quotes[:cut])
    more_ticks, more_refusals, state = run(quotes[cut:], state=state)

    assert ticks + more_ticks == whole_ticks
    assert refusals + more_refusals == whole_refusals
    assert state == whole


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=40))
def test_no_two_neighbouring_ticks_jump_without_a_witness(path: list[float]) -> None:
    quotes = [untimed(number, price) for number, price in enumerate(path)]

    ticks, _, _ = run(quotes)

    taken = prices(ticks)
    for number in range(1, len(taken) - 1):
        jump = max(taken[number] / taken[number - 1], taken[number - 1] / taken[number])
        witness = max(
            taken[number + 1] / taken[number], taken[number] / taken[number + 1]
        )
        assert jump <= 1.1052 or witness <= 1.0513
