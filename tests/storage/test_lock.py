"""One daemon per database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import StorageUnusable
from storage.lock import acquire_lock


def test_a_second_daemon_is_refused_and_told_who_is_there(path: Path) -> None:
    with (
        acquire_lock(path),
        pytest.raises(StorageUnusable, match=rf"in use by process {os.getpid()}:"),
    ):
        acquire_lock(path)


def test_the_lock_is_free_again_once_it_is_closed(path: Path) -> None:
    acquire_lock(path).close()
    second = acquire_lock(path)
    second.close()
    second.close()


def test_a_killed_holder_leaves_no_lock(path: Path) -> None:
    code = (
        "import os, signal, pathlib\n"
        "from storage.lock import acquire_lock\n"
        f"lock = acquire_lock(pathlib.Path({str(path)!r}))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    lock = acquire_lock(path)
    lock.close()

    assert done.returncode == -9
    assert path.with_name("levelwatch.db.lock").read_text() == f"{os.getpid()}\n"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageUnusable, match="No such file"):
        acquire_lock(tmp_path / "nowhere" / "levelwatch.db")
