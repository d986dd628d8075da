"""A backup is whole, checked and private, or it is not there."""

import stat
from pathlib import Path

import pytest

from storage.backup import backup_file
from storage.database import Database, open_database
from storage.errors import StorageUnusable
from storage.facts import get_fact, put_fact
from tests.storage.samples import T0


def test_a_backup_holds_what_was_committed_while_the_writer_goes_on(
    database: Database, path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with database.transaction() as connection:
        put_fact(connection, "before", 1, at=T0)
    with database.transaction() as connection:
        put_fact(connection, "during", 1, at=T0)
        backup_file(path, copy)
    restored = open_database(f"sqlite:///{copy}")
    with restored.transaction() as connection:
        before, during = (get_fact(connection, name) for name in ("before", "during"))
    restored.close()

    assert before is not None
    assert during is None
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_backup_never_overwrites(
    database: Database, path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "precious.txt"
    copy.write_text("mine")

    with pytest.raises(StorageUnusable, match="exists already"):
        backup_file(path, copy)
    assert copy.read_text() == "mine"


def test_a_planted_link_is_not_followed(
    database: Database, path: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "copy.db").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "other.db.part").symlink_to(victim)

    with pytest.raises(StorageUnusable, match="exists already"):
        backup_file(path, tmp_path / "copy.db")
    backup_file(path, tmp_path / "other.db")
    assert victim.read_text() == "mine"


def test_a_damaged_database_gives_no_backup(path: Path, url: str) -> None:
    first = open_database(url)
    with first.transaction() as connection:
        put_fact(connection, "large", "x" * 50_000, at=T0)
    first.close()
    content = bytearray(path.read_bytes())
    content[-20_000:-10_000] = b"\xff" * 10_000
    path.write_bytes(content)

    with pytest.raises(StorageUnusable, match="damaged"):
        backup_file(path, path.with_name("copy.db"))
    assert not list(path.parent.glob("copy.db*"))
