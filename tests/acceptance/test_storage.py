"""The database taken away, or held by somebody else, while the daemon runs."""

import sqlite3
from contextlib import closing

from tests.acceptance.world import BNB_LOST, World


async def test_a_database_that_was_removed_is_told_and_alerts_still_go_out(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()

    world.database.unlink()
    told = await world.operator_told("levelwatch: the database is in trouble")
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await daemon.stop() == 0

    assert "levelwatch.db was removed while in use" in told


async def test_what_cannot_be_stored_yet_is_told_as_soon_as_it_is(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()

    with closing(sqlite3.connect(world.database, isolation_level=None)) as thief:
        thief.execute("BEGIN IMMEDIATE")
        await world.show("BNB/USD", 636.5)
        await daemon.log_line("action=trigger")
        assert world.hook.received == []
        thief.execute("ROLLBACK")
    await world.hook.wait_for(1)
    await world.phone.wait_for(1)
    await world.mail.wait_for(1)
    assert await daemon.stop() == 0

    assert world.told() == ["BNB/USD fell below 637.00 — 636.50"]
