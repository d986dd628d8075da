"""Rules do not know of each other, and an engine does not know that it was killed."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerts.engine import Engine
from alerts.rule import Rule
from alerts.step import Cursor, RuleState, Step
from alerts.trigger import Trigger
from market.tick import Tick
from tests.alerts.paths import (
    RULES,
    Observation,
    Script,
    cross,
    crossings,
    ring_rules,
    scripts,
    state_rules,
    zone_rules,
)
from tests.play import NAME, T0, build_engine, feed, play, rule

SETS = st.lists(RULES, min_size=2, max_size=6)
REMEMBERED = st.one_of(crossings(), zone_rules(), state_rules(), ring_rules())
"""Rules that need no history beside their own state."""


def named(whens: list[dict[str, Any]]) -> list[Rule]:
    return [rule(f"rule-{number}", when) for number, when in enumerate(whens)]


def of(name: str, triggers: list[Trigger]) -> list[Trigger]:
    return [trigger for trigger in triggers if trigger.rule == name]


@given(SETS, scripts(longest=40))
def test_i17_one_engine_of_many_rules_is_many_engines_of_one(
    whens: list[dict[str, Any]], script: Script
) -> None:
    rules = named(whens)

    together = feed(build_engine(rules), script.observations)

    for alone in rules:
        expected = feed(build_engine([alone]), script.observations)
        assert of(alone.id, together) == expected


@given(SETS, scripts(longest=40))
def test_i24_the_order_of_rules_is_irrelevant(
    whens: list[dict[str, Any]], script: Script
) -> None:
    rules = named(whens)

    forwards = feed(build_engine(rules), script.observations)

    assert feed(build_engine(rules[::-1]), script.observations) == forwards


@given(SETS, scripts(longest=40), st.sampled_from(["3650d", "2s"]))
def test_quiet_bands_of_many_rules_skip_nothing_that_matters(
    whens: list[dict[str, Any]], script: Script, stale_after: str
) -> None:
    rules = named(whens)

    quiet = feed(build_engine(rules, stale_after=stale_after), script.observations)

    everything = build_engine(rules, stale_after=stale_after, everything=True)
    assert quiet == feed(everything, script.observations)


@given(scripts(longest=40), st.lists(st.integers(95, 105), min_size=1, max_size=8))
def test_i17_many_levels_are_crossed_as_if_each_were_the_only_one(
    script: Script, levels: list[int]
) -> None:
    rules = [rule(f"at-{level}", cross("any", level=level)) for level in set(levels)]

    together = feed(build_engine(rules), script.observations)

    for level in set(levels):
        alone = play(cross("any", level=level), script.observations)
        assert [(t.at, t.direction) for t in of(f"at-{level}", together)] == [
            (t.at, t.direction) for t in alone
        ]


def ladder() -> list[Rule]:
    return [
        rule("c", cross("any", level=640)),
        rule("a", cross("any", level=650)),
        rule("b", cross("any", level=645)),
        rule("a-twin", cross("any", level=650)),
    ]


def test_e7_a_rising_jump_is_told_from_the_lowest_level_up() -> None:
    triggers = feed(build_engine(ladder()), [(0, 635), (1, 652)])

    assert [trigger.rule for trigger in triggers] == ["c", "b", "a", "a-twin"]


def test_e7_a_falling_jump_is_told_from_the_highest_level_down() -> None:
    triggers = feed(build_engine(ladder()), [(0, 652), (1, 635)])

    assert [trigger.rule for trigger in triggers] == ["a", "a-twin", "b", "c"]


def test_e10_one_bar_over_two_levels_is_told_along_its_shortest_path() -> None:
    rules = [
        rule("above", cross("up", level=105)),
        rule("below", cross("down", level=95)),
    ]
    falling = [(0, 100), ("bar", 60, 100, 106, 94, 99)]
    rising = [(0, 100), ("bar", 60, 100, 106, 94, 101)]

    assert [t.rule for t in feed(build_engine(rules), falling)] == ["above", "below"]
    assert [t.rule for t in feed(build_engine(rules), rising)] == ["below", "above"]


def test_e35_two_equal_rules_both_fire() -> None:
    rules = [rule("one", cross("up")), rule("two", cross("up"))]

    one, two = feed(build_engine(rules), [(0, 99), (1, 101)])

    assert [one.rule, two.rule] == ["one", "two"]
    assert one.event_id != two.event_id
    assert replace(two, rule="one", event_id=one.event_id) == one


class Life:
    """An engine that can be killed: what a ledger would have is all that stays."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        self.states: dict[str, RuleState] = {}
        self.cursor: Cursor | None = None
        self.triggers: list[Trigger] = []
        self.engine = build_engine(rules)

    def live(self, observations: list[Observation]) -> None:
        for seen in observations:
            for step in _steps(self.engine, seen):
                self.triggers += step.triggers
                self.states |= step.states
                self.cursor = step.cursor or self.cursor

    def die_and_rise(self) -> None:
        stored = {
            name: replace(state, machine=json.loads(json.dumps(state.machine)))
            for name, state in self.states.items()
        }
        self.engine = build_engine(self.rules, states=stored)
        if self.cursor is not None:
            self.engine.resume(self.cursor)


def _steps(engine: Engine, seen: Observation) -> list[Step]:
    if seen[0] == "advance":
        return list(engine.advance(T0 + seen[1] * 1000))
    at = T0 + seen[0] * 1000
    tick = Tick(
        instrument=NAME, at=at, price=float(seen[1]), source="paper", received_at=at
    )
    return [engine.observe(tick)]


@given(
    st.lists(REMEMBERED, min_size=1, max_size=3),
    scripts(longest=30),
    st.integers(0, 30),
    st.sampled_from(["every", "once", "once_per_bar:1m"]),
)
def test_i3_a_restart_changes_nothing(
    whens: list[dict[str, Any]], script: Script, cut: int, frequency: str
) -> None:
    rules = [
        rule(f"rule-{number}", when, frequency=frequency, cooldown="4s")
        for number, when in enumerate(whens)
    ]
    unbroken, killed = Life(rules), Life(rules)

    unbroken.live(script.observations)
    killed.live(script.observations[:cut])
    killed.die_and_rise()
    killed.live(script.observations[cut:])

    assert killed.triggers == unbroken.triggers


def test_e34_an_edited_rule_starts_afresh_and_drops_what_was_pending() -> None:
    life = Life([rule("lost", cross("up", hold=5))])
    life.live([(0, 99), (1, 101)])

    life.rules = [rule("lost", cross("up", hold=6))]
    life.die_and_rise()
    life.live([(2, 102), ("advance", 60)])

    assert life.triggers == []


def test_another_cooldown_is_no_edit_of_the_definition() -> None:
    life = Life([rule("lost", cross("up", hold=5))])
    life.live([(0, 99), (1, 101)])

    life.rules = [rule("lost", cross("up", hold=5), cooldown="1h")]
    life.die_and_rise()
    life.live([(2, 102), ("advance", 60)])

    assert [trigger.at for trigger in life.triggers] == [T0 + 6_000]
