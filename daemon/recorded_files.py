"""Recorded files as text: plain or gzip, or the standard input."""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from backtest.errors import RecordingError, RecordingProblem

STANDARD_INPUT = Path("-")
_GZIP = b"\x1f\x8b"


def call_file(path: Path) -> str:
    """A file in messages."""
    return "standard input" if path == STANDARD_INPUT else str(path)


@contextmanager
def open_recorded(path: Path) -> Iterator[TextIO]:
    """The lines of a file, for csv.reader.

    What is not UTF-8 comes out as a replacement character: the row that it stands in
    is then found to be wrong, with its line.

    Raises:
        RecordingError: it cannot be opened, or its end is missing.
    """
    try:
        with _open_bytes(path) as stream:
            packed = stream.peek(2).startswith(_GZIP)
            plain = (
                cast("BinaryIO", gzip.GzipFile(fileobj=stream)) if packed else stream
            )
            text = io.TextIOWrapper(
                plain, encoding="utf-8-sig", errors="replace", newline=""
            )
            yield text
            text.detach()
    except (OSError, EOFError, zlib.error) as exc:
        why = getattr(exc, "strerror", None) or str(exc)
        problem = RecordingProblem(
            file=call_file(path), message=f"cannot be read: {why}"
        )
        raise RecordingError([problem]) from exc


@contextmanager
def _open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    if path != STANDARD_INPUT:
        with path.open("rb") as stream:
            yield stream
        return
    stream = io.BufferedReader(cast("io.RawIOBase", sys.stdin.buffer))
    yield stream
    stream.detach()  # it is not ours to close
