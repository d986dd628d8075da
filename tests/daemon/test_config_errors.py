"""Broken configurations and exactly what is said about them."""

from pathlib import Path

import pytest

from daemon.config import load_config
from daemon.errors import ConfigError
from tests.daemon.config_files import PRELUDE, problems

BROKEN = Path(__file__).with_name("broken")


@pytest.mark.parametrize("name", ["conditions.toml", "sections.toml", "rules.toml"])
def test_every_problem_is_told_in_one_run_with_its_line(name: str) -> None:
    text = (BROKEN / name).read_text(encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_config(BROKEN / name, {})
    told = [f"{p.line}: {p.key}: {p.message}" for p in caught.value.problems]
    assert sorted(told) == sorted(_expected(text))


def _expected(text: str) -> list[str]:
    """What the comments say that begin with #!, each about the line above it."""
    expected, line = [], 0
    for number, content in enumerate(text.splitlines(), start=1):
        if content.startswith("#! "):
            expected.append(f"{line}: {content.removeprefix('#! ')}")
        else:
            line = number
    return expected


def test_a_problem_reads_as_compilers_write_it(tmp_path: Path) -> None:
    rule = '[[rules]]\nid = "r"\ninstrument = "BNB/USD"\nwhen = { kind = "corss" }\n'

    assert problems(tmp_path, PRELUDE + rule) == [
        (
            'levelwatch.toml:19: rules[0].when.kind: "corss" is not a condition; '
            'did you mean "cross"?'
        )
    ]


def test_nobody_to_tell_is_an_error(tmp_path: Path) -> None:
    text = PRELUDE.replace('[receivers.screen]\nkind = "console"\n', "")

    assert problems(tmp_path, text) == [
        (
            "levelwatch.toml: receivers: none is configured, so nobody would hear of "
            'anything; add [receivers.screen] with kind = "console"'
        )
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[storage]\nurl 5",
            (
                "levelwatch.toml:2: is not valid TOML: Expected '=' after a key in a "
                "key/value pair (column 5)"
            ),
        ),
        (
            '[storage]\nurl = "x\n',
            "levelwatch.toml:2: is not valid TOML: Illegal character '\\n' (column 9)",
        ),
        (
            "a = [1,\n2",
            "levelwatch.toml:2: is not valid TOML: Unclosed array",
        ),
        (
            "[a]\n[a]\n",
            (
                "levelwatch.toml:2: is not valid TOML: Cannot declare ('a',) twice "
                "(column 3)"
            ),
        ),
        (
            "a = 1e99999999999999999999",
            "levelwatch.toml: a number's exponent is beyond reason",
        ),
        (
            "a" + ".a" * 2_000 + " = 1",
            "levelwatch.toml: its tables are nested too deeply",
        ),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    assert problems(tmp_path, text) == [problem]


def test_what_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "levelwatch.toml"
    path.write_bytes(b"[storage]\nurl = '\xff'\n")

    assert _load_problem(path) == f"{path}:2: is not UTF-8 text"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    gone, folder = tmp_path / "gone.toml", tmp_path

    assert _load_problem(gone) == f"{gone}: cannot be read: No such file or directory"
    assert _load_problem(folder) == f"{folder}: cannot be read: Is a directory"


def _load_problem(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    return str(caught.value)
