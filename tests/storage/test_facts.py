"""What the daemon says about itself: the latest word under each name."""

from storage.database import Database
from storage.facts import Fact, get_fact, load_facts, put_fact
from tests.storage.samples import T0


def test_a_fact_is_the_latest_value_and_its_instant(database: Database) -> None:
    with database.transaction() as connection:
        put_fact(connection, "health", {"kraken": "ok"}, at=T0)
        put_fact(connection, "health", {"kraken": "429", "until": T0 + 5}, at=T0 + 1)
        put_fact(connection, "heartbeat", None, at=T0)

        assert get_fact(connection, "health") == Fact(
            value={"kraken": "429", "until": T0 + 5}, at=T0 + 1
        )
        assert get_fact(connection, "never said") is None
        assert list(load_facts(connection)) == ["health", "heartbeat"]
