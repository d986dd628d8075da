"""The database: one connection that writes, as many as wanted that read.

Nothing here knows a table but Alembic's. Two processes may use one SQLite file, yet
only the daemon checkpoints its log: SQLite before 3.51.3 can lose pages when two
connections do that at once.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from storage.driver_errors import is_disk_failure, translate
from storage.errors import StorageUnusable
from storage.migration import bring_up_to_date, check_revision
from storage.names import forget_names
from storage.sqlite_file import SIDE_FILES, check_file, create_file, file_url

BUSY_TIMEOUT = 5_000
"""Milliseconds to wait for a foreign lock before the transaction is refused."""
LOG_LIMIT = 16 * 1024 * 1024
"""Bytes that the write-ahead log is cut back to after a checkpoint."""


class Database:
    """One open database. Its writing side belongs to one thread at a time.

    Attributes:
        place: how a person knows it; never holds a password.
        path: of the SQLite file; None on PostgreSQL.
    """

    def __init__(
        self, engine: Engine, *, place: str, path: Path | None, read_only: bool
    ) -> None:
        self._engine = engine
        self._writer: Connection | None = None
        self._level: str | None = None
        self._suspect = False
        # Wrapped by SQLAlchemy or raw: bulk rows bypass it.
        self._errors = (DBAPIError, engine.dialect.loaded_dbapi.Error)
        self._identity = path and (path.stat().st_dev, path.stat().st_ino)
        self.place = place
        self.path = path
        self.read_only = read_only

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction: everything in the block is stored, or nothing is.

        On a read-only database it is a snapshot: what others commit meanwhile is
        not seen in it.

        Args:
            durable: a power cut after the block cannot take it back. Without it, a
                power cut may, but only together with everything committed later.

        Raises:
            StorageUnavailable: nothing was stored; trying again may succeed.
            StorageUnusable: nothing was stored and a person must act.
        """
        try:
            if self.read_only:
                with self._engine.connect() as reader, reader.begin():
                    yield reader
            else:
                connection = self._writing(durable=durable)
                with connection.begin():
                    yield connection
        except self._errors as error:
            self._give_up(error)
            raise translate(error, self.place) from error

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, as far as readers let us."""
        self.pragma("wal_checkpoint(TRUNCATE)")

    def pragma(self, text: str) -> tuple[object, ...] | None:
        """Run one PRAGMA of SQLite on the writing connection, between transactions.

        Returns:
            Its first row, if any; None on PostgreSQL, where it does nothing.
        """
        if self.path is None:
            return None
        try:
            return self._pragma(self._writing(durable=False), text)
        except self._errors as error:
            self._give_up(error)
            raise translate(error, self.place) from error

    def check_files(self) -> None:
        """Notice that the files were removed or replaced while we hold them open.

        SQLite would go on saying yes and all of it would be gone at the next start.
        Cheap: two `stat` calls. Does nothing on PostgreSQL.

        Raises:
            StorageUnusable: says which file, and what to do.
        """
        if self.path is None or self._writer is None:
            return
        log = self.path.with_name(self.path.name + SIDE_FILES[0])
        try:
            found = (self.path.stat().st_dev, self.path.stat().st_ino)
            log.stat()
        except FileNotFoundError as error:
            raise StorageUnusable(
                f"{error.filename} was removed while in use: what is written now "
                "will be lost; put the backup in place and restart"
            ) from error
        if found != self._identity:
            raise StorageUnusable(
                f"{self.path} was replaced while in use: restart to use the new file"
            )

    def close(self) -> None:
        """Give back all connections; safe to call twice."""
        self._release()
        self._engine.dispose()

    def _writing(self, *, durable: bool) -> Connection:
        """The one writing connection, opened on first use and after a failure."""
        if self._writer is None:
            self._writer = self._engine.connect()
        if self._suspect:
            self._inspect(self._writer)
        level = "FULL" if durable else "NORMAL"
        if self.path is not None and level != self._level:
            self._pragma(self._writer, f"synchronous = {level}")
            self._level = level
        return self._writer

    def _pragma(self, connection: Connection, text: str) -> tuple[object, ...] | None:
        # On the driver's own connection: through Core it would begin a transaction,
        # inside which SQLite ignores most of these.
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA {text}")
        row: tuple[object, ...] | None = cursor.fetchone()
        cursor.close()
        return row

    def _inspect(self, connection: Connection) -> None:
        """After an I/O error the file is not trusted until it has been read through.

        A failed fsync may have dropped pages that the kernel now calls clean.
        """
        found = self._pragma(connection, "quick_check(1)")
        if found != ("ok",):
            raise StorageUnusable(f"{self.place} is damaged: {found and found[0]}")
        self._suspect = False

    def _give_up(self, error: Exception) -> None:
        """No further use of a connection that failed: the next one starts clean."""
        if self.path is not None and is_disk_failure(error):
            self._suspect = True
        self._release()

    def _release(self) -> None:
        writer, self._writer, self._level = self._writer, None, None
        if writer is not None:
            writer.invalidate()
            writer.close()


def database_path(url: str) -> Path | None:
    """The file that a database URL names; None where it names a server.

    Raises:
        StorageUnusable: the URL is neither SQLite's nor PostgreSQL's.
    """
    parsed = _parse(url)
    return (
        Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
    )


def open_database(
    url: str, *, read_only: bool = False, guest: bool = False
) -> Database:
    """Open a database, making it or bringing its schema up to date where needed.

    Args:
        url: "sqlite:///levelwatch.db" (relative to the working directory),
            "sqlite:////var/lib/levelwatch/levelwatch.db" or "postgresql://…".
        read_only: for looking only: nothing is made or changed.
        guest: for a command that writes beside a running daemon: nothing is made,
            and the log's checkpoints are left to the daemon.

    Raises:
        StorageUnavailable: the server or the lock may be free later.
        StorageUnusable: not ours, damaged, of a newer levelwatch, or out of reach.
    """
    parsed = _parse(url)
    path = database_path(url)
    place = str(path) if path else parsed.render_as_string(hide_password=True)
    owner = not read_only and not guest
    try:
        if path is None:
            engine = _server_engine(parsed)
        else:
            _find_file(path, create=owner)
            engine = _file_engine(path, read_only=read_only, guest=guest)
        database = Database(engine, place=place, path=path, read_only=read_only)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise translate(error, place) from error
    try:
        (bring_up_to_date if owner else check_revision)(database)
    except BaseException:
        database.close()
        raise
    return database


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The text is not repeated: a misspelt URL may hold a password.
        raise StorageUnusable(
            "storage.url is not a database URL; write sqlite:///levelwatch.db "
            "or postgresql://user@host/levelwatch"
        ) from None
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise StorageUnusable(
            f'storage.url names "{backend}"; expected sqlite or postgresql'
        )
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise StorageUnusable(
            "storage.url names no file; write sqlite:///levelwatch.db"
        )
    return parsed


def _find_file(path: Path, *, create: bool) -> None:
    if not path.exists():
        if not create:
            raise StorageUnusable(f"{path} does not exist: `levelwatch run` makes it")
        create_file(path)
    check_file(path)


def _server_engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        raise StorageUnusable(
            "PostgreSQL needs its driver: pip install 'levelwatch[postgres]'"
        ) from error
    event.listen(engine, "rollback", forget_names)
    return engine


def _file_engine(path: Path, *, read_only: bool, guest: bool) -> Engine:
    engine = create_engine(
        file_url(path, "ro" if read_only else "rw"), hide_parameters=True
    )
    event.listen(engine, "connect", _on_connect(read_only=read_only, guest=guest))
    event.listen(
        engine, "begin", _on_begin("BEGIN" if read_only else "BEGIN IMMEDIATE")
    )
    event.listen(engine, "rollback", forget_names)
    return engine


def _on_connect(
    *, read_only: bool, guest: bool
) -> Callable[[sqlite3.Connection, object], None]:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, see _on_begin
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            return
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
        if guest:
            connection.execute("PRAGMA wal_autocheckpoint = 0")

    return configure


def _on_begin(text: str) -> Callable[[Connection], None]:
    """Begin as a writer at once: upgrading a reader later fails without waiting."""

    def begin(connection: Connection) -> None:
        connection.connection.cursor().execute(text)

    return begin
