"""A receiver as written in the configuration."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from alerts.channels.http import Http
from alerts.notification import Channel

Secret = Annotated[SecretStr, Field(min_length=1)]
"""Given, and never shown: an empty secret is a mistake, not an absent one."""

SEND_DEADLINE = 30.0
"""Seconds in which every channel's `send` has ended. A lease must be longer."""


class ReceiverSpec(BaseModel, ABC):
    """What every kind of receiver has."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: str
    """How messages are carried."""

    @abstractmethod
    def open(self, http: Http, now: Callable[[], int]) -> Channel:
        """Build the channel. Nothing goes out before its first `send`.

        Args:
            http: shared by all channels; its owner closes it, after them.
            now: epoch ms; stamps signatures and dates.
        """
