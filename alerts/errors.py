"""The branch of the senders, classed by what to do next.

::

    SendError
    ├── SendFailed        temporary: try again with backoff
    ├── SendRateLimited   temporary: not before `retry_after`
    ├── SendUncertain     temporary, but the receiver may have it already
    └── SendRejected      permanent: trying again cannot help
        └── ReceiverBroken    and nothing else will get through either (401, blocked)
"""

from market.errors import LevelwatchError


class SendError(LevelwatchError):
    """A receiver did not take a notification."""


class SendFailed(SendError):
    """Temporary, and certainly not delivered."""


class SendRateLimited(SendError):
    """The receiver asks us to wait.

    Attributes:
        retry_after: seconds, as the receiver said.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SendUncertain(SendError):
    """The request went out and no answer came: it may have been delivered."""


class SendRejected(SendError):
    """This notification will never be taken."""


class ReceiverBroken(SendRejected):
    """The receiver takes nothing any more until a person acts."""
