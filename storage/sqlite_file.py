"""The SQLite file itself: made whole or not at all, recognised before it is opened.

SQLite takes a file of zero bytes for an empty database. For an alerter that would be
amnesia, so nothing here ever opens a file that does not bear our mark.
"""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, create_engine

from storage.errors import StorageUnusable
from storage.migrations import HEAD
from storage.schema import metadata, revision_table

APPLICATION_ID = 0x6C766C77
"""The bytes "lvlw" at offset 68 of the file: this database is levelwatch's."""

_MAGIC = b"SQLite format 3\x00"
_HEADER, _ID_OFFSET = 100, 68
_PRIVATE = 0o600
SIDE_FILES = ("-wal", "-shm", "-journal")


def file_url(path: Path, mode: str) -> URL:
    """The URL of a file that must exist: "rw" or "ro", never "rwc"."""
    database = "file:" + quote(str(path.absolute()))
    return URL.create("sqlite", database=database, query={"mode": mode, "uri": "true"})


def check_file(path: Path) -> None:
    """Refuse what is not a database of ours, by its first hundred bytes.

    Raises:
        StorageUnusable: says what the file is instead.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if not header:
        raise StorageUnusable(
            f"{path} is empty (0 bytes), so what it held is lost: "
            "restore a backup, or remove it to start afresh"
        )
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise StorageUnusable(
            f"{path} is not an SQLite database, or its head is damaged"
        )
    found = int.from_bytes(header[_ID_OFFSET : _ID_OFFSET + 4], "big")
    if found != APPLICATION_ID:
        raise StorageUnusable(
            f"{path} belongs to another program (application_id {found:#x}, "
            f"expected {APPLICATION_ID:#x}): name another file in storage.url"
        )


def create_file(path: Path) -> None:
    """Make a new database at `path`, readable by its owner only.

    It is built beside and linked into place when complete, so a crash in between
    leaves no half-made database, and a file that appears meanwhile is kept.
    """
    if not path.parent.is_dir():
        raise StorageUnusable(
            f"{path.parent} is not a directory: create it, or change storage.url"
        )
    draft = path.with_name(path.name + ".new")
    remove_database(draft)
    os.close(create_private(draft))
    try:
        _build(draft)
        os.link(draft, path, follow_symlinks=False)
        sync_directory(path.parent)
    except FileExistsError:
        return  # another process was first: its file is as good
    finally:
        remove_database(draft)


def create_private(path: Path) -> int:
    """Open a new file for its owner only; one that exists is a FileExistsError."""
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW
    return os.open(path, flags, _PRIVATE)


def sync_directory(directory: Path) -> None:
    """Make a new name in a directory outlive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_database(path: Path) -> None:
    """Remove a draft with the files that SQLite kept beside it, if any."""
    for suffix in ("", *SIDE_FILES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def verify_integrity(connection: sqlite3.Connection, place: str) -> None:
    """Read every page and refuse a damaged or foreign database.

    Takes about a second per gigabyte, more when it is not in memory.
    """
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise StorageUnusable(f"{place} is damaged: {found}")
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    if mark != APPLICATION_ID:
        raise StorageUnusable(f"{place} is not levelwatch's (application_id {mark:#x})")


def _build(path: Path) -> None:
    """The current schema at once: the same as all migrations in order, but cheap."""
    engine = create_engine(file_url(path, "rw"))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN")  # the driver begins none before DDL
            metadata.create_all(connection)
            revision_table.create(connection)
            connection.execute(revision_table.insert().values(version_num=HEAD))
        with engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.commit()
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    finally:
        engine.dispose()
