"""A venue that answers rubbish: counted, backed off, never a price."""

import re
import signal
import time

from daemon.paper.faults import Fault, Injection
from tests.acceptance.waiting import until
from tests.acceptance.world import BNB_LOST, World

ANSWERS = (
    Injection(fault=Fault.HTML),
    Injection(fault=Fault.EMPTY),
    Injection(fault=Fault.CUT),
    Injection(fault=Fault.STATUS, status=502),
    Injection(fault=Fault.STATUS, status=403),
    Injection(fault=Fault.ERROR),
    Injection(fault=Fault.HANG),
)
"""Each of them makes a whole poll fail."""
LIES = (
    (Fault.NAN, "not_finite"),
    (Fault.INFINITE, "not_finite"),
    (Fault.NEGATIVE, "not_positive"),
    (Fault.NULL_LAST, "no_price"),
    (Fault.CROSSED, "crossed_quotes"),
    (Fault.WRONG_PAIR, "missing"),
    (Fault.SPIKE, "spike"),
)
"""Each of them costs a poll its prices, for one of these reasons."""


async def test_rubbish_is_never_a_price_and_alerts_go_on_afterwards(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()

    for injection in ANSWERS:
        await strike(world, injection)
    for fault, _ in LIES:
        await strike(world, Injection(fault=fault))
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    await world.mail.wait_for(1)
    await daemon.log_line("action=sent", "receiver=phone")
    assert await daemon.stop() == 0
    status = await world.status()

    source = status["sources"]["paper"]
    assert source["state"] == "ok"
    assert source["failures"] == len(ANSWERS)
    assert source["last_error"] == "kraken did not answer in time"
    assert {reason for _, reason in LIES} <= set(source["refused"])
    assert status["rules"]["bnb-lost"]["level"] == 637.0
    prices = {price for (price,) in world.query("SELECT price FROM ticks")}
    assert prices == {650.0, 350.0, 0.23, 636.5}
    assert world.told() == ["BNB/USD fell below 637.00 — 636.50"]
    assert world.told_operator() == []


async def test_a_venue_that_asks_to_slow_down_is_left_alone_so_long(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    world.exchange.faults.inject(
        Injection(fault=Fault.STATUS, status=429, retry_after="1")
    )

    await until(lambda: world.exchange.faults.struck, "nobody asks")
    struck_at = time.monotonic()
    await world.polled()
    left_alone = time.monotonic() - struck_at
    line = await daemon.log_line("action=poll_failed")
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await daemon.stop() == 0

    assert left_alone >= 1
    assert "kraken asks us to slow down for 1 s (HTTP 429)" in line
    assert "reason=rate_limited" in line
    assert world.fact()["sources"]["paper"]["failures"] == 1


async def test_a_venue_that_refuses_us_is_told_and_asked_again_after_a_reload(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    await world.warm()
    refusal = Injection(fault=Fault.STATUS, status=403, times=None)
    world.exchange.faults.inject(refusal)

    told = await world.operator_told("levelwatch: paper refuses us")
    await daemon.log_line("action=poll_failed", "reason=blocked")
    world.exchange.faults.clear()
    daemon.send(signal.SIGHUP)
    await world.polled(2)
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await daemon.stop() == 0

    # Polls, and perhaps a request for history among them.
    assert re.search(r"kraken answered 403 \d times in a row", told)


async def test_a_venue_that_is_down_at_the_start_is_waited_for(world: World) -> None:
    world.configure(BNB_LOST)
    world.exchange.faults.inject(
        Injection(fault=Fault.STATUS, status=503, path="Assets")
    )

    daemon = await world.watch()
    await daemon.log_line("action=source_back")
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await daemon.stop() == 0


async def test_silence_of_a_venue_is_told_and_so_is_its_return(world: World) -> None:
    world.configure(BNB_LOST)
    quick = '[instruments."BNB/USD"]\n'
    text = world.config.read_text().replace(quick, quick + 'stale_after = "1s"\n')
    world.config.write_text(text)
    daemon = await world.watch()

    # One instrument only: the polls as such are fine.
    world.exchange.faults.inject(
        Injection(fault=Fault.NAN, instrument="BNB/USD", times=None)
    )
    told = await world.operator_told("levelwatch: paper gives no fresh prices")
    world.exchange.faults.clear()
    await world.operator_told("levelwatch: paper gives fresh prices again")
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await daemon.stop() == 0

    assert "BNB/USD" in told
    assert "XMR/USD" not in told


async def test_a_rule_for_what_the_venue_lacks_is_broken_and_the_others_run(
    world: World,
) -> None:
    lacking = '[instruments."ADA/USD"]\nsources = ["paper"]\n'
    rule = BNB_LOST.replace("bnb-lost", "ada-lost").replace("BNB", "ADA")
    world.configure(BNB_LOST, lacking, rule)
    daemon = await world.watch()

    told = await world.operator_told("levelwatch: rule ada-lost cannot be watched")
    # A poll that fails must not be blamed for the price that never comes.
    await strike(world, Injection(fault=Fault.HTML))
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await daemon.stop() == 0

    assert "ADA/USD" in told
    rules = (await world.status())["rules"]
    assert rules["ada-lost"]["state"] == "broken"
    assert rules["bnb-lost"]["state"] != "broken"
    assert world.told_operator() == [told]
    assert [r.json["rule"] for r in world.hook.received] == ["bnb-lost"]


async def strike(world: World, injection: Injection) -> None:
    """Let one fault strike, and wait for the good answer after it."""
    struck = world.exchange.faults.struck
    world.exchange.faults.inject(injection)
    await until(lambda: world.exchange.faults.struck > struck, "nobody asks")
    await world.polled(2)
