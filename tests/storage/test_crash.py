"""Killed at any statement: the transaction is whole or it never was."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import Database, open_database
from storage.ledger import load_cursors, load_states, load_triggers
from storage.outbox import claim, next_due, release_leases
from storage.ticks import load_ticks
from tests.storage.samples import T0

# Commits one quiet step, then dies before the n-th statement of a firing one. Twelve
# follow BEGIN, the last of them is COMMIT.
CHILD = """
import os, signal, sys
from dataclasses import replace
from alerts.step import Step
from storage.database import open_database
from storage.ledger import commit
from tests.storage.samples import T0, cursor, decision, message, state, tick, trigger

database = open_database(sys.argv[1])
with database.transaction(durable=False) as connection:
    commit(connection, [Step(at=T0, ticks=(tick(),), cursor=cursor())], at=T0)
left = int(sys.argv[2])

def die(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

with database.transaction() as connection:
    connection.connection.dbapi_connection.set_trace_callback(die)
    commit(
        connection,
        [Step(
            at=T0 + 1,
            ticks=(tick(T0 + 1),),
            states={"bnb-lost": state([1], fired=1)},
            triggers=(trigger(at=T0 + 1),),
            decisions=(decision(T0 + 1),),
            cursor=cursor(T0 + 1),
        )],
        [("phone", message(at=T0 + 1))],
        at=T0 + 1,
        lease_until=T0 + 30_000,
    )
os.kill(os.getpid(), signal.SIGKILL)
"""


def crash(url: str, statement: int) -> None:
    command = [sys.executable, "-c", CHILD, url, str(statement)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, check=False, cwd=root)
    assert done.returncode == -9


def contents(database: Database) -> tuple[int, int, int, int, list[str]]:
    with database.transaction() as connection:
        return (
            len(load_ticks(connection, "BNB/USD", 0, T0 + 9)),
            load_cursors(connection)["BNB/USD"].at - T0,
            len(load_states(connection)),
            len(load_triggers(connection)),
            list(next_due(connection)),
        )


@pytest.mark.parametrize("statement", [1, 2, 4, 6, 8, 10, 11])
def test_a_kill_between_statements_leaves_only_what_was_before(
    url: str, statement: int
) -> None:
    crash(url, statement)
    database = open_database(url)

    assert contents(database) == (1, 0, 0, 0, [])
    database.close()


def test_a_kill_after_the_commit_leaves_all_of_it_with_the_send_in_doubt(
    url: str,
) -> None:
    crash(url, 12)
    database = open_database(url)

    assert contents(database) == (2, 1, 1, 1, ["phone"])
    with database.transaction() as connection:
        assert release_leases(connection) == 1
        again = claim(connection, "phone", T0 + 2_000, T0 + 32_000)
    assert again is not None
    assert (again.attempt, again.in_doubt) == (2, True)
    database.close()
