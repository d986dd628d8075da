"""Every command that the documents tell somebody to type is there."""

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path, PurePath

import click
import pytest

from daemon.cli import cli
from tests.docs.fences import ROOT, fences

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
MAKE = (ROOT / "Makefile").read_text(encoding="utf-8")

_INLINE = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_NEXT = re.compile(r"\s(?:&&|;|[|>])\s.*|\s+#\s.*")


def _typed(page: Path) -> Iterator[list[str]]:
    """Words of every line of a shell block, and of everything set as code."""
    lines = [
        line for f in fences(page) if f.language == "sh" for line in f.text.splitlines()
    ]
    lines += _INLINE.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
    for line in lines:
        try:
            words = shlex.split(_NEXT.sub("", line))
        except ValueError:  # the first line of a quoted text
            continue
        if words:
            yield words


def _commands(page: Path, name: str) -> list[list[str]]:
    """What stands behind a program's name, wherever the program is said to be."""
    typed = [words for words in _typed(page) if PurePath(words[0]).name == name]
    return [words[1:] for words in typed]


def _problem(words: list[str]) -> str | None:
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words and words[0][0] != "-":
        found = command.get_command(context, words[0])
        if found is None:
            return f"no command {words[0]}"
        command, words = found, words[1:]
    known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    unknown = [w for w in words if w[0] == "-" and w.split("=")[0] not in known]
    return f"{command.name} has no {unknown}" if unknown else None


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_of_levelwatch_exists_with_its_options(page: Path) -> None:
    typed = _commands(page, "levelwatch")

    assert [p for words in typed if (p := _problem(words))] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_target_of_make_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKE, re.MULTILINE))
    typed = {w for words in _commands(page, "make") for w in words if w.islower()}

    assert typed - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_script_and_module_exists(page: Path) -> None:
    typed = list(_typed(page))
    scripts = [words[0] for words in typed if words[0].startswith("deploy/")]
    modules = [w[w.index("-m") + 1] for w in typed if "python" in w[0] and "-m" in w]

    assert [name for name in scripts if not (ROOT / name).exists()] == []
    assert [name for name in modules if find_spec(name) is None] == []


def test_the_readme_tells_what_to_type() -> None:
    readme = ROOT / "README.md"

    make = [words[0] for words in _commands(readme, "make") if words]
    own = {words[0] for words in _commands(readme, "levelwatch") if words}

    assert make[:2] == ["demo", "test"]
    assert {"init", "check", "send-test", "run", "status", "why"} <= own


def test_a_command_that_does_not_exist_is_found_out() -> None:
    assert _problem(["rnu"]) == "no command rnu"
    assert _problem(["status", "--jsno"]) == "status has no ['--jsno']"
    assert _problem(["systemd", "print", "-c", "FILE"]) is None
