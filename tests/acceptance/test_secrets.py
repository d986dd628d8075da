"""No secret leaves the process but to where it belongs."""

import signal

import pytest

from daemon.paper.faults import Fault, Injection
from tests.acceptance import canaries
from tests.acceptance.world import BNB_LOST, World
from tests.doubles import telegram, webhook


@pytest.mark.parametrize(
    "leak",
    [
        f"POST /bot{canaries.TOKEN}/sendMessage",
        "CANARY%20p%40ss%2Fw%2Brd%3D%221%22",
        "AUTH PLAIN AHdhdGNoAENBTkFSWSBwQHNzL3crcmQ9IjEi",
        f"chat_id={canaries.CHAT}",
        f"http://127.0.0.1:9/{canaries.PING_KEY}",
    ],
)
def test_the_search_finds_a_secret_however_it_is_spelt(leak: str) -> None:
    assert canaries.find_secrets({"log": leak.encode()}) != []


async def test_no_secret_is_written_whatever_goes_wrong(world: World) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    # Every channel refuses, breaks off and lies; the venue too.
    await world.mail.stop()
    world.hook.outage = webhook.Fault(status=302, headers={"Location": world.hook.url})
    world.exchange.faults.inject(Injection(fault=Fault.HTML))
    world.phone.token = "1:another"
    await fall(world)
    await daemon.log_line("action=send_failed", "receiver=phone", "401")
    world.phone.token = canaries.TOKEN
    world.phone.faults.append(telegram.CANNOT_PARSE)
    await fall(world)
    await daemon.log_line("action=sent", "receiver=phone")
    world.phone.faults.append(telegram.HUNG_UP)
    await fall(world)
    await daemon.log_line("action=send_failed", "receiver=phone", "did not answer")
    for name in ("mail", "hook"):
        await daemon.log_line("action=send_failed", f"receiver={name}")
    await daemon.log_line("action=ping_failed")
    daemon.send(signal.SIGHUP)
    await world.manager.hear("READY=1", times=2)
    world.config.write_text(world.config.read_text().replace("secret:PING", "secret:X"))
    daemon.send(signal.SIGHUP)
    await daemon.log_line("action=reload_refused")
    status = await world.status()
    await daemon.kill()

    assert status["outbox"]["phone"]["dead"] == 1
    written = {path.name for path in world.folder.iterdir()}
    expected = {"levelwatch.db", "levelwatch.db-wal", "run-0.err", "status-1.out"}
    assert expected <= written
    assert world.faults_found() == []
    # Not for lack of a log: DEBUG it was, and there were failures.
    assert len(daemon.logged("action=send_failed")) >= 4


async def fall(world: World) -> None:
    await world.show("BNB/USD", 640)
    await world.show("BNB/USD", 636)
