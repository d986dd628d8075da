"""The paper exchange as a process of its own."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from click.testing import CliRunner

from daemon.paper.__main__ import main

ROOT = Path(__file__).parents[3]


def test_it_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "daemon.paper", "--port", "0"]
    command += ["--start", "2025-05-19T00:00Z", "--speed", "1"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        base_url = process.stdout.readline().split()[0]
        with urllib.request.urlopen(f"{base_url}/0/public/Ticker?pair=BNBUSD") as reply:
            ticker = json.load(reply)
        process.send_signal(signal.SIGINT)

        assert process.wait(20) == 0
        assert process.stderr.read() == ""
    assert ticker["result"]["BNBUSD"]["c"][0].startswith("652.")


def test_a_start_that_is_no_time_is_explained() -> None:
    outcome = CliRunner().invoke(main, ["--start", "soon"])

    assert outcome.exit_code == 2
    assert '"soon" is no time; write 2025-05-19T00:00Z' in outcome.output
