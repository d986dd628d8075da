"""Where secrets come from: systemd credentials, files, the environment, .env.

A configuration says ``token = "secret:TELEGRAM_TOKEN"`` and never the token. Values
found here are returned and nothing else: not logged, not put into any message.
"""

import logging
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

PREFIX = "secret:"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SecretMissing(Exception):
    """A secret cannot be had; the message says where it was sought, and the fix."""


class SecretStore:
    """The places that are asked for a secret, first hit wins.

    1. ``$CREDENTIALS_DIRECTORY/NAME`` (systemd's LoadCredential=)
    2. the file that ``$NAME_FILE`` names (containers)
    3. ``$NAME``
    4. ``NAME=…`` in the .env file beside the configuration

    One trailing newline of a file is not part of the secret. An empty value counts
    as missing.

    Args:
        environ: the environment to read; it is never written.
        env_file: the .env file; need not exist. It is opened only when the first
            three places had no answer, and refused if others could read it.
    """

    def __init__(self, environ: Mapping[str, str], env_file: Path) -> None:
        self._environ = environ
        self._env_file = env_file
        self._env_values: Mapping[str, str | None] | None = None

    def get(self, name: str) -> str:
        """The secret's value.

        Raises:
            SecretMissing: it is nowhere, empty, unreadable or badly protected.
        """
        if not _NAME.fullmatch(name):
            raise SecretMissing(
                "the name of a secret has letters, digits and underscores, "
                f"as in {PREFIX}TELEGRAM_TOKEN"
            )
        value = (
            self._from_credentials(name)
            or self._from_named_file(name)
            or self._environ.get(name)
            or self._from_env_file(name)
        )
        if not value:
            raise SecretMissing(f"secret {name} not found; {self._searched(name)}")
        return value

    def _from_credentials(self, name: str) -> str | None:
        directory = self._environ.get("CREDENTIALS_DIRECTORY")
        if not directory:
            return None
        path = Path(directory) / name
        return _read(path, name) if path.is_file() else None

    def _from_named_file(self, name: str) -> str | None:
        path = self._environ.get(f"{name}_FILE")
        return _read(Path(path), name) if path else None

    def _from_env_file(self, name: str) -> str | None:
        if self._env_values is None:
            self._env_values = _read_env_file(self._env_file)
        return self._env_values.get(name)

    def _searched(self, name: str) -> str:
        places = [f"${name}_FILE", f"${name}", str(self._env_file)]
        if self._environ.get("CREDENTIALS_DIRECTORY"):
            places.insert(0, f"$CREDENTIALS_DIRECTORY/{name}")
        *first, last = places
        return f"looked in {', '.join(first)} and {last}"


def _read(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise SecretMissing(f"secret {name}: cannot read {path}: {why}") from exc
    return text.removesuffix("\n").removesuffix("\r")


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    if not path.is_file():
        return {}
    if path.stat().st_mode & _OTHERS:
        raise SecretMissing(
            f"{path} can be read by others; make it private: chmod 600 {path}"
        )
    # Its warning about an unreadable line would come once per start, without a
    # file name, on a logger that nobody configured yet.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    try:
        # No ${…} expansion: a password may well contain a dollar sign.
        return dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise SecretMissing(f"cannot read {path}: {why}") from exc
