"""One message, one receiver: in order, at least once, never by two at a time."""

import pytest

from alerts.notification import Notification, Receipt
from storage.backlog import Backlog, backlog, dead, revive
from storage.database import Database
from storage.outbox import (
    claim,
    enqueue,
    mark_failed,
    mark_sent,
    next_due,
    release_leases,
)
from tests.storage.samples import T0, message

SECOND = 1_000


def queue(database: Database, *event_ids: str, receiver: str = "phone") -> None:
    with database.transaction() as connection:
        enqueue(connection, [(receiver, message(one)) for one in event_ids], at=T0)


def take(
    database: Database, now: int, lease: int = 30 * SECOND, receiver: str = "phone"
) -> Notification | None:
    with database.transaction() as connection:
        return claim(connection, receiver, now, now + lease)


def sent(database: Database, taken: Notification, now: int) -> bool:
    with database.transaction() as connection:
        receipt = Receipt(reference="17")
        return mark_sent(connection, taken.id, now, receipt, attempt=taken.attempt)


def failed(
    database: Database,
    taken: Notification,
    now: int,
    next_at: int | None,
    *,
    in_doubt: bool = False,
) -> bool:
    with database.transaction() as connection:
        return mark_failed(
            connection,
            taken.id,
            now,
            "503 Service Unavailable",
            next_at,
            attempt=taken.attempt,
            in_doubt=in_doubt,
        )


def attempts_of(database: Database) -> list[tuple[object, ...]]:
    with database.transaction() as connection:
        rows = connection.exec_driver_sql(
            "SELECT number, started_at, ended_at, outcome, error FROM attempts "
            "ORDER BY notification, number"
        )
        return [tuple(row) for row in rows]


def test_messages_leave_in_the_order_in_which_they_were_queued(
    database: Database,
) -> None:
    queue(database, "e1", "e2", "e3")
    left = []
    while (taken := take(database, T0)) is not None:
        left.append(taken.message.event_id)
        assert sent(database, taken, T0)

    assert left == ["e1", "e2", "e3"]


def test_while_the_head_is_leased_the_next_one_waits(database: Database) -> None:
    queue(database, "e1", "e2")
    assert take(database, T0) is not None

    assert take(database, T0 + 29 * SECOND) is None


def test_while_the_head_waits_for_its_retry_the_next_one_waits(
    database: Database,
) -> None:
    queue(database, "e1", "e2")
    first = take(database, T0)
    assert first is not None
    failed(database, first, T0 + SECOND, next_at=T0 + 60 * SECOND)

    assert take(database, T0 + 60 * SECOND - 1) is None
    again = take(database, T0 + 60 * SECOND)
    assert again is not None
    assert (again.message.event_id, again.attempt, again.in_doubt) == ("e1", 2, False)


def test_one_receiver_in_trouble_does_not_hold_up_another(database: Database) -> None:
    queue(database, "e1", receiver="phone")
    queue(database, "e1", receiver="mail")
    phone = take(database, T0)
    assert phone is not None
    failed(database, phone, T0, next_at=T0 + 3_600 * SECOND)

    mail = take(database, T0 + 1, receiver="mail")
    assert mail is not None
    assert mail.message.event_id == "e1"


def test_the_same_event_is_queued_once_per_receiver(database: Database) -> None:
    queue(database, "e1")
    taken = take(database, T0)
    assert taken is not None
    sent(database, taken, T0)
    queue(database, "e1")

    assert take(database, T0 + SECOND) is None


def test_an_attempt_is_on_record_before_the_send(database: Database) -> None:
    queue(database, "e1")
    take(database, T0)

    assert attempts_of(database) == [(1, T0, None, "sending", None)]


def test_each_attempt_keeps_its_times_outcome_and_error(database: Database) -> None:
    queue(database, "e1")
    first = take(database, T0)
    assert first is not None
    failed(database, first, T0 + 5, next_at=T0 + 10)
    second = take(database, T0 + 10)
    assert second is not None
    sent(database, second, T0 + 15)

    assert attempts_of(database) == [
        (1, T0, T0 + 5, "failed", "503 Service Unavailable"),
        (2, T0 + 10, T0 + 15, "sent", None),
    ]


def test_a_lease_that_ran_out_is_taken_over_in_doubt(database: Database) -> None:
    queue(database, "e1")
    take(database, T0)
    second = take(database, T0 + 30 * SECOND)

    assert second is not None
    assert (second.attempt, second.in_doubt) == (2, True)
    assert attempts_of(database)[0] == (1, T0, None, "unknown", None)


def test_a_holder_that_slept_past_its_lease_cannot_mark(database: Database) -> None:
    queue(database, "e1")
    first = take(database, T0)
    second = take(database, T0 + 30 * SECOND)
    assert first is not None
    assert second is not None

    assert not sent(database, first, T0 + 31 * SECOND)
    assert not failed(database, first, T0 + 31 * SECOND, next_at=None)
    assert sent(database, second, T0 + 32 * SECOND)


def test_a_holder_past_its_lease_may_mark_while_nobody_took_over(
    database: Database,
) -> None:
    queue(database, "e1")
    first = take(database, T0)
    assert first is not None

    assert sent(database, first, T0 + 300 * SECOND)


def test_marking_twice_is_refused_the_second_time(database: Database) -> None:
    queue(database, "e1")
    taken = take(database, T0)
    assert taken is not None

    assert sent(database, taken, T0)
    assert not sent(database, taken, T0)


def test_after_a_restart_what_was_being_sent_is_in_doubt(database: Database) -> None:
    queue(database, "e1", "e2")
    first = take(database, T0)
    with database.transaction() as connection:
        released = release_leases(connection)
    again = take(database, T0 + 1)

    assert released == 1
    assert first is not None
    assert again is not None
    assert (again.id, again.attempt, again.in_doubt) == (first.id, 2, True)
    assert not sent(database, first, T0 + 2)


def test_doubt_stays_through_later_failures(database: Database) -> None:
    queue(database, "e1")
    first = take(database, T0)
    assert first is not None
    failed(database, first, T0, next_at=T0 + 1, in_doubt=True)
    second = take(database, T0 + 1)
    assert second is not None
    failed(database, second, T0 + 1, next_at=T0 + 2, in_doubt=False)
    third = take(database, T0 + 2)

    assert third is not None
    assert third.in_doubt


def test_a_dead_message_leaves_the_line_and_is_shown(database: Database) -> None:
    queue(database, "e1", "e2")
    first = take(database, T0)
    assert first is not None
    failed(database, first, T0 + 1, next_at=None)
    second = take(database, T0 + 2)
    with database.transaction() as connection:
        letters = dead(connection)

    assert second is not None
    assert second.message.event_id == "e2"
    assert [
        (one.notification.message.event_id, one.error, one.died_at) for one in letters
    ] == [("e1", "503 Service Unavailable", T0 + 1)]


def test_a_revived_message_goes_first_and_is_a_new_attempt(database: Database) -> None:
    queue(database, "e1", "e2")
    first = take(database, T0)
    assert first is not None
    failed(database, first, T0 + 1, next_at=None)
    with database.transaction() as connection:
        assert revive(connection, first.id)
        assert not revive(connection, first.id)
    again = take(database, T0 + 2)

    assert again is not None
    assert (again.message.event_id, again.attempt) == ("e1", 2)


def test_the_backlog_counts_what_waits_and_what_died(database: Database) -> None:
    queue(database, "e1", "e2", "e3")
    queue(database, "e1", receiver="mail")
    first = take(database, T0)
    assert first is not None
    failed(database, first, T0, next_at=None)
    mail = take(database, T0, receiver="mail")
    assert mail is not None
    sent(database, mail, T0)
    with database.transaction() as connection:
        found = backlog(connection)

    assert found == {
        "phone": Backlog(
            queued=2, dead=1, oldest_at=T0, last_error="503 Service Unavailable"
        )
    }


def test_next_due_is_the_heads_retry_or_the_end_of_its_lease(
    database: Database,
) -> None:
    queue(database, "e1", "e2", receiver="phone")
    queue(database, "e1", receiver="mail")
    queue(database, "e1", receiver="hook")
    phone = take(database, T0)
    assert phone is not None
    failed(database, phone, T0, next_at=T0 + 7 * SECOND)
    take(database, T0, receiver="mail")
    with database.transaction() as connection:
        due = next_due(connection)

    assert due == {"hook": 0, "mail": T0 + 30 * SECOND, "phone": T0 + 7 * SECOND}


@pytest.mark.parametrize(("age", "late_by"), [(60_000, 0), (60_001, 60_001)])
def test_a_message_is_late_from_a_minute_on(
    database: Database, age: int, late_by: int
) -> None:
    queue(database, "e1")
    taken = take(database, T0 + age)

    assert taken is not None
    assert taken.late_by == late_by


def test_looking_for_the_head_reads_the_partial_index(database: Database) -> None:
    with database.transaction() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM notifications "
            "WHERE receiver = ? AND status = 'queued' ORDER BY id LIMIT 1",
            ("phone",),
        ).fetchall()

    assert "ix_notifications_queue" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
