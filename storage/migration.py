"""Bringing a stored schema up to date, or saying why not.

Alembic is imported only when there is something to do.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, select, text

from storage.backup import backup_file
from storage.errors import StorageUnusable
from storage.migrations import REVISIONS
from storage.schema import metadata, revision_table

if TYPE_CHECKING:
    from storage.database import Database

_MIGRATION_LOCK = 0x6C766C77
"""PostgreSQL's advisory lock: of several starts at once, one migrates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Where Alembic finds the revisions, and their names, oldest first."""

    location: str = "storage:migrations"
    revisions: tuple[str, ...] = REVISIONS

    @property
    def head(self) -> str:
        """The revision that this levelwatch speaks."""
        return self.revisions[-1]


def stored_revision(connection: Connection) -> str | None:
    """The schema's revision; None where nothing has been applied yet."""
    if not inspect(connection).has_table(revision_table.name):
        return None
    return connection.scalar(select(revision_table.c.version_num))


def check_revision(database: "Database", history: History = History()) -> None:
    """Refuse a schema that is not the one we speak, without changing it."""
    with database.transaction(durable=False) as connection:
        revision = stored_revision(connection)
    _refuse_newer(database, revision, history)
    if revision != history.head:
        raise StorageUnusable(
            f"{database.place} has the schema {revision}, expected {history.head}: "
            "start `levelwatch run` once to bring it up to date"
        )


def bring_up_to_date(database: "Database", history: History = History()) -> None:
    """Apply what is missing in one transaction, after a copy of an SQLite file.

    A crash in between leaves the old schema, and the next start tries again.

    Raises:
        StorageUnusable: the schema is of a newer levelwatch.
    """
    with database.transaction(durable=False) as connection:
        revision = stored_revision(connection)
    if revision == history.head:
        return
    _refuse_newer(database, revision, history)
    if database.path is not None:
        _keep_copy(database.path, revision)
    # Batch migrations drop and rename tables, which must not cascade. SQLite takes
    # this setting only between transactions.
    database.pragma("foreign_keys = OFF")
    try:
        with database.transaction() as connection:
            _upgrade(connection, history)
    finally:
        database.pragma("foreign_keys = ON")


def _refuse_newer(database: "Database", revision: str | None, history: History) -> None:
    if revision is not None and revision not in history.revisions:
        raise StorageUnusable(
            f"{database.place} was written by a newer levelwatch (schema {revision}, "
            f"this one knows up to {history.head}): update levelwatch, or restore the "
            "copy that was made before the update"
        )


def _keep_copy(path: Path, revision: str | None) -> None:
    """One copy per revision: a second try after a crash keeps the first one's."""
    copy = path.with_name(f"{path.name}.{revision or 'empty'}.backup")
    if not copy.exists():
        backup_file(path, copy)


def _upgrade(connection: Connection, history: History) -> None:
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _MIGRATION_LOCK})
        if stored_revision(connection) == history.head:
            return  # another process migrated while we waited
        if not inspect(connection).get_table_names():
            metadata.create_all(connection)
            revision_table.create(connection)
            connection.execute(revision_table.insert().values(version_num=history.head))
            return
    _run_alembic(connection, history)


def _run_alembic(connection: Connection, history: History) -> None:
    from alembic import command  # noqa: PLC0415 - 0.4 s, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", history.location)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise StorageUnusable(f"the migration left {len(broken)} orphaned rows")
