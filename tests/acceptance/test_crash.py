"""Killed in the middle: nothing is lost, and repeats bear the same id."""

import re
import sqlite3
from contextlib import closing

from market.instant import MINUTE, SECOND
from tests.acceptance.waiting import now, until
from tests.acceptance.world import BNB_LOST, World, title
from tests.doubles import smtp, telegram, webhook

DOGE_LOST = """
[[rules]]
id = "doge-lost"
instrument = "DOGE/USD"
when = { kind = "cross", direction = "down", level = 0.22, rearm = "0.01" }
cooldown = "0s"
"""
XMR_LOST = """
[[rules]]
id = "xmr-lost"
instrument = "XMR/USD"
when = { kind = "cross", direction = "down", level = 340, rearm = "1" }
"""
FIRST, SECOND_TIME = (
    "BNB/USD fell below 637.00 — 636.50",
    "BNB/USD fell below 637.00 — 636.00",
)
QUEUED_BEHIND = "DOGE/USD fell below 0.22000 — 0.21000"
WHILE_DOWN = "XMR/USD fell below 340.00 — 339.00"


async def test_a_kill_in_the_middle_of_a_delivery_loses_nothing(world: World) -> None:
    short = '[instruments."XMR/USD"]\n'
    world.configure(BNB_LOST, DOGE_LOST, XMR_LOST)
    text = world.config.read_text().replace(short, short + 'stale_after = "1s"\n')
    world.config.write_text(text)
    daemon = await world.watch()
    await world.show("BNB/USD", 636.5)
    await arrivals(world, 1)

    # All three take the next message and never say so.
    world.phone.faults.append(telegram.STORED_THEN_SILENT)
    world.mail.faults.append(smtp.Fault(at="DATA", reply=None, stored=True))
    world.hook.faults.append(webhook.Fault(hang=True, stored=True))
    await world.show("BNB/USD", 640)
    await world.show("BNB/USD", 636)
    await arrivals(world, 2)
    await world.show("DOGE/USD", 0.21)
    await until(lambda: len(notifications(world)) == 9, "the third was not queued")
    await daemon.kill()
    killed_at = now()
    world.set("XMR/USD", 339)
    await until(lambda: now() - killed_at > SECOND, "time stands still")
    daemon = await world.watch()
    await arrivals(world, 5)
    await until(lambda: statuses(world) == {"sent"}, lambda: str(statuses(world)))
    assert await daemon.stop() == 0

    expected = [FIRST, SECOND_TIME, SECOND_TIME, QUEUED_BEHIND, WHILE_DOWN]
    phone = [message.text.splitlines() for message in world.phone.messages]
    assert [lines[0] for lines in phone] == expected
    assert [title(mail) for mail in world.mail.mails] == expected
    ids = [received.id for received in world.hook.received]
    assert ids[1] == ids[2]
    assert len(set(ids)) == 4
    assert [mail.message["Message-ID"] for mail in world.mail.mails] == [
        f"<{id_}@example.org>" for id_ in ids
    ]
    # Telegram knows no ids: there a person must be told.
    marks = [lines[1] for lines in phone if "may be a repeat" in lines[1]]
    assert marks == [f"↻ may be a repeat · id {ids[2][:6]}"]
    assert "may be a repeat" in phone[2][1]
    gaps = [received.json["gap"] for received in world.hook.received]
    assert gaps == [False, False, False, False, True]
    assert "The price gapped: nothing was seen on the way." in phone[4]
    assert len(world.query("SELECT id FROM triggers")) == 4


async def test_what_an_outage_held_back_comes_after_a_kill_once_and_late(
    world: World,
) -> None:
    world.configure(BNB_LOST, DOGE_LOST)
    daemon = await world.watch()
    world.phone.outage = telegram.INTERNAL_ERROR
    world.mail.outage = "451 4.3.0 try later"
    world.hook.outage = webhook.Fault(status=503)

    await world.show("BNB/USD", 636.5)
    await world.show("DOGE/USD", 0.21)
    await daemon.log_line("action=send_failed", times=3)
    await until(lambda: len(notifications(world)) == 6, "the second was not queued")
    await until(lambda: statuses(world) == {"queued"}, lambda: str(statuses(world)))
    await daemon.kill()
    let_time_pass(world, 2 * MINUTE)
    world.phone.outage = world.mail.outage = world.hook.outage = None
    daemon = await world.watch()
    await arrivals(world, 2)
    await until(lambda: statuses(world) == {"sent"}, lambda: str(statuses(world)))
    assert await daemon.stop() == 0

    phone = [message.text.splitlines() for message in world.phone.messages]
    assert [lines[0] for lines in phone] == [FIRST, QUEUED_BEHIND]
    assert [title(mail) for mail in world.mail.mails] == [FIRST, QUEUED_BEHIND]
    assert [r.json["rule"] for r in world.hook.received] == ["bnb-lost", "doge-lost"]
    late = re.compile(r"LATE by 2 min( \d+ s)?")
    assert all(late.fullmatch(lines[1]) for lines in phone)
    assert all(late.search(mail.plain) for mail in world.mail.mails)
    # A refusal leaves no doubt: these are no repeats.
    assert not any("repeat" in message.text for message in world.phone.messages)


async def arrivals(world: World, count: int) -> None:
    """Wait until every receiver has so many messages, repeats included."""
    await world.hook.wait_for(count)
    await world.phone.wait_for(count)
    await world.mail.wait_for(count)


def notifications(world: World) -> list[tuple[str]]:
    return world.query("SELECT status FROM notifications")


def statuses(world: World) -> set[str]:
    return {status for (status,) in notifications(world)}


def let_time_pass(world: World, duration: int) -> None:
    """Make everything in the outbox older, as if the daemon had been down so long."""
    shifted = {
        "notifications": ("at", "queued_at", "not_before", "lease_until", "ended_at"),
        "attempts": ("started_at", "ended_at"),
    }
    with closing(sqlite3.connect(world.database)) as database, database:
        for table, columns in shifted.items():
            changes = ", ".join(f"{name} = {name} - {duration}" for name in columns)
            database.execute(f"UPDATE {table} SET {changes}")
