"""Uncaught errors in a process of their own, since the hooks are the process's."""

import subprocess
import sys

import pytest

SETUP = """
import logging, sys, threading, warnings
from daemon.logs import LogForm, configure_logging, install_hooks
from daemon.redaction import Redactor

configure_logging(
    stream=sys.stderr, redactor=Redactor(["canary-0451"]), form=LogForm.JOURNAL
)
install_hooks(logging.getLogger("daemon"))

def fail():
    raise RuntimeError("refused canary-0451")
"""


@pytest.mark.parametrize(
    "failure",
    [
        "fail()",
        "thread = threading.Thread(target=fail); thread.start(); thread.join()",
        "type('Leak', (), {'__del__': lambda self: fail()})()",
        "warnings.warn('about canary-0451')",
    ],
)
def test_what_python_would_print_raw_is_logged_without_secrets(failure: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SETUP + failure],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "canary-0451" not in done.stderr
    assert "[secret]" in done.stderr
    assert all(line.startswith("<") for line in done.stderr.splitlines())
