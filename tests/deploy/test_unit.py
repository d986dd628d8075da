"""The unit that ships: accepted by systemd without a word, and well locked up."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.systemd import render_unit

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed (Debian: apt-get install systemd)",
)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    path = tmp_path / "levelwatch.service"
    # verify wants the command to exist.
    path.write_text(render_unit(executable="/bin/true"))
    return path


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@needs_systemd
def test_systemd_accepts_the_unit_without_a_word(unit: Path) -> None:
    done = analyze("verify", unit)

    # An unknown key is only a message: the return code alone would hide a typo.
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_a_misspelt_key_would_be_noticed(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("WatchdogSec=", "WatchdogSecs="))

    assert "WatchdogSecs" in analyze("verify", unit).stderr


@needs_systemd
def test_the_exposure_is_at_most_one_and_a_half(unit: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=15", unit)

    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert level is not None
    assert float(level[1]) <= 1.5
    assert done.returncode == 0


def value(text: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def test_the_unit_names_the_installation_that_printed_it() -> None:
    text = render_unit(executable="/srv/lw/bin/levelwatch", config="/srv/lw/lw.toml")

    assert value(text, "ExecStart") == ["/srv/lw/bin/levelwatch run -c /srv/lw/lw.toml"]
    assert "/opt/levelwatch/venv/bin/levelwatch" not in text


def test_an_unusual_path_is_quoted_and_means_itself() -> None:
    text = render_unit(executable="/srv/my 100% $x/levelwatch")

    assert value(text, "ExecStart") == [
        '"/srv/my 100%% $$x/levelwatch" run -c /etc/levelwatch/levelwatch.toml'
    ]


@pytest.mark.parametrize("path", ["levelwatch", "", "/a\nExecStartPre=/bin/sh"])
def test_a_path_that_a_unit_cannot_hold_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no absolute path"):
        render_unit(executable=path)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Type", "notify"),
        ("Restart", "always"),
        ("StartLimitIntervalSec", "0"),
        ("ExecReload", "/bin/sh -c 'kill -HUP $MAINPID'"),
        ("StateDirectory", "levelwatch"),
    ],
)
def test_the_unit_keeps_the_promises_of_the_manual(key: str, expected: str) -> None:
    assert value(render_unit(), key) == [expected]
