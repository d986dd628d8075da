"""`why` is a query: what was decided, newest first, and what held at an instant."""

from alerts.reason import Reason
from storage.database import Database
from storage.journal import last_decision, load_decisions, save_decisions
from tests.storage.samples import T0, decision

PENDING = decision(T0, Reason.PENDING, "holds since 01:00, needs 30m")
FIRED = decision(T0 + 10, Reason.FIRED, "e1")
DISARMED = decision(T0 + 10, Reason.DISARMED, "needs 638.6")


def test_decisions_come_newest_first(database: Database) -> None:
    with database.transaction() as connection:
        save_decisions(connection, [PENDING, FIRED, DISARMED])

        assert load_decisions(connection, "bnb-lost") == (DISARMED, FIRED, PENDING)
        assert load_decisions(connection, "bnb-lost", limit=1) == (DISARMED,)
        assert load_decisions(connection, "other") == ()


def test_decisions_up_to_an_instant_include_that_instant(database: Database) -> None:
    with database.transaction() as connection:
        save_decisions(connection, [PENDING, FIRED])

        assert load_decisions(connection, "bnb-lost", until=T0 + 9) == (PENDING,)
        assert len(load_decisions(connection, "bnb-lost", until=T0 + 10)) == 2


def test_the_decision_in_force_is_the_last_one_at_or_before(
    database: Database,
) -> None:
    with database.transaction() as connection:
        save_decisions(connection, [PENDING, FIRED, DISARMED])

        assert last_decision(connection, "bnb-lost", T0 - 1) is None
        assert last_decision(connection, "bnb-lost", T0 + 9) == PENDING
        assert last_decision(connection, "bnb-lost", T0 + 10) == DISARMED


def test_the_same_decision_again_is_not_kept_twice(database: Database) -> None:
    with database.transaction() as connection:
        save_decisions(connection, [FIRED])
        save_decisions(connection, [FIRED, DISARMED])

        assert load_decisions(connection, "bnb-lost") == (DISARMED, FIRED)
