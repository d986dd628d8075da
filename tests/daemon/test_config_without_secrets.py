"""Commands that send nothing need no secrets, and are not stopped for want of one."""

from pathlib import Path

import pytest

from daemon.config import Config, load_config
from daemon.errors import ConfigError
from tests.daemon.config_files import PRELUDE

SECRETIVE = """
[receivers.phone]
kind = "telegram"
token = "secret:TELEGRAM_TOKEN"
chat = "secret:TELEGRAM_CHAT"
[routing]
default = ["phone"]
[operator]
to = ["screen"]
ping = "secret:PING"
[storage]
url = "secret:DATABASE"
keep_ticks = "1d"
"""
POSTGRES = "postgresql://me:canary@db/levelwatch"


def _load(
    folder: Path, *sections: str, text: str = SECRETIVE, **environ: str
) -> Config:
    path = folder / "levelwatch.toml"
    path.write_text(PRELUDE + text)
    return load_config(path, environ, secrets_of=sections)


def test_what_depends_on_a_secret_is_replaced_and_the_rest_stands(
    tmp_path: Path,
) -> None:
    config = _load(tmp_path, TELEGRAM_TOKEN="not looked at")

    assert config.receivers["phone"] == config.receivers["screen"]
    assert config.default_receivers == ("phone",)
    assert config.operator.ping is None
    assert config.operator.to == ("screen",)
    url = config.storage.url.get_secret_value()
    assert url == f"sqlite:///{tmp_path}/levelwatch.db"
    assert config.storage.keep_ticks == 86_400_000
    assert config.secrets == frozenset()


def test_the_sections_that_are_needed_are_looked_up(tmp_path: Path) -> None:
    config = _load(tmp_path, "storage", DATABASE=POSTGRES)

    assert config.storage.url.get_secret_value() == POSTGRES
    assert "canary" in config.secrets
    with pytest.raises(ConfigError, match="secret DATABASE not found"):
        _load(tmp_path, "storage")


def test_a_rule_must_still_name_a_receiver_that_exists(tmp_path: Path) -> None:
    wrong = SECRETIVE.replace('default = ["phone"]', 'default = ["phome"]')

    with pytest.raises(ConfigError, match='did you mean "phone"'):
        _load(tmp_path, text=wrong)


def test_the_env_file_is_not_even_opened(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_TOKEN=x\n")
    (tmp_path / ".env").chmod(0o644)

    assert _load(tmp_path).secrets == frozenset()
