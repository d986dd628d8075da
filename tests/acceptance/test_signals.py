"""Signals and the service manager: reload, stop, and what the manager hears."""

import re
import signal
import time

from daemon.paper.faults import Fault, Injection
from tests.acceptance.waiting import until
from tests.acceptance.world import BNB_LOST, World
from tests.doubles import smtp, telegram, webhook

ONCE = BNB_LOST.replace("bnb-lost", "bnb-once").replace(
    'cooldown = "0s"', 'frequency = "once"'
)
XMR = """
[[rules]]
id = "xmr-lost"
instrument = "XMR/USD"
when = { kind = "cross", direction = "down", level = 340, rearm = "1" }
"""


async def test_a_reload_keeps_what_is_unchanged_and_says_what_is_new(
    world: World,
) -> None:
    world.configure(ONCE, XMR, BNB_LOST)
    daemon = await world.watch()
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(2)

    added = XMR.replace("xmr-lost", "xmr-rose").replace('"down"', '"up"')
    changed = BNB_LOST.replace("637", "630")
    world.configure(ONCE, changed, added.replace("340", "360"))
    daemon.send(signal.SIGHUP)
    await world.manager.hear("READY=1", times=2)
    await world.polled(2)
    await world.show("BNB/USD", 640)
    await world.show("BNB/USD", 636)
    await world.show("BNB/USD", 629)
    await world.show("XMR/USD", 361)
    await world.show("XMR/USD", 339)
    await world.hook.wait_for(4)
    await world.polled(3)
    assert await daemon.stop() == 0

    # bnb-once has told once and for all; xmr-lost is gone.
    told = [(r.json["rule"], r.json["price"]) for r in world.hook.received]
    assert sorted(told[:2]) == [("bnb-lost", 636.5), ("bnb-once", 636.5)]
    assert told[2:] == [("bnb-lost", 629.0), ("xmr-rose", 361.0)]
    line = await daemon.log_line("action=reload")
    assert "added rules: xmr-rose" in line
    assert "removed rules: xmr-lost" in line
    assert "changed rules, starting afresh: bnb-lost" in line
    assert "bnb-once" not in line
    order = [
        word
        for datagram in world.manager.heard
        for word in datagram.splitlines()
        if word in {"READY=1", "RELOADING=1", "STOPPING=1"}
    ]
    assert order == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]
    assert world.manager.count("WATCHDOG=1") >= 5
    (reloading,) = [d for d in world.manager.heard if d.startswith("RELOADING=1")]
    assert re.search(r"^MONOTONIC_USEC=\d+$", reloading, re.MULTILINE)


async def test_a_bad_configuration_changes_nothing_and_is_told(world: World) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    good = world.config.read_text()

    for _ in range(2):
        told_before = len(world.told_operator())
        world.config.write_text(good.replace('"cross"', '"corss"'))
        daemon.send(signal.SIGHUP)
        await until(
            lambda: len(world.told_operator()) > told_before,  # noqa: B023
            "the operator was not told",
        )
    await world.manager.hear("READY=1", times=3)
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await daemon.stop() == 0

    told = world.told_operator()[0]
    assert "the new configuration was not taken" in told
    assert "The old one goes on unchanged." in told
    line = good.splitlines().index(
        next(line for line in good.splitlines() if '"cross"' in line)
    )
    mistake = f'levelwatch.toml:{line + 1}: rules[0].when.kind: "corss"'
    assert mistake in told
    assert any(mistake in logged for logged in daemon.lines)
    assert world.hook.received[0].json["rule"] == "bnb-lost"


async def test_a_stop_in_the_middle_of_everything_is_quick_and_loses_nothing(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    world.phone.outage = telegram.SILENT
    world.hook.outage = webhook.Fault(hang=True)
    world.mail.faults.append(smtp.Fault(at="DATA", reply=None))
    await world.show("BNB/USD", 636.5)
    await daemon.log_line("action=trigger")
    await until(lambda: len(world.phone.requests) == 1, "nothing was sent")
    hang = Injection(fault=Fault.HANG, times=None, path=None)
    world.exchange.faults.inject(hang)
    struck = world.exchange.faults.struck
    await until(lambda: world.exchange.faults.struck > struck, "nobody asks")

    began = time.monotonic()
    assert await daemon.stop(within=10) == 0
    took = time.monotonic() - began
    world.exchange.faults.clear()
    world.phone.outage = world.hook.outage = None
    daemon = await world.watch()
    await world.hook.wait_for(1)
    await world.phone.wait_for(1)
    await world.mail.wait_for(1)
    assert await daemon.stop() == 0

    assert took < 10
    assert len(world.hook.received) == 1
    assert "may be a repeat" in world.phone.messages[0].text
    assert world.query("SELECT DISTINCT status FROM notifications") == [("sent",)]


async def test_a_stop_is_obeyed_whatever_is_asked_besides(world: World) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()

    # Stopped in one breath with a reload; asyncio may hear them in either order.
    daemon.send(signal.SIGTERM)
    daemon.send(signal.SIGHUP)

    assert await daemon.wait(within=10) == 0


async def test_a_stop_during_the_start_is_obeyed(world: World) -> None:
    world.configure(BNB_LOST)
    hang = Injection(fault=Fault.HANG, times=None, path=None)
    world.exchange.faults.inject(hang)
    daemon = await world.launch()
    await until(lambda: world.exchange.faults.struck, "nobody asks")

    assert await daemon.stop(within=10) == 0
    assert world.manager.count("READY=1") == 0
