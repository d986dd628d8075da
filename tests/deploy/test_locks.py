"""The lock files: complete, hashed, agreed, and silent about where they come from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[tuple[str, str], str]:
    """Version by (name, marker): numpy has one for each Python."""
    found = re.findall(
        r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$",
        (ROOT / lock).read_text(),
        re.MULTILINE,
    )
    return {(name, marker): version for name, version, marker in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()

    pinned = [line for line in lines if "==" in line and not line.startswith(" ")]
    hashed = [line for line in lines if re.match(r" +--hash=sha256:[0-9a-f]{64}", line)]
    assert len(pinned) == len(pins(lock)) > 0
    assert len(pinned) + len(hashed) == len(lines)
    assert "//" not in "".join(lines)


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_what_is_tested_is_what_runs(lock: str) -> None:
    developed = pins("requirements-dev.lock")

    assert {(name, version) for (name, _), version in pins(lock).items()} <= {
        (name, version) for (name, _), version in developed.items()
    }


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[^\w-]", each)[0] for each in project["dependencies"]}

    assert wanted <= {name for name, _ in pins("requirements.lock")}


def test_ccxt_was_not_resolved_backwards() -> None:
    # ccxt pins its dependencies exactly; an unlucky order of constraints makes a
    # resolver settle for a version of months ago.
    locked = pins("requirements.lock")["ccxt", ""]

    assert tuple(map(int, locked.split("."))) >= (4, 5, 90)
