"""The root of all errors and the branch of the feeds.

::

    LevelwatchError
    ├── FeedError              a venue did not give us what we asked for
    │   ├── FeedUnavailable    temporary: try again with backoff
    │   ├── FeedRateLimited    temporary: not before `retry_after`
    │   ├── FeedBlocked        permanent until a person acts (403, 451, bad key)
    │   └── UnknownInstrument  permanent for one instrument: the venue lacks it
    ├── SendError              alerts/errors.py
    ├── ConfigError            daemon/errors.py
    └── StorageError           storage/errors.py
"""


class LevelwatchError(Exception):
    """Something that levelwatch understands and can name."""


class FeedError(LevelwatchError):
    """A venue did not give us what we asked for."""


class FeedUnavailable(FeedError):
    """Temporary: the same request may succeed later."""


class FeedRateLimited(FeedError):
    """The venue asks us to slow down.

    Attributes:
        retry_after: seconds to wait, or None where the venue did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class FeedBlocked(FeedError):
    """The venue refuses us (geo-block, ban, key): a person must act."""


class UnknownInstrument(FeedError):
    """The venue does not list an instrument.

    Attributes:
        instrument: its name as configured.
        suggestions: near names that the venue does list, best first.
    """

    def __init__(
        self, message: str, instrument: str, suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.instrument = instrument
        self.suggestions = suggestions
