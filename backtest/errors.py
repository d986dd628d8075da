"""The branch of the rehearsals.

::

    LevelwatchError
    └── RecordingError    a recorded file is not what it should be: mend it, go again
"""

from collections.abc import Sequence
from dataclasses import dataclass

from market.errors import LevelwatchError

LISTED = 20
"""Problems that are told one by one; a wrong file has a million of the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingProblem:
    """One row that cannot be played, or a file that cannot be read.

    Attributes:
        file: as the user named it.
        line: 1-based, as editors count; None where the whole file is meant.
        message: what was found and what was expected.
    """

    file: str
    line: int | None = None
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


class RecordingError(LevelwatchError):
    """Recorded prices cannot be played; the problems that were found, in order."""

    def __init__(self, problems: Sequence[RecordingProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
