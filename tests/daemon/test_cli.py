"""The command line as a whole: names, exit codes, and what is not imported."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from daemon.cli import cli, main
from tests.daemon.config_files import PRELUDE

ROOT = Path(__file__).parents[2]
HEAVY = {"aiohttp", "aiosmtplib", "alembic", "ccxt", "httpx", "rich", "sqlalchemy"}


def _imported_by(*arguments: str) -> set[str]:
    """The top-level modules in memory after one command."""
    code = (
        "import sys; from daemon.cli import main; main(sys.argv[1:]); "
        "print('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_imports_nothing_but_click() -> None:
    assert _imported_by("--help") & {*HEAVY, "pydantic", "numpy", "asyncio"} == set()


def test_check_imports_no_client_and_no_database(tmp_path: Path) -> None:
    path = tmp_path / "levelwatch.toml"
    path.write_text(PRELUDE)

    assert _imported_by("check", "-c", str(path)) & HEAVY == set()


def test_help_names_every_command_in_the_order_of_a_first_acquaintance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 0

    words = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line]
    commands = words[words.index("Commands:") + 1 :]
    assert commands[:12] == [
        "demo", "init", "check", "run", "status", "why", "replay", "send-test",
        "silence", "unsilence", "schema", "systemd",
    ]  # fmt: skip


WRITTEN = [
    name
    for name in cli.list_commands(click.Context(cli))
    if find_spec(f"daemon.commands.{name.replace('-', '_')}")
]


@pytest.mark.parametrize("name", WRITTEN)
def test_the_help_of_every_command_shows_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--help"]) == 0

    told = capsys.readouterr().out
    assert "Example:" in told
    assert f"levelwatch {name}" in told


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("levelwatch ")


@pytest.mark.parametrize(
    "arguments", [["sparkle"], ["check", "--sparkle"], ["silence"]]
)
def test_usage_is_exit_code_2_or_the_missing_configuration_1(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = main([*arguments, "-c", str(tmp_path / "none.toml")])

    assert code == (1 if arguments == ["silence"] else 2)
    assert capsys.readouterr().err


def test_a_missing_database_is_the_environments_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "levelwatch.toml"
    path.write_text(PRELUDE)

    assert main(["silence", "-c", str(path)]) == 3
    assert capsys.readouterr().err == (
        f"{tmp_path}/levelwatch.db does not exist: `levelwatch run` makes it\n"
    )
