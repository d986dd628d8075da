"""What stands beside a price comes back to the last bit, in few bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.quotes import pack_quote, unpack_quote

PRICES = st.floats(
    min_value=0, exclude_min=True, allow_infinity=False, allow_subnormal=True
)
DECIMALS = st.decimals(min_value="0.00000001", max_value=120_000, places=8).map(float)
SIDES = st.none() | PRICES | DECIMALS
LAGS = st.integers(min_value=-(2**53), max_value=2**53)


@given(price=PRICES | DECIMALS, last=SIDES, bid=SIDES, ask=SIDES, lag=LAGS)
def test_any_quote_comes_back_bit_exact(
    price: float, last: float | None, bid: float | None, ask: float | None, lag: int
) -> None:
    packed = pack_quote(price, last, bid, ask, lag)

    assert unpack_quote(price, packed) == (last, bid, ask, lag)


@given(
    price=PRICES | DECIMALS,
    bid=PRICES | DECIMALS,
    ask=PRICES | DECIMALS,
    lag=st.sampled_from([0, 250]),
)
def test_a_last_price_that_is_the_price_comes_back(
    price: float, bid: float, ask: float, lag: int
) -> None:
    packed = pack_quote(price, price, bid, ask, lag)

    assert unpack_quote(price, packed) == (price, bid, ask, lag)


@pytest.mark.parametrize(
    ("price", "last", "bid", "ask", "lag", "packed"),
    [
        # Ordinary: 5 cents below (128 - 5) and 3 above, without a head.
        (638.12, 638.12, 638.07, 638.15, 0, b"\x7b\x83"),
        (638.0, 638.0, 637.95, 638.0, 0, b"\x7b\x80"),
        # The sides have more decimals than the price, so a head says how many:
        # 0x40 both sides | 0x10 last is the price | 3 decimals; then zigzag.
        (638.1, 638.1, 638.095, 638.105, 0, b"\x53\x09\x0a"),
        # Too far away for a byte: 2 decimals, -3 and +3 whole units.
        (638.12, 638.12, 635.12, 641.12, 0, b"\x52\xd7\x04\xd8\x04"),
        # Bare, 5 ms later: a padding byte keeps it from being read as a quote.
        (640.0, None, None, None, 5, b"\x80\x0a\x00"),
        # A middle between five-digit sides: the price itself may have six.
        (1.123455, None, 1.12345, 1.12346, 0, b"\x45\x01\x00"),
        # 300 ms later: 2 decimals, -10 and +10, zigzag 600 in two bytes.
        (640.0, 640.0, 639.9, 640.1, 300, b"\xd2\x13\x14\xd8\x04"),
        (640.0, 640.0, None, None, 0, b"\x10"),
        (640.0, None, None, None, 0, None),
    ],
)
def test_ordinary_quotes_take_a_few_known_bytes(
    price: float,
    last: float | None,
    bid: float | None,
    ask: float | None,
    lag: int,
    packed: bytes | None,
) -> None:
    assert pack_quote(price, last, bid, ask, lag) == packed
    assert unpack_quote(price, packed) == (last, bid, ask, lag)
