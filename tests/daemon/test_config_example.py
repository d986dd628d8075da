"""The example is documentation that runs: it loads, and shows what there is."""

import json
from pathlib import Path

import pytest

from alerts.conditions import CONDITION_KINDS
from alerts.levels import LEVEL_KINDS
from daemon.config import Config, load_config
from daemon.config.reference import FILE, render_reference
from daemon.config.schema import build_schema

ROOT = Path(__file__).parents[2]
SECRETS = {
    "TELEGRAM_TOKEN": "123456789:AAF-canary_canary_canary_canary_cana",
    "TELEGRAM_CHAT": "424242",
    "SMTP_PASSWORD": "correct horse",
    "HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLasw",
}


@pytest.fixture(scope="module")
def example() -> Config:
    return load_config(ROOT / "config.example.toml", SECRETS)


def test_the_example_watches_the_four_instruments_of_the_notes(example: Config) -> None:
    watched = {rule.instrument for rule in example.rules}

    assert watched == {"XMR/USD", "BNB/USD", "DOGE/USD", "EUR/USD"}
    assert watched == set(example.instruments)


def test_the_example_shows_every_kind_of_condition(example: Config) -> None:
    shown = {rule.when.model_dump()["kind"] for rule in example.rules}

    assert shown == set(CONDITION_KINDS)


def test_the_example_shows_every_kind_of_level(example: Config) -> None:
    shown = {level.model_dump()["kind"] for level in example.levels.values()}

    assert shown == set(LEVEL_KINDS)


def test_every_enabled_rule_of_the_example_can_be_built(example: Config) -> None:
    built = {rule.id: rule for rule in example.build_rules()}

    assert set(built) == {rule.id for rule in example.rules if rule.enabled}
    assert built["bnb-lost"].to == ("phone", "mail", "hook")
    assert built["bnb-lost"].level_name == "637"
    assert built["bnb-zone"].to == ("phone", "mail")
    assert built["bnb-below-zone"].level_name == "bnb-640.lower"
    assert "xmr-day" not in built


def test_the_reference_is_what_the_models_say() -> None:
    written = (ROOT / FILE).read_text(encoding="utf-8")

    assert written == render_reference(), "run: python -m daemon.config.reference"


def test_every_key_of_the_reference_is_explained() -> None:
    rows = [row for row in render_reference().splitlines() if row.startswith("| `")]

    assert rows
    assert [row for row in rows if row.endswith("|  |")] == []


def test_the_schema_knows_every_section_and_refuses_others() -> None:
    schema = build_schema()

    assert set(schema["properties"]) == {
        "storage", "sources", "instruments", "receivers", "routing", "operator",
        "display", "levels", "rules",
    }  # fmt: skip
    assert schema["additionalProperties"] is False


def test_the_schema_describes_each_condition_by_its_kind() -> None:
    when = build_schema()["$defs"]["RuleSection"]["properties"]["when"]

    assert set(when["discriminator"]["mapping"]) == set(CONDITION_KINDS)
    assert "secret" not in json.dumps(when)
