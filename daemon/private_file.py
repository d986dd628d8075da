"""Writing files that must not be overwritten by accident nor read by others."""

import os
from pathlib import Path

PRIVATE = 0o600
SHARED = 0o644


def write_new(path: Path, text: str, *, mode: int) -> None:
    """Create a file that does not exist yet; a planted link is not followed.

    Raises:
        FileExistsError: there is one already, or a link of that name.
        OSError: it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


def replace_file(path: Path, text: str, *, mode: int) -> None:
    """Put a file in the place of whatever is there, in one step.

    Raises:
        OSError: it cannot be written; the old one is untouched.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    write_new(draft, text, mode=mode)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
