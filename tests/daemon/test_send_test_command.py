"""`levelwatch send-test` against a strict Bot API double, and on the console."""

import asyncio
from pathlib import Path

import pytest

from daemon.cli import main
from tests.daemon.config_files import PRELUDE, TOKEN
from tests.doubles.telegram import BLOCKED, TelegramDouble


def _write(folder: Path, base_url: str) -> str:
    path = folder / "levelwatch.toml"
    path.write_text(
        f'{PRELUDE}[receivers.phone]\nkind = "telegram"\ntoken = "{TOKEN}"\n'
        f'chat = "42"\nbase_url = "{base_url}"\n'
    )
    return str(path)


async def _send_test(config_file: str, receiver: str) -> int:
    return await asyncio.to_thread(main, ["send-test", "-c", config_file, receiver])


async def test_a_message_arrives_and_is_confirmed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with TelegramDouble(token=TOKEN, chats=("42",)) as telegram:
        code = await _send_test(_write(tmp_path, telegram.url), "phone")

        (message,) = telegram.messages
    assert code == 0
    assert "test message for phone" in message.text
    assert capsys.readouterr().out == f"phone took it ({message.message_id}).\n"


async def test_a_refusal_is_told_with_exit_code_3_and_without_the_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with TelegramDouble(token=TOKEN, chats=("42",)) as telegram:
        telegram.faults.append(BLOCKED)
        code = await _send_test(_write(tmp_path, telegram.url), "phone")

    told = capsys.readouterr().err
    assert code == 3
    assert told.startswith("phone did not take it: ")
    assert "blocked" in told
    assert TOKEN not in told


def test_the_console_is_tested_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config_file = _write(tmp_path, "http://127.0.0.1:9")

    assert main(["send-test", "-c", config_file, "screen"]) == 0
    told = capsys.readouterr().out
    assert "test message for screen" in told
    assert told.endswith("screen took it.\n")


def test_an_unknown_receiver_is_the_persons_slip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config_file = _write(tmp_path, "http://127.0.0.1:9")

    assert main(["send-test", "-c", config_file, "phon"]) == 1
    assert capsys.readouterr().err == (
        'Error: "phon" is not one of your receivers; did you mean "phone"?\n'
    )
