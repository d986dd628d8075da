"""The wake index on its own; what it means for rules is tested with the engine."""

from alerts.band import ALWAYS, ASLEEP, Band
from alerts.wake import WakeIndex


def test_a_rule_is_woken_when_its_band_is_left_on_any_side() -> None:
    index = WakeIndex()
    index.put("above", Band(high=110.0))
    index.put("below", Band(low=90.0))
    index.put("later", Band(until=50))

    assert index.wake(100.0, 100.0, 49) == []
    assert index.wake(110.0, 110.0, 49) == ["above"]
    assert index.wake(90.0, 90.0, 49) == ["below"]
    assert index.wake(100.0, 100.0, 50) == ["later"]
    assert index.wake(100.0, 1000.0, 99) == []


def test_only_the_last_band_of_a_rule_counts() -> None:
    index = WakeIndex()
    index.put("rule", Band(high=110.0))
    index.put("rule", Band(high=120.0))

    assert index.wake(115.0, 115.0, 0) == []
    assert index.wake(120.0, 120.0, 0) == ["rule"]


def test_a_rule_that_always_wants_to_know_is_woken_once_by_each_observation() -> None:
    index = WakeIndex()
    index.put("rule", ALWAYS)

    assert index.wake(100.0, 100.0, 0) == ["rule"]
    assert index.wake(100.0, 100.0, 0) == []


def test_a_removed_rule_and_one_asleep_are_not_woken() -> None:
    index = WakeIndex()
    index.put("gone", Band(high=110.0))
    index.remove("gone")
    index.put("asleep", ASLEEP)

    assert index.wake(1.0, 1e9, 1 << 60) == []


def test_edges_that_were_left_behind_do_not_pile_up() -> None:
    index = WakeIndex()
    index.put("far", Band(low=1.0, high=1e6))
    for number in range(10_000):
        index.put("near", Band(low=90.0, high=110.0))
        assert index.wake(110.0 + number, 110.0 + number, 0) == ["near"]

    assert index.entries < 400
    assert index.wake(1e6, 1e6, 0) == ["far"]
    index.put("near", Band(low=90.0))
    assert index.wake(90.0, 90.0, 0) == ["near"]
