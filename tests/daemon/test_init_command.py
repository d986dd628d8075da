"""`levelwatch init`: files that work, private secrets, nothing overwritten."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from daemon.cli import main
from daemon.commands.init import system_timezone
from daemon.config import load_config
from daemon.starter import Answers, Email, render_config, render_env
from tests.daemon.config_files import TOKEN, load

ROOT = Path(__file__).parents[2]


def _init(
    folder: Path, *flags: str, typed: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "daemon.cli", "init", "-d", str(folder), *flags],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_console_needs_no_secrets_and_passes_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--to", "console", "--timezone", "Europe/Berlin", "--no-ask"]

    assert main(["init", "-d", str(tmp_path), *flags]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["levelwatch.toml"]
    assert main(["check", "-c", str(tmp_path / "levelwatch.toml")]) == 0
    assert "5 rules for 4 instruments and 1 receiver: fine." in capsys.readouterr().out


def test_secrets_from_the_environment_go_into_a_private_file(tmp_path: Path) -> None:
    done = _init(
        tmp_path,
        "--to",
        "telegram",
        "--no-ask",
        TELEGRAM_TOKEN=TOKEN,
        TELEGRAM_CHAT="42",
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert TOKEN not in done.stdout
    assert _mode(tmp_path / ".env") == 0o600
    assert TOKEN not in (tmp_path / "levelwatch.toml").read_text()
    config = load_config(tmp_path / "levelwatch.toml", {})
    assert config.secrets == {TOKEN}
    assert config.default_receivers == ("phone",)


def test_a_person_is_asked_what_is_missing(tmp_path: Path) -> None:
    answers = "email\nme\npa'ss\\word\nsmtp.example.org\nme@b.c\n"

    done = _init(tmp_path, "--ask", "--timezone", "UTC", typed=answers)

    assert done.returncode == 0, done.stderr
    assert dotenv_values(tmp_path / ".env") == {"SMTP_PASSWORD": "pa'ss\\word"}
    config = load_config(tmp_path / "levelwatch.toml", {})
    assert config.default_receivers == ("mail",)


def test_a_wrong_token_is_told_without_being_shown(tmp_path: Path) -> None:
    done = _init(
        tmp_path,
        "--to",
        "telegram",
        "--no-ask",
        TELEGRAM_TOKEN="canary",
        TELEGRAM_CHAT="4",
    )

    assert done.returncode == 1
    assert "levelwatch.toml:29: receivers.phone.token: " in done.stderr
    assert "canary" not in done.stderr + done.stdout


def test_without_a_person_to_ask_the_missing_secret_is_named(tmp_path: Path) -> None:
    done = _init(tmp_path, "--to", "telegram", "--no-ask")

    assert done.returncode == 2
    assert "Set TELEGRAM_TOKEN in the environment of this command." in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["levelwatch.toml", ".env"])
def test_nothing_is_overwritten_unasked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    done = _init(tmp_path, "--no-ask")

    assert done.returncode == 1
    assert f"{name} exists; --force replaces it, -d writes elsewhere" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "levelwatch.toml").symlink_to(tmp_path / "elsewhere")

    assert _init(tmp_path, "--to", "console", "--no-ask").returncode == 1
    assert not (tmp_path / "elsewhere").exists()


def test_force_replaces_the_files_and_makes_them_private_again(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OLD=1\n")
    (tmp_path / ".env").chmod(0o644)
    environ = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_CHAT": "42"}

    done = _init(tmp_path, "--to", "telegram", "--no-ask", "--force", **environ)

    assert done.returncode == 0, done.stderr
    assert _mode(tmp_path / ".env") == 0o600
    assert dotenv_values(tmp_path / ".env") == environ
    assert {p.name for p in tmp_path.iterdir()} == {".env", "levelwatch.toml"}


@pytest.mark.parametrize(
    "value", ["plain", "it's", 'a"b', "a\\b", "#x ${HOME} $y ", "é"]
)
def test_a_secret_comes_out_of_the_env_file_as_it_went_in(
    tmp_path: Path, value: str
) -> None:
    (tmp_path / ".env").write_text(render_env({"NAME": value}))

    assert dotenv_values(tmp_path / ".env", interpolate=False) == {"NAME": value}


def test_odd_answers_cannot_break_the_file(tmp_path: Path) -> None:
    odd = '{0} u"\\\n[rules]'
    mail = Email(host="mail", user=odd, sender="a@b.c", to=("d@e.f", "g@h.i"))

    config = load(
        tmp_path, render_config(Answers(email=mail)), {"SMTP_PASSWORD": "secret"}
    )

    assert config.receivers["mail"].model_dump()["user"] == odd


def test_the_zone_of_the_machine_is_proposed(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")

    assert system_timezone({"TZ": ":Asia/Tokyo"}, link) == "Asia/Tokyo"
    assert system_timezone({"TZ": "CET-1CEST"}, link) == "UTC"
    assert system_timezone({}, tmp_path / "missing") == "UTC"
