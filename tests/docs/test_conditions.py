"""docs/conditions.md is believed only as far as it was run."""

from itertools import pairwise
from pathlib import Path

import pytest

from alerts.conditions import CONDITION_KINDS
from alerts.engine import Engine
from alerts.levels import LEVEL_KINDS
from alerts.step import Step
from alerts.trigger import Trigger
from daemon.config import Config, load_config
from market.tick import Tick
from tests.docs.fences import ROOT, Fence, Moment, fences, moments
from tests.play import T0

PAGE = ROOT / "docs/conditions.md"
HEAD, *BLOCKS = [f for f in fences(PAGE) if f.language in ("toml", "prices")]
RULES = [block for block in BLOCKS if block.language == "toml"]
PATHS = [
    (rule, path)
    for rule, path in pairwise(BLOCKS)
    if rule.language == "toml" and path.language == "prices"
]

SAYS_WHERE = ("above", "below", "traverse_up", "traverse_down")
"""Events whose name says the direction."""


def _line(value: object) -> str | None:
    return f"line {value.line}" if isinstance(value, Fence) else None


@pytest.mark.parametrize("block", RULES, ids=_line)
def test_an_example_is_a_configuration_once_it_follows_the_common_part(
    block: Fence, tmp_path: Path
) -> None:
    assert _load(block, tmp_path).rules


@pytest.mark.parametrize(("block", "path"), PATHS, ids=_line)
def test_an_example_tells_what_stands_beside_its_prices(
    block: Fence, path: Fence, tmp_path: Path
) -> None:
    config, story = _load(block, tmp_path), moments(path.text)

    told = [(t.at - T0, _words(t)) for t in _play(config, story)]

    assert told == [(m.at, words) for m in story for words in m.told]


def test_every_kind_of_condition_and_level_has_an_example_with_prices(
    tmp_path: Path,
) -> None:
    rules = [rule for block, _ in PATHS for rule in _load(block, tmp_path).rules]
    conditions = {rule.when.model_dump()["kind"] for rule in rules}
    text = "".join(block.text for block in RULES)

    assert conditions == set(CONDITION_KINDS)
    assert [kind for kind in LEVEL_KINDS if f'kind = "{kind}"' not in text] == []


def test_every_path_follows_its_rule() -> None:
    assert sum(block.language == "prices" for block in BLOCKS) == len(PATHS)


def _load(block: Fence, folder: Path) -> Config:
    file = folder / "levelwatch.toml"
    file.write_text(HEAD.text + block.text, encoding="utf-8")
    return load_config(file, {})


def _play(config: Config, story: list[Moment]) -> list[Trigger]:
    engine = Engine(config.build_instruments(), config.build_rules())
    instrument = config.rules[0].instrument
    return [
        trigger
        for moment in story
        for step in _steps(engine, instrument, moment)
        for trigger in step.triggers
    ]


def _steps(engine: Engine, instrument: str, moment: Moment) -> tuple[Step, ...]:
    at = T0 + moment.at
    if moment.price is None:
        return engine.advance(at)
    tick = Tick(
        instrument=instrument, at=at, price=moment.price, source="a", received_at=at
    )
    return (engine.observe(tick),)


def _words(trigger: Trigger) -> str:
    """As written in the page: "cross up", "cross up (cooldown)"."""
    direction = "" if trigger.event in SAYS_WHERE else trigger.direction or ""
    words = f"{trigger.event} {direction}".strip()
    return f"{words} ({trigger.suppressed})" if trigger.suppressed else words
