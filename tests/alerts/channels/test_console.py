"""The terminal's blocks, sign by sign."""

import io
from collections.abc import Mapping

import pytest
from rich.console import Console

from alerts.channels.console import ConsoleChannel, ConsoleSpec
from alerts.channels.console_block import lay_out
from alerts.channels.http import Http
from alerts.errors import SendFailed
from alerts.notification import Message, Notification
from tests.alerts.channels.samples import LOCAL_TIME, message, notification, now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def text_of(told: Notification, width: int = 80) -> list[str]:
    block = lay_out(told, width)
    return ["".join(text for text, _ in line).rstrip() for line in block]


def test_a_block_looks_like_this() -> None:
    assert text_of(notification()) == [
        f"▌ ▼ BNB/USD fell below 637.0 — 636.9{' ' * 23}Sat 17 May 03:05 CEST",
        "▌   the support that the May note leaned on",
        "▌   636.9 is 0.02 % (0.1) below 637.0 · kraken",
    ]


def test_a_long_title_pushes_the_time_to_the_end() -> None:
    title = "EUR/USD was turned down at eur-sma200-h4 (1.12000) — 1.11980"
    told = notification(message(title=title, lines=(f"kraken · {LOCAL_TIME}",)))

    assert text_of(told) == [f"▌ ▼ {title}", "▌   kraken · Sat 17 May 03:05 CEST"]


def test_notices_stand_under_the_title() -> None:
    told = notification(in_doubt=True, late_by=12 * 60_000)

    assert text_of(told)[1:3] == [
        "▌   LATE by 12 min",
        "▌   ↻ may be a repeat · id ab12cd",
    ]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    told = message(title="価格 fell " * 20, lines=("word " * 60, f"k · {LOCAL_TIME}"))

    # Each of the two wide signs takes two columns.
    assert all(
        len(line) + sum(sign in "価格" for sign in line) <= width
        for line in text_of(notification(told), width)
    )


def test_no_word_is_lost_in_wrapping() -> None:
    words = [f"w{number}" for number in range(200)]
    told = message(lines=(" ".join(words), f"kraken · {LOCAL_TIME}"))

    shown = " ".join(line[2:].strip() for line in text_of(notification(told)))

    assert [word for word in shown.split() if word in words] == words


@pytest.mark.parametrize(
    ("event", "direction", "sign"),
    [
        ("cross", "up", ("▲ ", "green")),
        ("cross", "down", ("▼ ", "red")),
        ("approach", "down", ("↘ ", "red")),
        ("touch", None, ("• ", "yellow")),
        ("reject", "up", ("↩ ", "green")),
        ("above", None, ("▲ ", "green")),
        ("below", None, ("▼ ", "red")),
        ("never heard of", None, ("◆ ", "yellow")),
    ],
)
def test_every_event_has_its_sign(
    event: str, direction: str | None, sign: tuple[str, str]
) -> None:
    body: Mapping[str, object] = {"event": event, "direction": direction}

    assert lay_out(notification(message(body=body)), 80)[0][1] == sign


def operator_message() -> Message:
    return message(
        title="levelwatch: kraken gives no fresh prices",
        lines=("no reply for 3 min", LOCAL_TIME),
        severity="high",
        body={"operator": "source_stale"},
    )


def test_an_operator_message_has_a_sign_of_its_own() -> None:
    assert text_of(notification(operator_message())) == [
        f"▌ ! levelwatch: kraken gives no fresh prices{' ' * 15}Sat 17 May 03:05 CEST",
        "▌   no reply for 3 min",
    ]


def test_a_message_without_lines_is_only_its_title() -> None:
    assert len(text_of(notification(message(lines=())))) == 1


async def test_a_stream_that_is_no_terminal_gets_plain_text() -> None:
    stream = io.StringIO()

    await ConsoleChannel(stream).send(notification())

    assert stream.getvalue() == "\n".join([*text_of(notification()), "", ""])


async def test_a_terminal_gets_colours_and_the_same_words() -> None:
    stream = Terminal()
    console = Console(
        file=stream, force_terminal=True, color_system="standard", width=80
    )

    await ConsoleChannel(stream, console=console).send(
        notification(message(severity="high", lines=("−0.42 % in 1 h", "[red]k")))
    )

    shown = stream.getvalue()
    assert "\x1b[1;31m▌ " in shown
    assert "\x1b[31m−0.42 %\x1b[0m in 1 h" in shown
    assert "[red]k" in shown


async def test_a_terminal_is_recognised() -> None:
    stream = Terminal()

    await ConsoleChannel(stream).send(notification())

    assert "BNB/USD fell below 637.0 — 636.9" in stream.getvalue()


async def test_a_terminal_of_another_alphabet_loses_signs_and_not_the_alert() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    await ConsoleChannel(stream).send(notification())

    assert b"? ? BNB/USD fell below 637.0 ? 636.9" in raw.getvalue()


async def test_a_closed_stream_is_a_failure_that_may_pass() -> None:
    stream = io.StringIO()
    stream.close()

    with pytest.raises(SendFailed, match="cannot be written"):
        await ConsoleChannel(stream).send(notification())


async def test_closing_leaves_the_stream_open() -> None:
    stream = io.StringIO()
    channel = ConsoleChannel(stream)

    await channel.close()
    await channel.send(notification())

    assert stream.getvalue()


async def test_a_spec_opens_on_the_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await ConsoleSpec(kind="console").open(Http(), now).send(notification())

    assert "BNB/USD fell below" in capsys.readouterr().out
