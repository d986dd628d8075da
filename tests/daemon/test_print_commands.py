"""Commands that print what other programs read: the unit and the schema."""

import json

import pytest

from daemon.cli import main
from daemon.config.schema import build_schema


def test_the_unit_runs_the_named_command_with_the_named_configuration(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(
        ["systemd", "print", "-c", "/srv/lw.toml", "--executable", "/opt/lw/levelwatch"]
    )

    assert code == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ExecStart=/opt/lw/levelwatch run -c /srv/lw.toml" in lines


def test_the_unit_reads_the_machines_configuration_by_default(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["systemd", "print"]) == 0

    assert "/levelwatch run -c /etc/levelwatch/levelwatch.toml\n" in (
        capsys.readouterr().out
    )


def test_a_path_that_no_unit_can_hold_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["systemd", "print", "-c", "/srv/a\nb.toml"]) == 1
    assert "Error: " in capsys.readouterr().err


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == build_schema()
