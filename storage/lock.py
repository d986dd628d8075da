"""One daemon per database file: a lock that the kernel drops when its holder dies."""

import fcntl
import os
from pathlib import Path
from typing import Self

from storage.errors import StorageUnusable

_PRIVATE = 0o600
_PID_BYTES = 32


class Lock:
    """Held until `close`; also a context manager."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    def close(self) -> None:
        """Let others in; safe to call twice.

        The file stays: removing it would let two processes lock two files of one name.
        """
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def acquire_lock(path: Path) -> Lock:
    """Become the only daemon of the database at `path`.

    Raises:
        StorageUnusable: another process is; names its pid. Or the lock file cannot
            be made.
    """
    place = path.with_name(path.name + ".lock")
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW
    try:
        handle = os.open(place, flags, _PRIVATE)
    except OSError as error:
        raise StorageUnusable(f"{place}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError as error:
        holder = os.pread(handle, _PID_BYTES, 0).decode(errors="replace").strip()
        os.close(handle)
        raise StorageUnusable(
            f"{path} is in use by process {holder or 'unknown'}: stop that one first"
        ) from error
    except OSError as error:
        os.close(handle)
        raise StorageUnusable(f"{place}: {error.strerror}") from error
    return Lock(handle)
