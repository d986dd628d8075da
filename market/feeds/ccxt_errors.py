"""The one place where an exception of ccxt becomes one of ours.

Works on class names, so that it can be imported without ccxt. Never repeats the text
of an exception: it holds the address, and for signed calls the signature.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from market.errors import (
    FeedBlocked,
    FeedError,
    FeedRateLimited,
    FeedUnavailable,
)

REFUSALS_UNTIL_BLOCKED = 3
"""403s or 451s in a row after which a geo-block is believed; one may be a mishap."""

_REFUSED = {403, 451}
_SLOW_DOWN = {418, 429}

_BLOCKED_CLASSES = {"AuthenticationError", "RestrictedLocation"}
_RATE_CLASSES = {"DDoSProtection", "RateLimitExceeded"}
_TIMEOUT_CLASSES = {"RequestTimeout"}
_BAD_QUESTION_CLASSES = {"BadSymbol", "NotSupported", "BadRequest"}


class BodyTooLarge(Exception):
    """A venue sent more than any honest reply holds."""


class NotJson(Exception):
    """A venue sent something else than JSON: a page of its CDN, half a reply."""


@dataclass(slots=True)
class Answer:
    """What came back at the level of HTTP, filled in while it comes.

    Attributes:
        status: None while nothing has come.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def refuses(self) -> bool:
        """Whether the status means "not for you" rather than "not now"."""
        return self.status in _REFUSED


def attach(exc: BaseException, answer: Answer) -> None:
    """Let an exception carry the answer that it came from."""
    vars(exc)["levelwatch_answer"] = answer


def answer_of(exc: BaseException) -> Answer:
    """The answer that an exception carries; an empty one if there was none."""
    found = vars(exc).get("levelwatch_answer")
    return found if isinstance(found, Answer) else Answer()


def blames_the_question(exc: BaseException | None) -> bool:
    """Whether the venue understood and disliked what was asked.

    True for "unknown asset pair", which Kraken's class calls a plain ExchangeError;
    false for everything that ccxt made of a broken connection, which has a cause.
    """
    if exc is None or exc.__cause__ is not None:
        return False
    return "ExchangeError" in {cls.__name__ for cls in type(exc).__mro__}


def translate(exc: BaseException, *, venue: str, refusals: int = 0) -> FeedError:
    """Class an exception by what to do next; raise the result `from exc`.

    ccxt calls everything from 400 to 530 retryable, a cut-off body permanent, and
    lets ValueError out for a price of "NaN" (4.5.90, all seen); hence the status and
    the cause are asked first and the class only then.

    Args:
        exc: perhaps carrying its `Answer`.
        venue: ccxt's id, for the text.
        refusals: 403s and 451s in a row, this one included.
    """
    if isinstance(exc, FeedError):
        return exc
    answer = answer_of(exc)
    status = answer.status
    names = {cls.__name__ for cls in type(exc).__mro__}
    if status in _SLOW_DOWN or names & _RATE_CLASSES:
        return _rate_limited(venue, answer)
    if status == 401 or names & _BLOCKED_CLASSES:  # noqa: PLR2004
        return FeedBlocked(f"{venue} does not accept us ({_what(exc, status)})")
    if answer.refuses and refusals >= REFUSALS_UNTIL_BLOCKED:
        return FeedBlocked(
            f"{venue} answered {status} {refusals} times in a row: it serves nobody "
            "from this address or country; use another venue or a base_url"
        )
    if isinstance(exc, TimeoutError) or names & _TIMEOUT_CLASSES:
        return FeedUnavailable(f"{venue} did not answer in time")
    if names & _BAD_QUESTION_CLASSES:
        return FeedError(f"{venue} cannot answer this ({_what(exc, status)})")
    return FeedUnavailable(f"{venue} gave no usable answer ({_what(exc, status)})")


def _what(exc: BaseException, status: int | None) -> str:
    """The kinds of the exception and its cause, and the status if it tells more."""
    cause = exc.__cause__
    kinds = type(exc).__name__
    if isinstance(cause, BodyTooLarge | NotJson):
        kinds = str(cause)
    elif isinstance(exc, BodyTooLarge | NotJson):
        kinds = str(exc)
    elif cause is not None:
        kinds = f"{kinds}: {type(cause).__name__}"
    return kinds if status in {None, 200} else f"HTTP {status}, {kinds}"


def _rate_limited(venue: str, answer: Answer) -> FeedRateLimited:
    wait = parse_retry_after(answer.headers)
    said = "" if wait is None else f" for {wait:g} s"
    code = "" if answer.status in {None, 200} else f" (HTTP {answer.status})"
    return FeedRateLimited(f"{venue} asks us to slow down{said}{code}", wait)


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: `Retry-After: 30`, or a date measured by the reply's own `Date`.

    The venue's date against the venue's clock: ours need not agree. None where
    nothing, or nothing sensible, is said; never negative.
    """
    said = {name.lower(): value for name, value in headers.items()}
    text = said.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    with suppress(ValueError, TypeError):
        until = parsedate_to_datetime(text)
        sent = parsedate_to_datetime(said.get("date", ""))
        return max(0.0, (_aware(until) - _aware(sent)).total_seconds())
    return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
