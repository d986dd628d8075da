"""What a watch does with what it is given back."""

from alerts.step import RuleState
from tests.play import NAME, build_engine, feed, rule


def test_a_state_of_another_shape_starts_afresh_and_is_named() -> None:
    crossing = rule("r", {"kind": "cross", "direction": "up", "level": 100})
    stored = RuleState(rule="r", revision=crossing.revision, machine=[True, 1])

    engine = build_engine([crossing], states={"r": stored})

    assert engine.watches[NAME].forgotten == ["r"]
    assert len(feed(engine, [(0, 99), (1, 101)])) == 1


def test_a_state_of_another_revision_is_not_used() -> None:
    crossing = rule("r", {"kind": "cross", "direction": "up", "level": 100})
    armed = RuleState(rule="r", revision="another", machine=[True])

    engine = build_engine([crossing], states={"r": armed})

    assert feed(engine, [(0, 101)]) == []
    assert engine.watches[NAME].forgotten == []
