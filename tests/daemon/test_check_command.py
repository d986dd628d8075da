"""`levelwatch check` as a person and as a program reads it."""

import json
from pathlib import Path

import pytest

from daemon.cli import main
from tests.daemon.config_files import PRELUDE

RULES = """
[[rules]]
id = "bnb-lost"
instrument = "BNB/USD"
when = { kind = "cross", direction = "down", level = 637, hold = "30m" }
[[rules]]
id = "bnb-in"
instrument = "BNB/USD"
when = { kind = "inside", level = "bnb-640", initial = "skip" }
enabled = false
"""
LOST = (
    "tell screen when BNB/USD falls below 637 and stays there for 30 minutes; "
    "again only after it was back by 0.1 of the average daily range"
)
INSIDE = (
    "(disabled) tell screen when BNB/USD is inside the zone bnb-640 (637 to 643), but "
    "not if it already is when watching begins"
)


def _write(folder: Path, text: str) -> str:
    path = folder / "levelwatch.toml"
    path.write_text(text)
    return str(path)


def test_every_rule_is_read_back_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", "-c", _write(tmp_path, PRELUDE + RULES)])

    assert code == 0
    assert capsys.readouterr().out == (
        f"bnb-lost: {LOST}\n"
        f"bnb-in: {INSIDE}\n"
        "\n"
        "2 rules (1 disabled) for 2 instruments and 1 receiver: fine.\n"
    )


def test_problems_are_lines_on_stderr_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, PRELUDE + RULES.replace("637,", "nan,"))

    code = main(["check", "-c", file])

    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert told.err == (
        f"{file}:20: rules[0].when.level: nan is not a number to work with\n"
    )


def test_programs_get_the_sentences_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", "--json", "-c", _write(tmp_path, PRELUDE + RULES)])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "rules": {"bnb-lost": LOST, "bnb-in": INSIDE},
    }


def test_programs_get_the_problems_as_json_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, PRELUDE + "[displya]\n")

    code = main(["check", "--json", "-c", file])

    assert code == 1
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "problems": [
            {
                "file": file,
                "line": 16,
                "key": "displya",
                "message": 'unknown key; did you mean "display"?',
            }
        ],
    }
