"""The service manager: telling it how we are, and the unit that it runs.

The protocol is sd_notify(3), https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
(read 2026-11): datagrams of ``KEY=value`` lines to the socket in ``$NOTIFY_SOCKET``.
Never decides that we are well: the daemon says so after completed polls.
"""

import logging
import re
import socket
from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePosixPath

_log = logging.getLogger(__name__)

_SEND_TIMEOUT = 1.0
"""Seconds a datagram may wait; the manager's queue is full only if it hangs."""

_EXECUTABLE = "/opt/levelwatch/venv/bin/levelwatch"
_CONFIG = "/etc/levelwatch/levelwatch.toml"
"""The two paths as deploy/levelwatch.service has them."""


class Notifier:
    """A line to the service manager; without one, every call does nothing.

    A message that cannot be sent is logged and forgotten: an alert is worth more
    than the manager's picture of us, and the watchdog covers a lasting silence.

    Attributes:
        watchdog_interval: seconds within which the manager wants to hear
            ``watchdog()``, or None where it does not watch this process.
    """

    def __init__(
        self, address: str | None = None, watchdog_interval: float | None = None
    ) -> None:
        self.watchdog_interval = watchdog_interval
        self._address = address

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], pid: int) -> "Notifier":
        """Read what the manager handed over.

        Args:
            environ: ``NOTIFY_SOCKET``: a path, or "@name" for an abstract socket;
                ``WATCHDOG_USEC``, ``WATCHDOG_PID``.
            pid: our own process id; a watchdog meant for another is not ours.
        """
        address = environ.get("NOTIFY_SOCKET") or None
        if address is not None and address[0] not in "/@":
            _log.warning(
                "NOTIFY_SOCKET is neither a path nor an abstract socket; "
                "the service manager will not hear from us",
                extra={"action": "notify", "address": address},
            )
            address = None
        return cls(address, _watchdog_interval(environ, pid))

    def ready(self, status: str = "") -> None:
        """Started, or done with a reload."""
        self._send("READY=1", *_status(status))

    def reloading(self, monotonic: float) -> None:
        """A reload begins; ``ready()`` ends it.

        Args:
            monotonic: CLOCK_MONOTONIC in seconds. The manager orders reloads by it
                and demands it in the same datagram.
        """
        self._send("RELOADING=1", f"MONOTONIC_USEC={int(monotonic * 1_000_000)}")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``."""
        self._send(*_status(text))

    def stopping(self, status: str = "") -> None:
        """The shutdown begins."""
        self._send("STOPPING=1", *_status(status))

    def watchdog(self) -> None:
        """Still at work."""
        self._send("WATCHDOG=1")

    def expect(self, pause: float) -> None:
        """Ask for more patience where ``watchdog()`` comes at longer intervals.

        Args:
            pause: seconds that may honestly pass between two of them.
        """
        if self.watchdog_interval is not None and pause > self.watchdog_interval:
            self._send(f"WATCHDOG_USEC={int(pause * 1_000_000)}")

    def _send(self, *lines: str) -> None:
        if self._address is None or not lines:
            return
        # An abstract name is written with @ where the kernel has a NUL byte.
        name = re.sub("^@", "\0", self._address)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.settimeout(_SEND_TIMEOUT)
                line.connect(name)
                line.send("\n".join(lines).encode())
        except OSError as error:
            _log.warning(
                "could not tell the service manager %s: %s",
                lines[0],
                error,
                extra={"action": "notify"},
            )


def render_unit(*, executable: str = _EXECUTABLE, config: str = _CONFIG) -> str:
    """The unit file for one installation.

    Args:
        executable: absolute path of the ``levelwatch`` command.
        config: absolute path of the configuration.

    Raises:
        ValueError: a path is relative or holds a control character.
    """
    text = (files("daemon") / "levelwatch.service").read_text(encoding="utf-8")
    return text.replace(_EXECUTABLE, _word(executable)).replace(_CONFIG, _word(config))


def _word(path: str) -> str:
    """A path as one word of a command line, see systemd.service(5)."""
    if not PurePosixPath(path).is_absolute() or not path.isprintable():
        raise ValueError(f"{path!r} is no absolute path; a unit needs one")
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("%", "%%").replace("$", "$$")
    plain = re.fullmatch(r"[\w./+@:,=-]+", path, re.ASCII)
    return path if plain else f'"{escaped}"'


def _watchdog_interval(environ: Mapping[str, str], pid: int) -> float | None:
    usec = environ.get("WATCHDOG_USEC", "")
    owner = environ.get("WATCHDOG_PID") or str(pid)
    if not usec.isdecimal() or int(usec) == 0 or owner != str(pid):
        return None
    return int(usec) / 1_000_000


def _status(text: str) -> tuple[str, ...]:
    """No line, or one: a line break would begin a field of its own."""
    return (f"STATUS={' '.join(text.split())}",) if text.strip() else ()
