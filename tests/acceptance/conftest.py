"""A world for each test, which is searched for secrets and stories at its end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path) as world:
        yield world
        assert world.faults_found() == []
