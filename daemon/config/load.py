"""Finds, reads and checks levelwatch.toml: the whole file or nothing.

Every problem of a file is told in one run. Never changes a file, never opens a
connection, and never lets a secret into a message.
"""

import os
import re
import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from daemon.config.checks import check_references
from daemon.config.database import place_database
from daemon.config.errors import Findings
from daemon.config.lines import find_lines
from daemon.config.numbers import tame_numbers
from daemon.config.secrets import SECTIONS, omit_secrets, resolve_secrets
from daemon.config.sections import Config, LoadContext
from daemon.config.values import one_line
from daemon.errors import ConfigError, ConfigProblem
from daemon.secrets import SecretStore

__all__ = ["FILE_NAME", "Config", "find_config", "load_config"]

FILE_NAME = "levelwatch.toml"

_LARGEST = 16 * 1024 * 1024
"""Bytes; a hundred thousand rules fit. Anything larger is another file."""
_PLACE = re.compile(r"line (\d+), column (\d+)\)")


def find_config(option: Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration to use: ``-c FILE``, else the first that exists.

    Looks at ./levelwatch.toml, $XDG_CONFIG_HOME/levelwatch/levelwatch.toml
    (~/.config by default) and /etc/levelwatch/levelwatch.toml.

    Raises:
        ConfigError: there is none; says where it looked.
    """
    if option is not None:
        return option
    places = _places(environ)
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(str(place) for place in places)
    message = f"no configuration in {looked}; `levelwatch init` writes one"
    raise ConfigError([_problem(FILE_NAME, message)])


def _places(environ: Mapping[str, str]) -> list[Path]:
    home = environ.get("XDG_CONFIG_HOME", "")
    if not home and environ.get("HOME"):
        home = f"{environ['HOME']}/.config"
    places = [Path(FILE_NAME)]
    if home:
        places.append(Path(home) / "levelwatch" / FILE_NAME)
    return [*places, Path("/etc/levelwatch") / FILE_NAME]


def load_config(
    path: Path,
    environ: Mapping[str, str] | None = None,
    *,
    secrets_of: Collection[str] = SECTIONS,
) -> Config:
    """Read one file with everything that it refers to.

    Args:
        environ: where secrets and $STATE_DIRECTORY are looked up, never changed;
            the process's own by default.
        secrets_of: sections whose secrets are needed; no other is looked up, and
            what depends on one is replaced (see `omit_secrets`).

    Raises:
        ConfigError: with every problem that was found, in the order of the file.
    """
    text = _read(path)
    try:
        return _check(
            path,
            text,
            os.environ if environ is None else environ,
            SECTIONS - frozenset(secrets_of),
        )
    except RecursionError:
        message = "its tables are nested too deeply"
        raise ConfigError([_problem(str(path), message)]) from None


def _check(
    path: Path, text: str, environ: Mapping[str, str], without: Collection[str]
) -> Config:
    raw = _parse(text, str(path))
    findings = Findings(str(path), raw, partial(find_lines, text))
    data = tame_numbers(raw, findings)
    check_references(data, findings)
    store = SecretStore(environ, path.parent / ".env")
    data, secrets = resolve_secrets(omit_secrets(data, without), store, findings)
    place_database(data, Path(environ.get("STATE_DIRECTORY") or path.parent))
    try:
        config = Config.model_validate(data, context=LoadContext(secrets))
    except ValidationError as exc:
        # It holds the inputs, secrets among them: it is read here and goes no further.
        findings.add_all(exc.errors(include_url=False))
        raise findings.error() from None
    if findings:
        raise findings.error()
    return config


def _read(path: Path) -> str:
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "that is no file name"
        raise ConfigError([_problem(file, f"cannot be read: {why}")]) from exc
    if len(raw) > _LARGEST:
        message = "is larger than 16 MiB; is it the right file?"
        raise ConfigError([_problem(file, message)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        raise ConfigError([_problem(file, "is not UTF-8 text", line)]) from exc


def _parse(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except InvalidOperation as exc:
        message = "a number's exponent is beyond reason"
        raise ConfigError([_problem(file, message)]) from exc
    except ValueError as exc:
        raise ConfigError([_syntax_problem(file, str(exc), text)]) from exc


def _syntax_problem(file: str, message: str, text: str) -> ConfigProblem:
    """From "Expected '=' after a key (at line 3, column 5)": the line goes in front."""
    what, _, place = message.partition(" (at ")
    if match := _PLACE.match(place):
        where = f"is not valid TOML: {what} (column {match[2]})"
        return _problem(file, where, int(match[1]))
    line = text.count("\n") + 1 if place else None
    return _problem(file, f"is not valid TOML: {what}", line)


def _problem(file: str, message: str, line: int | None = None) -> ConfigProblem:
    return ConfigProblem(file=file, line=line, key="", message=one_line(message))
