"""`levelwatch replay` over real files."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from daemon.cli import cli, main
from market.instant import HOUR, MINUTE
from tests.daemon.config_files import PRELUDE
from tests.play import T0

RULES = """
[receivers.phone]
kind = "telegram"
token = "secret:TELEGRAM_TOKEN"
chat = "secret:TELEGRAM_CHAT"
[routing]
default = ["phone"]
[display]
timezone = "Europe/Berlin"
[[rules]]
id = "lost"
instrument = "BNB/USD"
when = { kind = "cross", direction = "down", level = 637, rearm = "0" }
cooldown = "1h"
[[rules]]
id = "euro"
instrument = "EUR/USD"
when = { kind = "cross", direction = "up", level = 1.12 }
[[rules]]
id = "off"
instrument = "BNB/USD"
when = { kind = "cross", direction = "up", level = 637, rearm = "0" }
enabled = false
"""
TICKS = "at,instrument,price\n" + "".join(
    f"{T0 + minute * MINUTE},BNB/USD,{price}\n"
    for minute, price in [
        (0, 640),
        (1, 636.5),
        (2, 640),
        (3, 636),
        (90, 640),
        (91, 636),
    ]
)
"""The second fall comes within the hour of the cooldown, the third after it."""
LOST_AGAIN = "BNB/USD fell below 637.00 — 636.00"


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "levelwatch.toml"
    path.write_text(PRELUDE + RULES)
    return str(path)


def _write(folder: Path, text: str, name: str = "x.csv") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_a_person_reads_one_line_per_trigger_and_a_summary(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "-c", config, _write(tmp_path, TICKS)]) == 0

    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.splitlines() == [
        "2025-05-19 02:01:00 CEST  lost  BNB/USD fell below 637.00 — 636.50",
        f"2025-05-19 02:03:00 CEST  lost  {LOST_AGAIN}  (not sent: cooldown)",
        f"2025-05-19 03:31:00 CEST  lost  {LOST_AGAIN}",
        "",
        "6 rows: BNB/USD 6",
        "2025-05-19 02:00:00 CEST to 2025-05-19 03:31:00 CEST (1 h 31 min)",
        "3 triggers, 2 would have been sent",
        "",
        "rule  triggers  sent  not sent",
        "lost         3     2  1 cooldown",
        "no rows of EUR/USD: 1 rule saw nothing",
    ]


def test_a_program_gets_one_trigger_per_line_and_nothing_else(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "-c", config, "--json", _write(tmp_path, TICKS)]) == 0

    told = capsys.readouterr()
    first, second, third = map(json.loads, told.out.splitlines())
    assert len(first.pop("event_id")) == 20
    assert first == {
        "v": 1,
        "rule": "lost",
        "instrument": "BNB/USD",
        "kind": "cross",
        "event": "cross",
        "direction": "down",
        "at": "2025-05-19T00:01:00Z",
        "detected_at": "2025-05-19T00:01:00Z",
        "price": 636.5,
        "level": 637.0,
        "level_name": "637",
        "reference": None,
        "cause": "price",
        "gap": False,
        "late": False,
        "approximate": False,
        "source": "recording",
        "suppressed": None,
    }
    assert [one["suppressed"] for one in (second, third)] == ["cooldown", None]
    assert "3 triggers, 2 would have been sent" in told.err.splitlines()


def test_only_what_would_have_been_sent(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, TICKS)

    assert main(["replay", "-c", config, "--json", "--sent", file]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["at"] for line in lines] == [
        "2025-05-19T00:01:00Z",
        "2025-05-19T01:31:00Z",
    ]


def test_one_rule_is_played_even_if_it_is_disabled(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, TICKS)

    assert main(["replay", "-c", config, "--json", "--rule", "off", file]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["rule"] for line in lines] == ["off", "off"]


def test_a_gzipped_file_and_the_standard_input_are_read_too(
    config: str, tmp_path: Path
) -> None:
    packed = gzip.compress(TICKS.encode())
    (tmp_path / "no-suffix").write_bytes(packed)
    files = (_write(tmp_path, TICKS), str(tmp_path / "no-suffix"), "-")

    told = [
        CliRunner().invoke(cli, ["replay", "-c", config, "--json", file], input=packed)
        for file in files
    ]

    assert told[0].stdout.count("\n") == 3
    assert [one.stdout for one in told] == [told[0].stdout] * 3


def test_bars_of_files_without_an_instrument_column_are_told_apart_by_order(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "ts_ms,open,high,low,close,volume\n"
    bnb = _write(tmp_path, f"{header}{T0},640,640,636,636,1\n", "bnb.csv")
    eur = _write(tmp_path, f"{header}{T0},1.1,1.13,1.1,1.13,\n", "eur.csv")
    names = ("--instrument", "BNB/USD", "--instrument", "EUR/USD")

    code = main(
        ["replay", "-c", config, "--json", "--timeframe", "1h", *names, bnb, eur]
    )

    assert code == 0
    lines = list(map(json.loads, capsys.readouterr().out.splitlines()))
    assert [(one["rule"], one["at"], one["window"]) for one in lines] == [
        ("lost", "2025-05-19T01:00:00Z", [f"2025-05-19T0{h}:00:00Z" for h in (0, 1)]),
        ("euro", "2025-05-19T01:00:00Z", [f"2025-05-19T0{h}:00:00Z" for h in (0, 1)]),
    ]


def test_a_bad_row_is_the_users_input_and_nothing_is_played(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, f"{TICKS}{T0},BNB/USD,NaN\n{T0},BNB/USD\n")

    assert main(["replay", "-c", config, file]) == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f'{file}:8: price "NaN" is no price; expected a number above 0',
        f"{file}:9: 2 values; the header has 3 columns",
        "Nothing was played; --skip-bad leaves such rows out.",
    ]


def test_bad_rows_can_be_left_out_and_are_counted(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, f"{TICKS}{T0},BNB/USD,NaN\n{T0},BNB/USD\n")

    assert main(["replay", "-c", config, "--skip-bad", file]) == 0

    told = capsys.readouterr()
    assert "3 triggers, 2 would have been sent" in told.out.splitlines()
    first = f'{file}:8: price "NaN" is no price; expected a number above 0'
    assert told.err == f"{file}: skipped 2 bad rows; the first: {first}\n"


def test_what_is_odd_about_a_file_is_told_beside_the_result(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "at,instrument,open,high,low,close,vwap\n"
    rows = [
        f"{hour * HOUR},{name},640,640,640,640,1\n"
        for hour, name in [(2, "BNB/USD"), (0, "BNB/USD"), (1, "ADA/USD")]
    ]
    file = _write(tmp_path, header + "".join(rows))

    assert main(["replay", "-c", config, "--timeframe", "1m", file]) == 0

    seconds = "`at` counts milliseconds; are these seconds?"
    assert capsys.readouterr().err.splitlines() == [
        f"{file}: columns that are not read: vwap",
        f"{file}: 1 row was out of order; sorted by time",
        f"{file}: passed over rows of what is not played: ADA/USD (1)",
        f"{file}: begins at 1970-01-01T00:00:00Z: {seconds}",
        f"{file}: the nearest bars are 2h apart; is the timeframe 1m?",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--rule", "lots"],
            1,
            '"lots" is not one of your rules; did you mean "lost"?',
        ),
        (["--instrument", "BNB/USDT"], 1, 'did you mean "BNB/USD"?'),
        (["--timeframe", "7m"], 2, '"7m" is not a timeframe'),
        (
            ["--instrument", "BNB/USD", "--instrument", "EUR/USD"],
            2,
            "--instrument is given 2 times and FILE 1 times",
        ),
    ],
)
def test_a_slip_on_the_command_line_is_told_with_the_way_out(
    config: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    assert main(["replay", "-c", config, *arguments, _write(tmp_path, TICKS)]) == code

    assert message in capsys.readouterr().err


def test_a_file_of_other_instruments_only_is_a_slip(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, TICKS.replace("BNB/USD", "BNB-USD"))

    assert main(["replay", "-c", config, file]) == 1

    assert capsys.readouterr().err.splitlines()[-1] == (
        f'Error: {file}: "BNB-USD" is not one of your instruments; '
        'did you mean "BNB/USD"?'
    )


def test_a_file_that_cannot_be_read_is_named(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(TICKS.encode() * 50)[:-20])

    codes = [
        main(["replay", "-c", config, str(tmp_path / name)])
        for name in ("none.csv", ".", cut.name)
    ]

    assert codes == [1, 1, 1]
    missing, folder, ended = capsys.readouterr().err.splitlines()
    assert missing == f"{tmp_path}/none.csv: cannot be read: No such file or directory"
    assert folder == f"{tmp_path}: cannot be read: Is a directory"
    assert ended.startswith(f"{cut}: cannot be read: Compressed file ended")
