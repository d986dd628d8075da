"""Copies of a live SQLite file, checked before they are called a backup."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from storage.driver_errors import translate
from storage.errors import StorageUnusable
from storage.sqlite_file import (
    create_private,
    remove_database,
    sync_directory,
    verify_integrity,
)


def backup_file(path: Path, copy: Path) -> None:
    """Copy a database while others write to it, as of one moment.

    Through a reading connection of its own, so the writer does not wait; the copy is
    readable by its owner only, complete, verified and on the disk before it gets its
    name. A file that exists is never overwritten.

    Raises:
        StorageUnusable: `copy` exists or cannot be made, or the copy is damaged.
        StorageUnavailable: the disk is full, or the source was locked.
    """
    if os.path.lexists(copy):
        raise StorageUnusable(f"{copy} exists already: name another file")
    draft = copy.with_name(copy.name + ".part")
    try:
        remove_database(draft)
        os.close(create_private(draft))
        _copy(path, draft)
        os.link(draft, copy, follow_symlinks=False)
        sync_directory(copy.parent)
    except (sqlite3.Error, OSError) as error:
        raise translate(error, str(copy)) from error
    finally:
        remove_database(draft)


def _copy(path: Path, draft: Path) -> None:
    source = _connect(path, "ro")
    target = _connect(draft, "rw")
    try:
        source.backup(target)
        # The copy inherits WAL; as a plain file it is whole without companions.
        target.execute("PRAGMA journal_mode = DELETE")
        verify_integrity(target, str(draft))
    finally:
        target.close()
        source.close()
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None)
