"""What becomes of messages that nobody took."""

from zoneinfo import ZoneInfo

from alerts.errors import ReceiverBroken, SendRejected
from alerts.matter import Matter
from alerts.message import compose_operator
from alerts.notification import Message, Notification
from daemon.alarms import Alarms

AT = 1_747_612_800_000


def alert(title: str) -> Notification:
    message = Message(
        event_id=title,
        title=title,
        lines=(),
        at=AT,
        local_time="",
        thread="bnb-lost",
        body={"rule": "bnb-lost"},
    )
    return Notification(id=1, receiver="phone", message=message)


def to_operator(matter: Matter, subject: str) -> Notification:
    message = compose_operator(
        matter, subject=subject, detail="", at=AT, zone=ZoneInfo("UTC")
    )
    return Notification(id=1, receiver="mail", message=message)


def test_a_dead_alert_is_told_with_its_title_and_not_through_its_receiver() -> None:
    alarms = Alarms()

    alarms.give_up("phone", alert("BNB/USD fell"), ReceiverBroken("blocked"))

    (alarm,) = alarms.take()
    assert (alarm.matter, alarm.subject) == (Matter.RECEIVER_BROKEN, "phone")
    assert alarm.detail == "blocked; not delivered: BNB/USD fell"
    assert alarm.broken == "phone"
    assert alarms.take() == []


def test_alerts_that_die_together_are_told_together_with_all_titles() -> None:
    alarms = Alarms()

    alarms.give_up("phone", alert("first"), ReceiverBroken("blocked"))
    alarms.give_up("hook", alert("first"), SendRejected("answered 400"))
    alarms.give_up("phone", alert("second"), ReceiverBroken("blocked"))

    assert [alarm.detail for alarm in alarms.take()] == [
        "blocked; not delivered: first; second",
        "answered 400; not delivered: first",
    ]


def test_an_operators_message_that_dies_is_told_elsewhere() -> None:
    alarms = Alarms()
    stale = to_operator(Matter.SOURCE_STALE, "kraken")

    alarms.give_up("mail", stale, ReceiverBroken("blocked"))

    (alarm,) = alarms.take()
    assert alarm.detail == (
        "blocked; not delivered: levelwatch: kraken gives no fresh prices"
    )


def test_two_receivers_that_refuse_everything_do_not_report_each_other() -> None:
    alarms = Alarms()

    for matter in (Matter.RECEIVER_BROKEN, Matter.NOTIFICATION_DEAD):
        dead = to_operator(matter, "phone")
        alarms.give_up("mail", dead, SendRejected("answered 400"))

    assert alarms.take() == []


def test_a_receiver_that_works_again_is_told_every_time() -> None:
    alarms = Alarms()

    alarms.recover("phone")
    alarms.recover("phone")

    told = [(alarm.matter, alarm.subject, alarm.again) for alarm in alarms.take()]
    assert told == [(Matter.RECEIVER_BACK, "phone", True)] * 2
