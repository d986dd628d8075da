"""The schema moves forward whole, keeps a copy of the old, and refuses the newer."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage.database import Database, open_database
from storage.errors import StorageUnusable
from storage.facts import get_fact, put_fact
from storage.migration import History, bring_up_to_date
from storage.migrations import HEAD, REVISIONS
from storage.sqlite_file import APPLICATION_ID
from tests.storage.samples import T0

NEXT = """
import os
from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE TABLE moods (name TEXT)")
    op.execute("DELETE FROM facts")
    if Path({flag!r}).exists():
        os._exit(9)  # the power goes here
    op.execute("INSERT INTO moods VALUES ('fine')")
"""

MIGRATE = """
import sys
from storage.database import open_database
from storage.migration import History, bring_up_to_date
database = open_database(sys.argv[1])
bring_up_to_date(database, History(location=sys.argv[2], revisions=("0001", "0002")))
"""


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """While this file exists, the process dies in the middle of the migration."""
    return tmp_path / "die"


@pytest.fixture
def history(tmp_path: Path, flag: Path) -> History:
    """Our revisions and one more."""
    folder = tmp_path / "migrations"
    source = Path(__file__).parents[2] / "storage" / "migrations"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "0002_next.py").write_text(NEXT.format(flag=str(flag)))
    return History(location=str(folder), revisions=("0001", "0002"))


def schema_of(path: Path) -> dict[str, str]:
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL "
        "AND name <> 'alembic_version'"
    ).fetchall()
    connection.close()
    # Constraints of one table may stand in another order: it means nothing.
    return {
        name: "\n".join(sorted(line.strip(" \t,") for line in sql.splitlines()))
        for name, sql in rows
    }


def blank(path: Path) -> None:
    """A file of ours in which nothing has been applied yet."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    connection.close()


def test_all_migrations_in_order_give_the_schema_that_we_make_at_once(
    url: str, path: Path, tmp_path: Path
) -> None:
    open_database(url).close()
    migrated = tmp_path / "migrated.db"
    blank(migrated)
    open_database(f"sqlite:///{migrated}").close()

    assert schema_of(migrated) == schema_of(path)


def test_the_named_revisions_are_those_of_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    scripts = ScriptDirectory.from_config(config)
    found = [script.revision for script in scripts.walk_revisions()]

    assert tuple(reversed(found)) == REVISIONS
    assert scripts.get_current_head() == HEAD


def test_a_pending_migration_is_applied_after_a_copy(
    database: Database, history: History, path: Path
) -> None:
    with database.transaction() as connection:
        put_fact(connection, "heartbeat", 1, at=T0)
    bring_up_to_date(database, history)
    copy = open_database(f"sqlite:///{path}.0001.backup")

    with database.transaction() as connection:
        moods = connection.exec_driver_sql("SELECT name FROM moods").scalars().all()
        assert moods == ["fine"]
        assert get_fact(connection, "heartbeat") is None
    with copy.transaction() as connection:
        assert get_fact(connection, "heartbeat") is not None
    copy.close()
    assert database.pragma("foreign_keys") == (1,)


def test_a_migration_that_died_half_way_leaves_the_old_schema_and_is_done_again(
    url: str, path: Path, history: History, flag: Path
) -> None:
    old = open_database(url)
    with old.transaction() as connection:
        put_fact(connection, "heartbeat", 1, at=T0)
    old.close()
    flag.touch()
    command = [sys.executable, "-c", MIGRATE, url, history.location]
    died = subprocess.run(command, check=False)
    again = open_database(url)
    with again.transaction() as connection:
        kept = get_fact(connection, "heartbeat")
    again.close()
    flag.unlink()
    done = subprocess.run(command, check=False)

    assert died.returncode == 9
    assert kept is not None
    assert done.returncode == 0
    assert "moods" in schema_of(path)


@pytest.mark.parametrize(
    "how", [{}, {"read_only": True}, {"guest": True}], ids=["daemon", "reader", "guest"]
)
def test_a_newer_schema_is_refused_and_named(
    database: Database, url: str, how: dict[str, bool]
) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")

    with pytest.raises(StorageUnusable, match=r"newer levelwatch \(schema 0099"):
        open_database(url, **how)


def test_who_only_looks_does_not_migrate(path: Path, url: str) -> None:
    blank(path)

    with pytest.raises(StorageUnusable, match="bring it up to date"):
        open_database(url, read_only=True)
