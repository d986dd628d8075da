"""What the database drivers raise, said in our words: the one place that does."""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from storage.errors import StorageError, StorageUnavailable, StorageUnusable

_PRIMARY = 0xFF
"""SQLite's extended codes carry the primary one in their lowest byte."""

_TEMPORARY = {
    sqlite3.SQLITE_BUSY: "another process holds the lock on it",
    sqlite3.SQLITE_LOCKED: "another connection holds the lock on it",
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write",
    sqlite3.SQLITE_NOMEM: "the machine is out of memory",
    sqlite3.SQLITE_INTERRUPT: "it was interrupted",
}
_PERMANENT = {
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore a backup (`levelwatch backup`)",
    sqlite3.SQLITE_NOTADB: "it is not an SQLite database",
    sqlite3.SQLITE_READONLY: "it cannot be written: check owner and mode",
    sqlite3.SQLITE_PERM: "access is denied: check owner and mode",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that it exists, and its mode",
}
# PostgreSQL's classes: connection, rollback, resources, operator, system error.
_TEMPORARY_STATES = ("08", "40", "53", "57", "58")


def translate(error: Exception, place: str) -> StorageError:
    """The error of ours that says what a driver's error means.

    Args:
        error: of sqlite3, psycopg, SQLAlchemy or the file system.
        place: the database as a person knows it: a path, or a URL without password.
    """
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError):
        return StorageUnusable(f"{place}: {cause.strerror or type(cause).__name__}")
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(cause, place)
    state = getattr(cause, "sqlstate", None)
    refused = state is None and type(cause).__name__ == "OperationalError"
    if refused or (state or "").startswith(_TEMPORARY_STATES):
        return StorageUnavailable(f"{place}: {_first_line(cause)}")
    if isinstance(cause, SQLAlchemyError):
        return StorageUnusable(f"{place}: {type(cause).__name__}: {_first_line(cause)}")
    return StorageUnusable(f"{place}: {_first_line(cause)}")


def is_disk_failure(error: Exception) -> bool:
    """Whether the disk itself failed, so that what it holds is in doubt."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY == sqlite3.SQLITE_IOERR


def _translate_sqlite(error: sqlite3.Error, place: str) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if text := _TEMPORARY.get(code & _PRIMARY):
        return StorageUnavailable(f"{place}: {text} ({name})")
    if text := _PERMANENT.get(code & _PRIMARY):
        return StorageUnusable(f"{place}: {text} ({name})")
    return StorageUnusable(f"{place}: {_first_line(error)} ({name})")


def _first_line(error: BaseException) -> str:
    """Without SQL and parameters, which SQLAlchemy appends on further lines."""
    return str(error).partition("\n")[0]
