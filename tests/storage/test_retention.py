"""Old things go a few at a time; what is still needed stays."""

from pathlib import Path

from alerts.notification import Receipt
from alerts.reason import Reason
from alerts.step import Step
from storage.backlog import backlog
from storage.database import Database
from storage.journal import load_decisions
from storage.ledger import commit, load_triggers
from storage.outbox import claim, enqueue, mark_failed, mark_sent
from storage.retention import Horizon, forget
from storage.ticks import load_ticks
from tests.storage.samples import T0, decision, message, tick, trigger


def test_ticks_before_the_horizon_go_in_batches_oldest_first(
    database: Database,
) -> None:
    ticks = tuple(tick(T0 + n) for n in range(10))
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, ticks=ticks)], at=T0)
        first = forget(connection, Horizon(ticks=T0 + 6), batch=4)
        left = load_ticks(connection, "BNB/USD", 0, T0 + 99)
        second = forget(connection, Horizon(ticks=T0 + 6), batch=4)

        assert (first.ticks, first.more) == (4, True)
        assert left == ticks[4:]
        assert (second.ticks, second.more) == (2, False)
        assert load_ticks(connection, "BNB/USD", 0, T0 + 99) == ticks[6:]


def test_a_batch_is_counted_over_all_instruments(database: Database) -> None:
    ticks = tuple(
        tick(T0 + n, instrument=name) for name in ("A/B", "C/D") for n in range(3)
    )
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, ticks=ticks)], at=T0)
        removed = [
            forget(connection, Horizon(ticks=T0 + 9), batch=4).ticks for _ in range(3)
        ]

    assert removed == [4, 2, 0]


def test_the_last_decision_of_a_rule_is_in_force_and_stays(database: Database) -> None:
    old = (decision(T0, Reason.PENDING, "a"), decision(T0 + 1, Reason.FIRED, "b"))
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, decisions=old)], at=T0)
        removed = forget(connection, Horizon(decisions=T0 + 99)).decisions

        assert removed == 1
        assert load_decisions(connection, "bnb-lost") == (old[1],)


def test_attempts_go_only_when_the_fate_of_their_message_is_decided(
    database: Database,
) -> None:
    with database.transaction() as connection:
        for receiver in ("phone", "mail"):
            enqueue(connection, [(receiver, message())], at=T0)
            taken = claim(connection, receiver, T0, T0 + 30)
            assert taken is not None
            if receiver == "phone":
                mark_sent(connection, taken.id, T0 + 1, Receipt(), attempt=1)
            else:
                mark_failed(connection, taken.id, T0 + 1, "no", T0 + 9, attempt=1)
        removed = forget(connection, Horizon(attempts=T0 + 99)).attempts
        again = claim(connection, "mail", T0 + 9, T0 + 30)

    assert removed == 1
    assert again is not None
    assert again.attempt == 2


def test_triggers_and_what_is_undelivered_are_never_forgotten(
    database: Database,
) -> None:
    step = Step(at=T0, triggers=(trigger(),))
    with database.transaction() as connection:
        commit(connection, [step], [("phone", message())], at=T0)
        forgotten = forget(
            connection, Horizon(ticks=2**53, decisions=2**53, attempts=2**53)
        )

        assert not forgotten.more
        assert load_triggers(connection) == (trigger(),)
        assert backlog(connection)["phone"].queued == 1


def test_without_a_horizon_nothing_goes(database: Database) -> None:
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, ticks=(tick(),))], at=T0)

        assert forget(connection, Horizon()).ticks == 0


def test_after_forgetting_the_log_is_short_again(
    database: Database, path: Path
) -> None:
    for start in range(0, 20_000, 1_000):
        ticks = tuple(tick(T0 + start + n) for n in range(1_000))
        with database.transaction(durable=False) as connection:
            commit(connection, [Step(at=T0, ticks=ticks)], at=T0)
    more = True
    while more:
        with database.transaction(durable=False) as connection:
            more = forget(connection, Horizon(ticks=T0 + 20_000)).more
    database.checkpoint()

    assert path.with_name("levelwatch.db-wal").stat().st_size == 0
