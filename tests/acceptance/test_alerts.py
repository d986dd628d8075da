"""A price on an exchange becomes a message on a phone, in a mailbox, at a hook."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.acceptance.world import BNB_LOST, World, title

RULES = (
    BNB_LOST,
    """
[[rules]]
id = "doge-near-218"
instrument = "DOGE/USD"
when = { kind = "approach", level = 0.2180, distance = "0.5%" }
severity = "low"
[[rules]]
id = "xmr-touch"
instrument = "XMR/USD"
when = { kind = "touch", level = 340, tolerance = "0.5", rearm = "1" }
note = "<b>& the round number"
severity = "high"
[levels.bnb-640]
instrument = "BNB/USD"
kind = "zone"
low = 637
high = 643
[[rules]]
id = "bnb-zone"
instrument = "BNB/USD"
when = { kind = "zone", level = "bnb-640", events = ["enter"] }
""",
)
TITLES = [
    "DOGE/USD is nearing 0.21800 from above — 0.21880",
    "XMR/USD touched 340.00 from above — 340.20",
    "BNB/USD entered bnb-640 from above — 642.00",
    "BNB/USD fell below 637.00 — 636.50",
]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One daemon that has lived through all of it, and was stopped."""
    return asyncio.run(play(tmp_path_factory.mktemp("day")))


async def play(folder: Path) -> World:
    async with World(folder) as world:
        world.configure(*RULES)
        daemon = await world.watch()
        await world.warm()
        await world.show("DOGE/USD", 0.2188)
        await world.show("XMR/USD", 340.2)
        await world.show("BNB/USD", 642)
        await world.show("BNB/USD", 636.5)
        await world.hook.wait_for(4)
        await world.phone.wait_for(4)
        await world.mail.wait_for(4)
        # Time for what should not come.
        await world.polled(3)
        assert await daemon.stop() == 0
        assert world.faults_found() == []
    return world


def test_every_event_is_told_once_on_every_channel_in_order(day: World) -> None:
    first_lines = [told(message.text)[0] for message in day.phone.messages]
    assert first_lines == [TITLES[0], "❗ " + TITLES[1], *TITLES[2:]]
    assert [title(mail) for mail in day.mail.mails] == TITLES
    assert [(r.json["rule"], r.json["event"]) for r in day.hook.received] == [
        ("doge-near-218", "approach"),
        ("xmr-touch", "touch"),
        ("bnb-zone", "enter"),
        ("bnb-lost", "cross"),
    ]
    assert day.hook.refused == []


def test_a_message_says_what_where_why_and_nothing_of_being_late(day: World) -> None:
    message, mail, hook = day.phone.messages[3], day.mail.mails[3], day.hook.received[3]

    expected: list[str | re.Pattern[str]] = [
        "BNB/USD fell below 637.00 — 636.50",
        "the support that the May note leaned on",
        "636.50 is 0.08 % (0.50) below 637.00",
        "−2.08 % in 1 h, −2.08 % in 24 h",
        re.compile(r"paper · \w{3} \d\d? \w{3} \d{4} \d\d:\d\d UTC"),
        f"bnb-lost · id {hook.id[:6]}",
    ]
    assert_lines(told(message.text), expected)
    assert_lines(told(mail.plain), expected)


def test_each_channel_is_spoken_to_as_it_wants(day: World) -> None:
    message, mail, hook = day.phone.messages[3], day.mail.mails[3], day.hook.received[3]

    assert message.parse_mode == "HTML"
    # Only the rule of low severity comes without a sound.
    assert [m.silent for m in day.phone.messages] == [True, False, False, False]
    assert (mail.encrypted, mail.user) == (True, "watch")
    assert mail.recipients == ("me@example.org",)
    assert mail.message["Message-ID"] == f"<{hook.id}@example.org>"
    body = hook.json
    assert (body["v"], body["event_id"], body["source"]) == (1, hook.id, "paper")
    assert (body["direction"], body["price"], body["level"]) == ("down", 636.5, 637.0)
    assert (body["gap"], body["late"], body["approximate"]) == (False, False, False)


def test_a_note_with_markup_is_shown_as_written(day: World) -> None:
    message, mail = day.phone.messages[1], day.mail.mails[1]

    assert "<b>& the round number" in told(message.text)
    assert "<b>& the round number" in told(mail.plain)
    assert "&lt;b&gt;&amp; the round number" in mail.html


def told(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def assert_lines(lines: list[str], expected: list[str | re.Pattern[str]]) -> None:
    """Line by line, where an expected one may be a pattern."""
    assert len(lines) == len(expected), lines
    for line, wanted in zip(lines, expected, strict=True):
        if isinstance(wanted, str):
            assert line == wanted
        else:
            assert wanted.fullmatch(line), line
