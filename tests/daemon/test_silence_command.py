"""`levelwatch silence` and `unsilence` on a real database."""

from pathlib import Path

import pytest

from daemon.cli import main
from daemon.clock import Clock
from storage.database import open_database
from tests.daemon.config_files import PRELUDE

NOON = 1_747_742_400_000
"""2025-05-20 12:00 UTC."""
RULE = (
    '[display]\ntimezone = "Europe/Berlin"\n'
    '[[rules]]\nid = "lost"\ninstrument = "BNB/USD"\n'
    'when = { kind = "below", level = 637 }\n'
)


class StoppedClock(Clock):
    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        return self.at


@pytest.fixture
def config_file(tmp_path: Path) -> str:
    path = tmp_path / "levelwatch.toml"
    path.write_text(PRELUDE + RULE)
    open_database(f"sqlite:///{tmp_path}/levelwatch.db").close()
    return str(path)


def _run(config_file: str, *arguments: str, at: int = NOON) -> int:
    command, *rest = arguments
    return main([command, "-c", config_file, *rest], clock=StoppedClock(at))


def test_a_rule_is_muted_until_an_hour_that_the_person_can_read(
    config_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(config_file, "silence", "lost", "2h", "--note", "I am\nwatching") == 0
    assert _run(config_file, "silence") == 0

    added, listed = capsys.readouterr().out.splitlines()
    assert added == "rule lost is silent until Tue 20 May 2025 16:00 CEST"
    assert listed.startswith(
        "rule lost is silent until Tue 20 May 2025 16:00 CEST (by "
    )
    assert listed.endswith(": I am watching)")


def test_a_silence_ends_by_itself(
    config_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(config_file, "silence", "all", "2h")
    _run(config_file, "silence", at=NOON + 7_200_000)

    assert capsys.readouterr().out.splitlines() == [
        "everything is silent until Tue 20 May 2025 16:00 CEST",
        "Nothing is silenced.",
    ]


def test_unsilence_ends_it_at_once(
    config_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(config_file, "silence", "EUR/USD", "1d")
    _run(config_file, "unsilence", "EUR/USD")
    _run(config_file, "unsilence", "EUR/USD")
    _run(config_file, "silence")

    assert capsys.readouterr().out.splitlines() == [
        "EUR/USD is silent until Wed 21 May 2025 14:00 CEST",
        "EUR/USD is told again",
        "EUR/USD was not silenced",
        "Nothing is silenced.",
    ]


def test_an_unknown_target_is_the_persons_slip(
    config_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(config_file, "silence", "lots", "2h") == 1

    assert capsys.readouterr().err == (
        'Error: "lots" is neither a rule nor an instrument nor "all"; '
        'did you mean "lost"?\n'
    )


@pytest.mark.parametrize("duration", ["2", "0s", "-1h", "long"])
def test_a_silence_needs_a_time(config_file: str, duration: str) -> None:
    assert _run(config_file, "silence", "--", "lost", duration) == 2


def test_a_target_without_a_time_is_asked_for_one(
    config_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(config_file, "silence", "lost") == 2
    assert "As in: levelwatch silence lost 8h" in capsys.readouterr().err
