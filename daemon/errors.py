"""The daemon's own branch.

::

    LevelwatchError
    ├── ConfigError        what the user wrote cannot be used
    └── SupervisionError   we cannot go on: end, and let the service manager restart
"""

from collections.abc import Sequence
from dataclasses import dataclass

from market.errors import LevelwatchError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One thing wrong with the configuration.

    Attributes:
        file: as the user named it.
        line: 1-based; None where it cannot be told.
        key: "rules[1].when.kind".
        message: what was found, what was expected, did you mean.
    """

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        what = f"{self.key}: {self.message}" if self.key else self.message
        return f"{place}: {what}"


class SupervisionError(LevelwatchError):
    """A part that everything depends on keeps failing."""


class ConfigError(LevelwatchError):
    """The configuration cannot be used; all problems of one run together."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
