"""The README's configuration is one, and says what the README says it says."""

from pathlib import Path

from daemon.config import load_config
from daemon.rule_sentence import say_configured
from tests.docs.fences import ROOT, fences

BLOCKS = list(fences(ROOT / "README.md"))
SECRETS = {"TELEGRAM_TOKEN": "123456:canary-canary", "TELEGRAM_CHAT": "424242"}


def test_the_small_configuration_is_read_back_as_written(tmp_path: Path) -> None:
    (written,) = [block.text for block in BLOCKS if block.language == "toml"]
    (told,) = [block.text for block in BLOCKS if block.language == "text"]
    file = tmp_path / "levelwatch.toml"
    file.write_text(written, encoding="utf-8")

    config = load_config(file, SECRETS)

    (rule,) = config.rules
    assert told == f"{rule.id}: {say_configured(config, rule)}\n"
