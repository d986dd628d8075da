"""The outbox against a hand-written one in memory, over any order of events."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from alerts.notification import Notification, Receipt
from storage.backlog import backlog, revive
from storage.database import Database, open_database
from storage.outbox import (
    claim,
    enqueue,
    mark_failed,
    mark_sent,
    next_due,
    release_leases,
)
from tests.storage.samples import T0, message

RECEIVERS = ("phone", "mail")
LEASE = 30


@dataclass
class Item:
    """What the oracle knows of one notification."""

    event_id: str
    receiver: str
    status: str = "queued"
    attempts: int = 0
    not_before: int = 0
    lease_until: int | None = None
    in_doubt: bool = False


class OutboxMachine(RuleBasedStateMachine):
    """Ids are the positions in `items`, from 1: the order of queueing."""

    taken: Bundle[Notification] = Bundle("taken")

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Item] = []
        self.now = T0
        self.delivered: list[tuple[str, str]] = []
        self.folder = TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'levelwatch.db'}"
        self.database: Database

    @initialize()
    def open(self) -> None:
        self.database = open_database(self.url)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
        self.folder.cleanup()

    def head(self, receiver: str) -> Item | None:
        waiting = (
            item
            for item in self.items
            if item.receiver == receiver and item.status == "queued"
        )
        return next(waiting, None)

    @rule(
        events=st.lists(st.integers(1, 6), max_size=3),
        receiver=st.sampled_from(RECEIVERS),
    )
    def queue(self, events: list[int], receiver: str) -> None:
        pairs = [(receiver, message(f"e{event}")) for event in events]
        with self.database.transaction(durable=False) as connection:
            enqueue(connection, pairs, at=self.now)
        for _, one in pairs:
            known = [(item.event_id, item.receiver) for item in self.items]
            if (one.event_id, receiver) not in known:
                self.items.append(Item(one.event_id, receiver))

    @rule(passed=st.sampled_from([1, LEASE - 1, LEASE, 200]))
    def wait(self, passed: int) -> None:
        self.now += passed

    @rule(target=taken, receiver=st.sampled_from(RECEIVERS))
    def take(self, receiver: str) -> Notification | MultipleResults[Notification]:
        until = self.now + LEASE
        with self.database.transaction(durable=False) as connection:
            found = claim(connection, receiver, self.now, until)
        item = self.head(receiver)
        if (
            item is None
            or item.not_before > self.now
            or (item.lease_until is not None and item.lease_until > self.now)
        ):
            assert found is None
            return multiple()
        item.in_doubt = item.in_doubt or item.lease_until is not None
        item.attempts += 1
        item.lease_until = until
        assert found is not None
        assert self.items[found.id - 1] is item
        assert found.message.event_id == item.event_id
        assert (found.attempt, found.in_doubt) == (item.attempts, item.in_doubt)
        return found

    def holds(self, held: Notification) -> bool:
        item = self.items[held.id - 1]
        return (
            item.status == "queued"
            and item.lease_until is not None
            and item.attempts == held.attempt
        )

    @rule(held=taken)
    def sent(self, held: Notification) -> None:
        with self.database.transaction(durable=False) as connection:
            marked = mark_sent(
                connection, held.id, self.now, Receipt(), attempt=held.attempt
            )
        assert marked == self.holds(held)
        if marked:
            item = self.items[held.id - 1]
            item.status, item.lease_until = "sent", None

    @rule(
        held=taken,
        delay=st.none() | st.sampled_from([0, 5, 100]),
        in_doubt=st.booleans(),
    )
    def failed(self, held: Notification, delay: int | None, *, in_doubt: bool) -> None:
        next_at = None if delay is None else self.now + delay
        with self.database.transaction(durable=False) as connection:
            marked = mark_failed(
                connection,
                held.id,
                self.now,
                "refused",
                next_at,
                attempt=held.attempt,
                in_doubt=in_doubt,
            )
        assert marked == self.holds(held)
        if marked:
            item = self.items[held.id - 1]
            item.status = "dead" if next_at is None else "queued"
            item.not_before, item.lease_until = next_at or 0, None
            item.in_doubt = item.in_doubt or in_doubt

    @rule()
    def restart(self) -> None:
        self.database.close()
        self.database = open_database(self.url)
        with self.database.transaction(durable=False) as connection:
            released = release_leases(connection)
        leased = [item for item in self.items if item.lease_until is not None]
        assert released == len(leased)
        for item in leased:
            item.lease_until, item.in_doubt = None, True

    @rule(number=st.integers(1, 8))
    def revive(self, number: int) -> None:
        with self.database.transaction(durable=False) as connection:
            revived = revive(connection, number)
        item = self.items[number - 1] if number <= len(self.items) else None
        assert revived == (item is not None and item.status == "dead")
        if revived and item is not None:
            item.status, item.not_before = "queued", 0

    @invariant()
    def no_row_is_lost(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.transaction(durable=False) as connection:
            due = next_due(connection)
            counts = {
                name: (one.queued, one.dead)
                for name, one in backlog(connection).items()
            }
        expected_due, expected_counts = {}, {}
        for receiver in RECEIVERS:
            statuses = [one.status for one in self.items if one.receiver == receiver]
            pair = (statuses.count("queued"), statuses.count("dead"))
            if pair != (0, 0):
                expected_counts[receiver] = pair
            head = self.head(receiver)
            if head is not None:
                expected_due[receiver] = max(head.not_before, head.lease_until or 0)
        assert due == expected_due
        assert counts == expected_counts


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None
)
