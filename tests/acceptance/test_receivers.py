"""Receivers in trouble: waited for, given up, told to the operator."""

from tests.acceptance.world import BNB_LOST, World, title
from tests.doubles import telegram, webhook

FIRST = "BNB/USD fell below 637.00 — 636.50"
SECOND = "BNB/USD fell below 637.00 — 636.00"


async def fall_twice(world: World) -> None:
    await world.show("BNB/USD", 636.5)
    await world.show("BNB/USD", 640)
    await world.show("BNB/USD", 636)


async def test_telegram_is_waited_for_as_long_as_it_asks_and_nobody_else_is(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    world.phone.faults.append(telegram.too_many_requests(retry_after=1))

    await fall_twice(world)
    await world.mail.wait_for(2)
    await world.hook.wait_for(2)
    await world.phone.wait_for(2)
    assert await daemon.stop() == 0

    texts = [message.text for message in world.phone.messages]
    assert [text.splitlines()[0] for text in texts] == [FIRST, SECOND]
    assert not any("LATE" in text or "repeat" in text for text in texts)
    assert len(world.phone.requests) == 3
    ((refused_at, asked_again_at),) = world.query(
        "SELECT first.ended_at, second.started_at"
        " FROM attempts first JOIN attempts second USING (notification)"
        " WHERE first.number = 1 AND second.number = 2"
    )
    assert asked_again_at - refused_at >= 1000


async def test_a_blocked_bot_is_told_by_mail_with_every_title_it_cost(
    world: World,
) -> None:
    world.configure(BNB_LOST.replace("[[rules]]", '[[rules]]\nto = ["phone"]'))
    daemon = await world.watch()
    world.phone.outage = telegram.BLOCKED

    await world.show("BNB/USD", 636.5)
    first = await world.operator_told(FIRST)
    await world.show("BNB/USD", 640)
    await world.show("BNB/USD", 636)
    second = await world.operator_told(SECOND)
    world.phone.outage = None
    await world.show("BNB/USD", 640)
    await world.show("BNB/USD", 635)
    await world.phone.wait_for(1)
    back = await world.operator_told("receiver phone takes messages again")
    assert await daemon.stop() == 0

    assert "receiver phone takes no messages" in first
    assert "Telegram answered 403 (Forbidden: bot was blocked by the user)" in first
    assert f"not delivered: {FIRST}" in first
    assert f"not delivered: {SECOND}" in second
    assert world.told_operator() == [first, second, back]
    assert world.fact()["receivers"]["phone"]["state"] == "ok"
    assert [m.text.splitlines()[0] for m in world.phone.messages] == [
        "BNB/USD fell below 637.00 — 635.00"
    ]


async def test_mail_is_queued_while_the_server_is_down_and_comes_in_order(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    await world.mail.stop()

    await fall_twice(world)
    await world.hook.wait_for(2)
    await world.phone.wait_for(2)
    await daemon.log_line("action=send_failed", "receiver=mail", "reason=again")
    await world.mail.start()
    mails = await world.mail.wait_for(2)
    assert await daemon.stop() == 0

    assert [title(mail) for mail in mails] == [FIRST, SECOND]
    assert not any("LATE" in mail.plain for mail in mails)
    assert len(mails) == 2


async def test_a_message_that_is_refused_for_good_does_not_hold_up_the_next(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    world.hook.faults.append(webhook.Fault(status=400))

    await fall_twice(world)
    await world.hook.wait_for(1)
    told = await world.operator_told("a message to hook could not be delivered")
    assert await daemon.stop() == 0

    assert f"not delivered: {FIRST}" in told
    assert world.hook.received[0].json["price"] == 636.0
    assert world.told() == [FIRST, SECOND]


async def test_when_the_operators_own_receiver_is_broken_another_one_is_told(
    world: World,
) -> None:
    world.configure(BNB_LOST)
    daemon = await world.watch()
    world.mail.outage = "550 5.7.1 go away"

    await world.show("BNB/USD", 636.5)
    messages = await world.phone.wait_for(2)
    # Two beats more: nobody reports that the report was refused.
    await world.polled(20)
    assert await daemon.stop() == 0

    assert messages[1].text.startswith("❗ levelwatch: receiver mail takes no messages")
    assert f"not delivered: {FIRST}" in messages[1].text
    assert len(world.phone.messages) == 2
    assert world.fact()["receivers"]["mail"]["state"] == "broken"
