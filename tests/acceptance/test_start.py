"""What refuses to start says why, in a line and an exit code."""

import re

from tests.acceptance.canaries import find_secrets
from tests.acceptance.world import BNB_LOST, World

DSN_PASSWORD = "CANARY-dsn-p@ss"
DSN = f"postgresql://lw:{DSN_PASSWORD}@127.0.0.1:9/levelwatch"


async def test_a_second_daemon_on_one_database_is_refused(world: World) -> None:
    world.configure(BNB_LOST)
    first = await world.watch()

    second = await world.launch()
    assert await second.wait() == 3
    await world.show("BNB/USD", 636.5)
    await world.hook.wait_for(1)
    assert await first.stop() == 0

    said = second.log.read_text()
    assert f"is in use by process {first.pid}: stop that one first" in said
    assert "Traceback" not in said


async def test_a_bad_configuration_is_refused_with_file_and_line(world: World) -> None:
    world.configure(BNB_LOST.replace('"cross"', '"corss"'))
    world.database.unlink()

    daemon = await world.launch()
    assert await daemon.wait() == 1

    said = daemon.log.read_text()
    assert re.search(
        r'levelwatch\.toml:\d+: rules\[0\]\.when\.kind: "corss" .* mean "cross"', said
    )
    assert not world.database.exists()


async def test_a_database_out_of_reach_is_told_without_its_password(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    text = world.config.read_text()
    (world.folder / "credentials" / "DSN").write_text(DSN)
    world.config.write_text(text.replace("sqlite:///levelwatch.db", "secret:DSN"))

    daemon = await world.launch()
    assert await daemon.wait() == 3

    said = daemon.log.read_bytes() + daemon.screen.read_bytes()
    assert find_secrets({"output": said}, {"dsn": DSN_PASSWORD}) == []
