"""`levelwatch why`: the answer comes from what is stored."""

import json
from pathlib import Path

import pytest

from alerts.reason import Reason
from alerts.step import Cursor, Decision, Step
from daemon.cli import main
from market.instant import parse_instant
from market.tick import Tick
from storage.database import open_database
from storage.ledger import commit

AT = parse_instant("2025-05-20T12:17:00Z")

CONFIG = """
[sources.kraken]
kind = "ccxt"
exchange = "kraken"
[instruments."BNB/USD"]
sources = ["kraken"]
[receivers.phone]
kind = "telegram"
token = "secret:NOT_THERE"
chat = "1"
[[rules]]
id = "bnb-lost"
instrument = "BNB/USD"
when = { kind = "cross", direction = "down", level = 637, hold = "30m" }
note = "the support"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "levelwatch.toml"
    path.write_text(CONFIG)
    database = open_database(f"sqlite:///{tmp_path / 'levelwatch.db'}")
    tick = Tick(
        instrument="BNB/USD", at=AT, price=636.9, source="kraken", received_at=AT
    )
    decisions = [
        _decision(AT, Reason.PENDING, "must hold for 30m"),
        _decision(AT + 900_000, Reason.CANCELLED, "it held for 15m"),
    ]
    step = Step(
        at=AT,
        ticks=(tick,),
        decisions=tuple(decisions),
        cursor=Cursor(instrument="BNB/USD", at=AT, seq=0, price=636.9, source="kraken"),
    )
    with database.transaction() as connection:
        commit(connection, [step], at=AT)
    database.close()
    return path


def _decision(at: int, reason: Reason, detail: str) -> Decision:
    return Decision(
        rule="bnb-lost",
        instrument="BNB/USD",
        at=at,
        reason=reason,
        price=636.9,
        level=637.0,
        detail=detail,
    )


def test_the_last_answer_is_said_in_words(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", "bnb-lost", "-c", str(config)]) == 0

    said = capsys.readouterr().out
    assert "tell phone when BNB/USD falls below 637" in said
    assert "the support" in said
    assert "BNB/USD stood at 636.9 (Tue 20 May 2025 12:17 UTC)." in said
    assert "Now: it held, but not long enough (it held for 15m)." in said


def test_an_earlier_moment_knows_nothing_of_later_ones(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = "2025-05-20T12:20:00Z"

    assert main(["why", "bnb-lost", "-c", str(config), "--at", at, "--json"]) == 0

    story = json.loads(capsys.readouterr().out)
    assert [one["reason"] for one in story["decisions"]] == ["pending"]
    assert story["price"] == 636.9


def test_an_unknown_rule_is_the_users_slip(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", "bnb-lots", "-c", str(config)]) == 1

    assert 'did you mean "bnb-lost"?' in capsys.readouterr().err


def test_a_time_that_is_none_is_told_with_the_forms(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", "bnb-lost", "-c", str(config), "--at", "noonish"]) == 2

    assert '"10m ago"' in capsys.readouterr().err
