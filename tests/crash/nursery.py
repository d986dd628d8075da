"""A process that has everything imported, and becomes a daemon whenever asked.

The imports of a start cost more than all else that a kill test does; a fork has them.
What is forked runs the daemon's own `main`, with one fault if this process was given
one (tests/crash/faulty.py), in a process group of its own. Speaks lines: a JSON order
in, the child's process id out and, once it has ended, its exit code.
"""

import ctypes
import json
import os
import signal
import sys
from importlib import import_module

from daemon.cli import main
from market.feeds.ccxt_load import load_exchange_class

_MODULES = (
    "daemon.app",
    "daemon.commands.run",
    "daemon.config",
    "daemon.logs",
    "market.feeds.ccxt_source",
    "market.feeds.ccxt_poll",
    "sqlalchemy.dialects.sqlite",
)
_PR_SET_PDEATHSIG = 1


def _serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order["arguments"], order["log"])
        _lead_a_group(pid)
        print(pid, flush=True)  # noqa: T201 - the protocol
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _become(arguments: list[str], log: str) -> None:
    """Never returns."""
    _die_with_parent()
    _lead_a_group(0)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        code = main(arguments)
    except BaseException:  # noqa: BLE001 - a child must never go on as its parent
        sys.excepthook(*sys.exc_info())
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _lead_a_group(pid: int) -> None:
    # Parent and child both do it, so that it is done whoever runs first.
    try:
        os.setpgid(pid, 0)
    except (PermissionError, ProcessLookupError):
        return


def _die_with_parent() -> None:
    """Nothing stays behind when a test run is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    _die_with_parent()
    for name in _MODULES:
        import_module(name)
    load_exchange_class("kraken")
    if len(sys.argv) > 1:
        import_module("tests.crash.faulty").FAULTS[sys.argv[1]].apply()
    _serve()
