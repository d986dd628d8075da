"""When the rules themselves fail: what others have to tell is told, nothing is lost."""

from pathlib import Path

import pytest

from alerts.engine import Engine
from alerts.step import Step
from daemon.errors import SupervisionError
from market.tick import Tick
from storage.ledger import load_cursors, load_triggers
from storage.outbox import next_due
from tests.daemon.rooms import BNB, RULES, XMR, furnished


class FailingEngine(Engine):
    """An engine with a mistake in the rules of one instrument.

    Attributes:
        fails_on: the instrument; "" for none.
    """

    fails_on = ""

    def observe(self, tick: Tick, detected_at: int | None = None) -> Step:
        step = super().observe(tick, detected_at)
        if tick.instrument == self.fails_on:
            raise ZeroDivisionError
        return step


async def test_other_instruments_are_told_when_the_rules_of_one_fail(
    tmp_path: Path,
) -> None:
    engine = FailingEngine({"BNB/USD": BNB, "XMR/USD": XMR}, RULES)
    async with furnished(tmp_path, engine) as room:
        await room.show(BNB=640.0, XMR=345.0)
        engine.fails_on = "BNB/USD"

        with pytest.raises(SupervisionError, match="the rules of BNB/USD failed"):
            await room.show(BNB=636.0, XMR=339.0)

        triggers = await room.store.run(load_triggers)
        assert [trigger.rule for trigger in triggers] == ["xmr-lost"]
        assert list(await room.store.run(next_due)) == ["phone"]


async def test_after_a_failure_nothing_newer_is_stored_of_rules_that_moved_on(
    tmp_path: Path,
) -> None:
    engine = FailingEngine({"BNB/USD": BNB, "XMR/USD": XMR}, RULES)
    async with furnished(tmp_path, engine) as room:
        await room.show(BNB=640.0)
        await room.pipeline.flush()
        engine.fails_on = "BNB/USD"
        with pytest.raises(SupervisionError):
            await room.show(BNB=636.0)
        engine.fails_on = ""

        with pytest.raises(SupervisionError):
            await room.show(BNB=635.0)
        with pytest.raises(SupervisionError):
            await room.pipeline.advance(10**15)
        with pytest.raises(SupervisionError):
            await room.pipeline.flush()

        # A restart finds the price before the fall, and sees the crossing again.
        assert (await room.store.run(load_cursors))["BNB/USD"].price == 640.0
        assert await room.store.run(load_triggers) == ()


async def test_a_message_that_cannot_be_composed_is_told_in_plain_words(
    tmp_path: Path,
) -> None:
    async with furnished(tmp_path) as room:
        await room.show(BNB=640.0)
        # No venue has so few decimals; format() refuses them.
        room.pipeline.decimals["BNB/USD"] = -1

        await room.show(BNB=636.0)

        (trigger,) = await room.store.run(load_triggers)
        (line,) = room.pipeline._delivery.lines.values()
        (notification,) = line.ready
        message = notification.message
        assert message.title == "BNB/USD cross down (bnb-lost) — 636.0"
        assert message.event_id == trigger.event_id
        assert message.body["price"] == 636.0
