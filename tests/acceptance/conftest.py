"""A world for each test, which is searched for secrets and stories at its end."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import open_database
from tests.acceptance.world import World


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose schema is up to date: making one takes half a second."""
    path = tmp_path_factory.mktemp("empty") / "levelwatch.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture
async def world(tmp_path: Path, empty_database: Path) -> AsyncIterator[World]:
    async with World(tmp_path) as world:
        shutil.copy(empty_database, world.database)
        yield world
        assert world.faults_found() == []
