"""Every exception of ccxt has one class here, and none tells an address."""

import aiohttp
import pytest
from ccxt.base import errors as ccxt_errors

from market.errors import (
    FeedBlocked,
    FeedError,
    FeedRateLimited,
    FeedUnavailable,
    UnknownInstrument,
)
from market.feeds.ccxt_errors import (
    Answer,
    BodyTooLarge,
    NotJson,
    answer_of,
    attach,
    blames_the_question,
    parse_retry_after,
    translate,
)

SECRET = "kraken GET https://user:hunter2@api.example/0/public/Ticker?signature=s3cr3t"


def raised(
    exc: Exception,
    *,
    status: int | None = None,
    headers: dict[str, str] | None = None,
    cause: Exception | None = None,
) -> Exception:
    exc.__cause__ = cause
    if status is not None:
        attach(exc, Answer(status=status, headers=headers or {}))
    return exc


@pytest.mark.parametrize(
    ("exc", "expected"),
    [
        (raised(ccxt_errors.ExchangeNotAvailable(SECRET)), FeedUnavailable),
        (raised(ccxt_errors.ExchangeNotAvailable(SECRET), status=500), FeedUnavailable),
        (raised(ccxt_errors.ExchangeNotAvailable(SECRET), status=403), FeedUnavailable),
        (raised(ccxt_errors.OnMaintenance(SECRET), status=503), FeedUnavailable),
        (raised(ccxt_errors.RequestTimeout(SECRET)), FeedUnavailable),
        (raised(ccxt_errors.InvalidNonce(SECRET)), FeedUnavailable),
        (raised(ccxt_errors.BadResponse(SECRET)), FeedUnavailable),
        (raised(ccxt_errors.NullResponse(SECRET)), FeedUnavailable),
        (raised(ccxt_errors.ExchangeError(SECRET)), FeedUnavailable),
        (raised(ccxt_errors.DDoSProtection(SECRET), status=200), FeedRateLimited),
        (raised(ccxt_errors.DDoSProtection(SECRET), status=418), FeedRateLimited),
        (raised(ccxt_errors.RateLimitExceeded(SECRET), status=429), FeedRateLimited),
        (raised(ccxt_errors.ExchangeError(SECRET), status=429), FeedRateLimited),
        (raised(ccxt_errors.AuthenticationError(SECRET), status=401), FeedBlocked),
        (raised(ccxt_errors.PermissionDenied(SECRET)), FeedBlocked),
        (raised(ccxt_errors.RestrictedLocation(SECRET)), FeedBlocked),
        (raised(ccxt_errors.BadSymbol(SECRET)), FeedError),
        (raised(ccxt_errors.NotSupported(SECRET)), FeedError),
        (
            raised(ValueError("could not convert string to float: 'NaN'")),
            FeedUnavailable,
        ),
        (raised(KeyError(SECRET)), FeedUnavailable),
        (raised(TimeoutError()), FeedUnavailable),
        (raised(NotJson("the body is not JSON"), status=200), FeedUnavailable),
        (raised(BodyTooLarge("the body is over 9 bytes")), FeedUnavailable),
        (raised(RecursionError(SECRET)), FeedUnavailable),
    ],
)
def test_each_exception_is_classed_by_what_to_do(
    exc: Exception, expected: type[FeedError]
) -> None:
    error = translate(exc, venue="kraken")

    assert type(error) is expected
    assert str(error).startswith("kraken ")
    for secret in ("hunter2", "s3cr3t", "http", "api.example"):
        assert secret not in str(error)


@pytest.mark.parametrize("status", [403, 451])
@pytest.mark.parametrize(
    ("refusals", "expected"),
    [(1, FeedUnavailable), (2, FeedUnavailable), (3, FeedBlocked), (9, FeedBlocked)],
)
def test_three_refusals_in_a_row_are_a_block(
    status: int, refusals: int, expected: type[FeedError]
) -> None:
    exc = raised(ccxt_errors.ExchangeNotAvailable(SECRET), status=status)

    assert type(translate(exc, venue="kraken", refusals=refusals)) is expected


def test_past_refusals_do_not_make_a_block_of_another_error() -> None:
    exc = raised(ccxt_errors.ExchangeNotAvailable(SECRET), status=500)

    assert type(translate(exc, venue="kraken", refusals=7)) is FeedUnavailable


def test_our_own_error_passes_as_it_is() -> None:
    error = UnknownInstrument("kraken does not list X", "X")

    assert translate(error, venue="kraken") is error


def test_the_status_and_the_cause_are_named() -> None:
    exc = raised(ccxt_errors.ExchangeNotAvailable(SECRET), status=503)
    lost = raised(
        ccxt_errors.ExchangeNotAvailable(SECRET),
        cause=aiohttp.ServerDisconnectedError(),
    )

    assert "HTTP 503" in str(translate(exc, venue="kraken"))
    assert "ServerDisconnectedError" in str(translate(lost, venue="kraken"))


def test_a_wait_that_the_venue_asks_for_is_kept() -> None:
    exc = raised(
        ccxt_errors.RateLimitExceeded(SECRET),
        status=429,
        headers={"Retry-After": "17"},
    )

    error = translate(exc, venue="kraken")

    assert isinstance(error, FeedRateLimited)
    assert error.retry_after == 17.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "30"}, 30.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "\N{SUPERSCRIPT TWO}"}, None),
        ({"Retry-After": "9" * 400}, 999_999_999.0),
        (
            {
                "Retry-After": "Mon, 19 May 2025 12:02:00 GMT",
                "Date": "Mon, 19 May 2025 12:00:30 GMT",
            },
            90.0,
        ),
        (
            {
                "Retry-After": "Mon, 19 May 2025 12:00:00 GMT",
                "Date": "Mon, 19 May 2025 12:00:30 -0000",
            },
            0.0,
        ),
        ({"Retry-After": "Mon, 19 May 2025 12:02:00 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert parse_retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("exc", "blames"),
    [
        (ccxt_errors.ExchangeError("EQuery:Unknown asset pair"), True),
        (ccxt_errors.BadSymbol("no"), True),
        (raised(ccxt_errors.ExchangeError("cut"), cause=OSError()), False),
        (ccxt_errors.ExchangeNotAvailable("down"), False),
        (ccxt_errors.RateLimitExceeded("slow"), False),
        (ValueError("NaN"), False),
        (None, False),
    ],
)
def test_only_a_venue_that_understood_us_blames_the_question(
    exc: Exception | None, *, blames: bool
) -> None:
    assert blames_the_question(exc) is blames


def test_an_exception_without_an_answer_has_an_empty_one() -> None:
    assert answer_of(ValueError()) == Answer()
