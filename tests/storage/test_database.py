"""Our file or none: what is opened, what is refused, what a transaction promises."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from alerts.step import Step
from storage.database import Database, database_path, open_database
from storage.errors import StorageUnavailable, StorageUnusable
from storage.facts import get_fact, put_fact
from storage.ledger import commit
from storage.ticks import load_ticks
from tests.storage.samples import T0, tick


@pytest.fixture
def reader(database: Database, url: str) -> Iterator[Database]:
    opened = open_database(url, read_only=True)
    yield opened
    opened.close()


def test_a_new_database_is_readable_by_its_owner_only(
    database: Database, path: Path
) -> None:
    with database.transaction() as connection:
        put_fact(connection, "heartbeat", 1, at=T0)

    modes = {
        file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()
    }
    assert modes == {
        "levelwatch.db": 0o600,
        "levelwatch.db-wal": 0o600,
        "levelwatch.db-shm": 0o600,
    }


def test_a_closed_database_is_one_file_and_opens_again(url: str, path: Path) -> None:
    first = open_database(url)
    with first.transaction() as connection:
        put_fact(connection, "heartbeat", 1, at=T0)
    first.close()
    first.close()

    assert [file.name for file in path.parent.iterdir()] == ["levelwatch.db"]
    second = open_database(url)
    with second.transaction() as connection:
        assert get_fact(connection, "heartbeat") is not None
    second.close()


def test_a_file_of_zero_bytes_is_refused_and_left_as_it_is(
    url: str, path: Path
) -> None:
    path.touch()

    with pytest.raises(StorageUnusable, match="empty"):
        open_database(url)
    assert path.read_bytes() == b""


def test_a_file_that_is_no_database_is_refused(url: str, path: Path) -> None:
    path.write_text("[storage]\n" * 50)

    with pytest.raises(StorageUnusable, match="not an SQLite database"):
        open_database(url)


def test_another_programs_database_is_refused(url: str, path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title)")
    other.close()

    with pytest.raises(StorageUnusable, match="belongs to another program"):
        open_database(url)


def test_a_damaged_database_is_refused(url: str, path: Path) -> None:
    open_database(url).close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))

    with pytest.raises(StorageUnusable, match="damaged"):
        open_database(url)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageUnusable, match=r"nowhere is not a directory"):
        open_database(f"sqlite:///{tmp_path}/nowhere/levelwatch.db")


@pytest.mark.parametrize("how", [{"read_only": True}, {"guest": True}])
def test_who_only_looks_or_visits_makes_no_database(
    url: str, path: Path, how: dict[str, bool]
) -> None:
    with pytest.raises(StorageUnusable, match="does not exist"):
        open_database(url, **how)
    assert not path.exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("levelwatch.db", "not a database URL"),
        ("mysql://me@host/x", '"mysql"; expected sqlite or postgresql'),
        ("sqlite://", "names no file"),
    ],
)
def test_a_url_that_cannot_work_says_what_to_write(url: str, said: str) -> None:
    with pytest.raises(StorageUnusable, match=said):
        open_database(url)


def test_a_password_is_in_no_message() -> None:
    for url in ("postgresql//me:hunter2@host/x", "mysql://me:hunter2@host/x"):
        with pytest.raises(StorageUnusable) as caught:
            open_database(url)
        assert "hunter2" not in str(caught.value)


@pytest.mark.skipif(find_spec("psycopg") is not None, reason="the driver is installed")
def test_a_missing_driver_is_named_with_its_remedy() -> None:
    with pytest.raises(StorageUnusable, match=r"pip install 'levelwatch\[postgres\]'"):
        open_database("postgresql://me@host/levelwatch")


def test_the_path_of_a_url_is_known_before_it_is_opened() -> None:
    assert database_path("sqlite:///levelwatch.db") == Path("levelwatch.db")
    assert database_path("sqlite:////var/lib/l.db") == Path("/var/lib/l.db")
    assert database_path("postgresql://me@host/levelwatch") is None


def test_readers_see_whole_transactions_and_never_wait(
    database: Database, url: str, reader: Database
) -> None:
    second = open_database(url, read_only=True)
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, ticks=(tick(T0),))], at=T0)
    with reader.transaction() as early:
        assert len(load_ticks(early, "BNB/USD", 0, T0 + 9)) == 1
        with database.transaction() as connection:
            steps = [Step(at=T0, ticks=(tick(T0 + 1), tick(T0 + 2)))]
            commit(connection, steps, at=T0)
            with second.transaction() as during:
                assert len(load_ticks(during, "BNB/USD", 0, T0 + 9)) == 1
        with second.transaction() as after:
            assert len(load_ticks(after, "BNB/USD", 0, T0 + 9)) == 3
        assert len(load_ticks(early, "BNB/USD", 0, T0 + 9)) == 1
    second.close()


def test_a_reader_cannot_write(reader: Database) -> None:
    with (
        pytest.raises(StorageUnusable, match="cannot be written"),
        reader.transaction() as connection,
    ):
        put_fact(connection, "heartbeat", 1, at=T0)


def test_a_foreign_lock_is_unavailable_now_and_forgotten_later(
    database: Database, path: Path
) -> None:
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    database.pragma("busy_timeout = 1")

    with (
        pytest.raises(StorageUnavailable, match="holds the lock"),
        database.transaction(),
    ):
        pass
    foreign.execute("ROLLBACK")
    foreign.close()
    with database.transaction() as connection:
        put_fact(connection, "heartbeat", 1, at=T0)


def test_a_full_disk_is_unavailable_and_stores_nothing(database: Database) -> None:
    pages = database.pragma("page_count")
    assert pages is not None
    database.pragma(f"max_page_count = {pages[0]}")

    def fill() -> None:
        with database.transaction() as connection:
            put_fact(connection, "small", 1, at=T0)
            put_fact(connection, "large", "x" * 100_000, at=T0)

    with pytest.raises(StorageUnavailable, match="disk is full"):
        fill()
    with database.transaction() as connection:
        assert get_fact(connection, "small") is None


def test_after_a_disk_failure_the_file_is_read_through_before_it_is_used(
    url: str, path: Path
) -> None:
    database = open_database(url)
    with database.transaction() as connection:
        put_fact(connection, "large", "x" * 50_000, at=T0)
    database.checkpoint()
    content = bytearray(path.read_bytes())
    content[-20_000:-10_000] = b"\xff" * 10_000
    path.write_bytes(content)
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    database._give_up(failure)

    for _ in range(2):
        with (
            pytest.raises(StorageUnusable, match="is damaged"),
            database.transaction(),
        ):
            pass
    database.close()


def test_durable_and_quiet_transactions_differ_in_when_the_disk_is_asked(
    database: Database,
) -> None:
    levels = []
    for durable in (True, False, True):
        with database.transaction(durable=durable) as connection:
            levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())

    assert levels == [2, 1, 2]  # FULL, NORMAL, FULL


def test_the_writing_connection_is_set_as_designed(
    database: Database, url: str
) -> None:
    guest = open_database(url, guest=True)

    assert database.pragma("journal_mode") == ("wal",)
    assert database.pragma("foreign_keys") == (1,)
    assert database.pragma("busy_timeout") == (5_000,)
    assert database.pragma("application_id") == (0x6C766C77,)
    assert database.pragma("wal_autocheckpoint") == (1_000,)
    assert guest.pragma("wal_autocheckpoint") == (0,)
    guest.close()


def test_a_guest_writes_beside_the_daemon(database: Database, url: str) -> None:
    guest = open_database(url, guest=True)
    with guest.transaction() as connection:
        put_fact(connection, "asked", True, at=T0)
    guest.close()

    with database.transaction() as connection:
        assert get_fact(connection, "asked") is not None


def test_a_log_that_was_removed_while_in_use_is_noticed(
    database: Database, path: Path
) -> None:
    database.check_files()
    path.with_name("levelwatch.db-wal").unlink()

    with pytest.raises(StorageUnusable, match="db-wal was removed while in use"):
        database.check_files()


def test_a_file_that_was_replaced_while_in_use_is_noticed(
    database: Database, path: Path
) -> None:
    other = path.with_name("other.db")
    other.write_bytes(path.read_bytes())
    other.replace(path)

    with pytest.raises(StorageUnusable, match="was replaced while in use"):
        database.check_files()


def test_opening_imports_no_alembic_when_the_schema_is_current(url: str) -> None:
    code = (
        "import sys\n"
        "from storage.database import open_database\n"
        f"for _ in range(2): open_database({url!r}).close()\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0


def test_a_draft_of_a_crashed_creation_is_no_obstacle(url: str, path: Path) -> None:
    path.with_name("levelwatch.db.new").write_bytes(b"half")
    open_database(url).close()

    assert [file.name for file in path.parent.iterdir()] == ["levelwatch.db"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(url: str, path: Path) -> None:
    path.parent.chmod(0o500)

    with pytest.raises(StorageUnusable, match="Permission denied"):
        open_database(url)
    path.parent.chmod(0o700)
