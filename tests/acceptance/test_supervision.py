"""A daemon that is broken inside ends, so that the service manager starts it anew."""

from tests.acceptance.world import BNB_LOST, World


async def test_a_beat_that_keeps_failing_ends_the_process_and_is_told_once(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    world.has_story = True

    daemon = await world.launch("run", module="tests.acceptance.failing_beat")
    code = await daemon.wait()

    assert code == 3
    log = daemon.log.read_text()
    assert log.count("ZeroDivisionError: by order of the test") == 1
    assert "the beat failed 5 times in a row" in log.splitlines()[-1]
