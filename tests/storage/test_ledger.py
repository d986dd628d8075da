"""One transaction carries everything that one observation changed."""

from dataclasses import replace

import pytest

from alerts.notification import Receipt
from alerts.reason import Reason
from alerts.step import RuleState, Step
from market.timeframe import MINUTE_BAR
from storage.backlog import backlog
from storage.bars import load_bars
from storage.database import Database
from storage.journal import load_decisions
from storage.ledger import commit, load_cursors, load_states, load_triggers
from storage.outbox import claim, mark_sent, next_due
from storage.ticks import load_ticks
from tests.storage.samples import (
    T0,
    bar,
    cursor,
    decision,
    message,
    state,
    tick,
    trigger,
)

FIRING = Step(
    at=T0,
    ticks=(tick(),),
    bars=(bar(),),
    states={"bnb-lost": state({"side": -1, "since": [T0, None]}, fired=1)},
    triggers=(trigger(),),
    decisions=(decision(),),
    cursor=cursor(),
)


def test_everything_that_a_step_changed_is_there_after_a_restart(
    database: Database,
) -> None:
    with database.transaction() as connection:
        commit(connection, [FIRING], [("phone", message())], at=T0)
    database.close()

    with database.transaction() as connection:
        assert load_ticks(connection, "BNB/USD", T0, T0 + 1) == (tick(),)
        assert load_bars(connection, "BNB/USD", MINUTE_BAR, 10) == (bar(),)
        assert load_states(connection) == {
            "bnb-lost": state({"side": -1, "since": [T0, None]}, fired=1)
        }
        assert load_triggers(connection) == (trigger(),)
        assert load_decisions(connection, "bnb-lost") == (decision(),)
        assert load_cursors(connection) == {"BNB/USD": cursor()}
        assert next_due(connection) == {"phone": 0}


def test_committing_a_step_again_changes_nothing(database: Database) -> None:
    for _ in range(2):
        with database.transaction() as connection:
            commit(connection, [FIRING], [("phone", message())], at=T0)

    with database.transaction() as connection:
        assert len(load_ticks(connection, "BNB/USD", 0, T0 + 1)) == 1
        assert len(load_triggers(connection)) == 1
        assert len(load_decisions(connection, "bnb-lost")) == 1
        assert backlog(connection)["phone"].queued == 1


def test_an_error_in_the_block_leaves_nothing_of_the_step(database: Database) -> None:
    def fail_after_commit() -> None:
        with database.transaction() as connection:
            commit(connection, [FIRING], [("phone", message())], at=T0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_commit()

    with database.transaction() as connection:
        assert load_ticks(connection, "BNB/USD", 0, T0 + 1) == ()
        assert load_states(connection) == {}
        assert load_triggers(connection) == ()
        assert next_due(connection) == {}


def test_names_taken_back_by_a_rollback_are_given_again(database: Database) -> None:
    def fail_after_commit() -> None:
        with database.transaction() as connection:
            commit(connection, [Step(at=T0, ticks=(tick(instrument="A/B"),))], at=T0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_commit()
    with database.transaction() as connection:
        steps = [Step(at=T0, ticks=(tick(), tick(instrument="A/B")))]
        commit(connection, steps, at=T0)

        assert load_ticks(connection, "BNB/USD", 0, T0 + 1) == (tick(),)
        assert load_ticks(connection, "A/B", 0, T0 + 1) == (tick(instrument="A/B"),)


def test_of_several_steps_the_last_state_and_cursor_count(database: Database) -> None:
    steps = [
        Step(at=T0 + n, states={"bnb-lost": state([n])}, cursor=cursor(T0 + n))
        for n in range(3)
    ]
    with database.transaction(durable=False) as connection:
        commit(connection, steps, at=T0)

        assert load_states(connection) == {"bnb-lost": state([2])}
        assert load_cursors(connection) == {"BNB/USD": cursor(T0 + 2)}


@pytest.mark.parametrize(
    "machine",
    [
        None,
        [],
        {"armed": True, "extreme": 0.1 + 0.2, "since": 1_747_443_600_123},
        [[1, 2.5, None], [False, "up", 5e-324], 1.7976931348623157e308, 2**63],
        "ε · level",
    ],
)
def test_the_state_of_a_machine_comes_back_equal(
    database: Database, machine: object
) -> None:
    remembered = RuleState(
        rule="r", revision="abc", machine=machine, fired=3, sent_at=T0, done=True
    )
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, states={"r": remembered})], at=T0)

        assert load_states(connection) == {"r": remembered}


def test_triggers_come_newest_first_and_by_rule(database: Database) -> None:
    firings = (
        trigger("e1", T0),
        trigger("e2", T0 + 5, rule="other"),
        trigger("e3", T0 + 5),
        trigger("e4", T0 - 60_000),  # told late: it happened before the others
    )
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, triggers=firings)], at=T0)

        everything = [one.event_id for one in load_triggers(connection)]
        of_one = [one.event_id for one in load_triggers(connection, "bnb-lost", 2)]

    assert everything == ["e3", "e2", "e1", "e4"]
    assert of_one == ["e3", "e1"]


def test_a_trigger_comes_back_with_every_field(database: Database) -> None:
    full = replace(
        trigger(),
        direction=None,
        reference=640.25,
        reference_at=T0 - 5,
        cause="level",
        gap=True,
        initial=True,
        late_by=90_000,
        approximate=True,
        window=(T0 - 60_000, T0),
        suppressed=Reason.COOLDOWN,
        change_1h=-0.0125,
        change_24h=0.03,
    )
    with database.transaction() as connection:
        commit(connection, [Step(at=T0, triggers=(full,))], at=T0)

        assert load_triggers(connection) == (full,)


def test_a_fresh_message_at_the_head_of_the_line_is_born_leased(
    database: Database,
) -> None:
    with database.transaction() as connection:
        told = commit(
            connection,
            [FIRING],
            [("phone", message()), ("mail", message())],
            at=T0 + 200,
            lease_until=T0 + 30_200,
        )
    with database.transaction() as connection:
        taken = claim(connection, "phone", T0 + 300, T0 + 60_000)
        due = next_due(connection)

    assert [(one.receiver, one.attempt, one.late_by) for one in told] == [
        ("phone", 1, 0),
        ("mail", 1, 0),
    ]
    assert [one.message for one in told] == [message(), message()]
    assert taken is None
    assert due == {"mail": T0 + 30_200, "phone": T0 + 30_200}


def test_a_fresh_message_behind_an_older_one_waits_its_turn(database: Database) -> None:
    with database.transaction() as connection:
        commit(connection, [], [("phone", message("e1"))], at=T0)
    with database.transaction() as connection:
        told = commit(
            connection,
            [],
            [("phone", message("e2")), ("mail", message("e2"))],
            at=T0 + 1,
            lease_until=T0 + 30_000,
        )

    assert [(one.receiver, one.message.event_id) for one in told] == [("mail", "e2")]


def test_of_two_fresh_messages_to_one_receiver_only_the_first_is_leased(
    database: Database,
) -> None:
    pair = [("phone", message("e1")), ("phone", message("e2"))]
    with database.transaction() as connection:
        told = commit(connection, [], pair, at=T0, lease_until=T0 + 30_000)
        assert [one.message.event_id for one in told] == ["e1"]
        assert mark_sent(connection, told[0].id, T0 + 1, Receipt(), attempt=1)
        second = claim(connection, "phone", T0 + 2, T0 + 30_000)

    assert second is not None
    assert second.message.event_id == "e2"


def test_a_message_much_later_than_its_event_says_by_how_much(
    database: Database,
) -> None:
    with database.transaction() as connection:
        told = commit(
            connection,
            [],
            [("phone", message(at=T0))],
            at=T0 + 3_600_000,
            lease_until=T0 + 3_630_000,
        )

    assert told[0].late_by == 3_600_000
