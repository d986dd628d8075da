"""Rules read back in plain words."""

from collections.abc import Mapping

import pytest
from pydantic import TypeAdapter

from alerts.conditions import CONDITION_KINDS
from alerts.levels import LEVEL_KINDS
from alerts.levels.level import LevelSpec
from alerts.sentence import Wording, say_rule
from market.instrument import Instrument, Session

BNB = Instrument(name="BNB/USD")
EUR = Instrument(name="EUR/USD", session=Session.FX)


def _level(kind: str, **keys: object) -> LevelSpec:
    return LEVEL_KINDS[kind].model_validate({"kind": kind, **keys})


LEVELS: Mapping[str, LevelSpec] = {
    "top": _level("price", price="0.2180"),
    "bnb-640": _level("zone", low=637, high=643),
    "sma": _level("sma", length=200, timeframe="4h"),
    "ema": _level("ema", length=20, timeframe="1d"),
}


def _say(instrument: Instrument, kind: str, **keys: object) -> str:
    """What follows "tell phone when BNB/USD "."""
    spec = CONDITION_KINDS[kind].model_validate({"kind": kind, **keys})
    wording = Wording(instrument=instrument, levels=LEVELS, receivers=["phone"])
    return say_rule(spec, wording).partition(f"{instrument.name} ")[2]


USUAL = "again only after it was back by 0.1 of the average daily range"


@pytest.mark.parametrize(
    ("kind", "keys", "sentence"),
    [
        (
            "cross",
            {"direction": "down", "level": 637, "rearm": "0.25%", "hold": "30m"},
            (
                "falls below 637 and stays there for 30 minutes; "
                "again only after it was back above 638.5925 (0.25 %)"
            ),
        ),
        ("cross", {"level": 650, "direction": "up"}, f"rises above 650; {USUAL}"),
        (
            "cross",
            {"level": "0.2200", "rearm": "0"},
            "crosses 0.2200",
        ),
        (
            "cross",
            {"level": 650, "direction": "up", "rearm": 0},
            "rises above 650; again whenever it was back below it",
        ),
        (
            "cross",
            {"level": 650, "direction": "up", "rearm": 2, "buffer": "1%"},
            (
                "rises above 650 by more than 1 % (656.5); "
                "again only after it was back below 648 (2)"
            ),
        ),
        (
            "cross",
            {"level": "bnb-640", "direction": "up", "rearm": "1"},
            (
                "rises above the zone bnb-640 (637 to 643); "
                "again only after it was back below 642 (1)"
            ),
        ),
        (
            "cross",
            {"level": "bnb-640.lower", "direction": "down", "rearm": "0.5atr"},
            (
                "falls below the lower edge of bnb-640 (637); "
                "again only after it was back by 0.5 of the average daily range"
            ),
        ),
        (
            "cross",
            {"level": "sma", "direction": "down", "confirm": "close:4h"},
            (
                "falls below sma (the average of the last 200 4h closes), at the close "
                f"of a 4h bar; {USUAL}"
            ),
        ),
        (
            "cross",
            {"level": "ema", "confirm": ["closes:2:1d", "ticks:3"], "rearm": "1%"},
            (
                "crosses ema (the exponential average of 20 1d closes), seen 3 times "
                "in a row, at 2 closes of 1d bars in a row; "
                "again only after it was back by 1 %"
            ),
        ),
        (
            "reach",
            {"level": 100_000, "direction": "up"},
            f"rises to 100000; {USUAL}",
        ),
        (
            "reach",
            {"level": 640, "direction": "down", "buffer": "1"},
            f"falls below 640 by at least 1 (639); {USUAL}",
        ),
        (
            "above",
            {"level": 640},
            "is above 640, also if it already is when watching begins",
        ),
        (
            "outside",
            {"level": "bnb-640", "initial": "skip", "repeat": "90m"},
            (
                "is outside the zone bnb-640 (637 to 643), but not if it already is "
                "when watching begins; again every 1 hour 30 minutes "
                "for as long as it is"
            ),
        ),
        (
            "zone",
            {"level": "bnb-640", "events": ["enter", "exit", "reject"]},
            "enters, leaves or is turned back by the zone bnb-640 (637 to 643)",
        ),
        (
            "zone",
            {"level": "bnb-640", "events": ["lost"], "hold": "1h", "buffer": "0.1%"},
            "loses the zone bnb-640 (637 to 643) by more than 0.1 % for 1 hour",
        ),
        (
            "touch",
            {"level": "top", "tolerance": "0.1%", "rearm": "0.5%"},
            (
                "touches top (0.2180), give or take 0.1 %; "
                "again only after it was away by 0.5 % more"
            ),
        ),
        (
            "approach",
            {"level": 0.2180, "distance": "0.5%"},
            "comes within 0.5 % of 0.218; again only after it was 0.75 % away",
        ),
        (
            "move",
            {"direction": "up", "by": "20%", "window": "6h"},
            "rises by 20 % or more within 6 hours; again after another 20 %",
        ),
        (
            "move",
            {"by": "10%", "net": "1d"},
            (
                "is 10 % or more away from where it was 1 day before; "
                "again after another 10 %"
            ),
        ),
        (
            "move",
            {"direction": "down", "by": "5%", "reference": 640},
            "is 5 % or more below 640; again only after it came back by 2.5 %",
        ),
    ],
)
def test_a_condition_in_words(
    kind: str, keys: dict[str, object], sentence: str
) -> None:
    assert _say(BNB, kind, **keys) == sentence


def test_on_a_market_that_closes_time_is_open_market_time() -> None:
    assert _say(EUR, "cross", level=1.12, hold="15m", rearm="10pips") == (
        "crosses 1.12 and stays there for 15 minutes of open market; "
        "again only after it was back by 10 pips"
    )


def test_pips_become_a_price_where_there_are_pips() -> None:
    assert _say(EUR, "cross", level="1.1200", direction="up", rearm="10pips") == (
        "rises above 1.1200; again only after it was back below 1.119 (10 pips)"
    )


def test_receivers_are_joined_and_the_policy_follows() -> None:
    spec = CONDITION_KINDS["above"].model_validate({"kind": "above", "level": 640})
    wording = Wording(
        instrument=BNB,
        levels={},
        receivers=["phone", "mail", "screen"],
        frequency="once_per_bar:1d",
        cooldown=7_200_000,
        expires=1_798_761_600_000,
        enabled=False,
    )

    assert say_rule(spec, wording) == (
        "(disabled) tell phone, mail and screen when BNB/USD is above 640, also if it "
        "already is when watching begins; at most once in each 1d bar; at most once in "
        "2 hours; until 2027-01-01T00:00:00Z"
    )


def test_a_rule_that_fires_once_says_nothing_about_a_second_time() -> None:
    spec = CONDITION_KINDS["cross"].model_validate({"kind": "cross", "level": 640})
    wording = Wording(
        instrument=BNB, levels={}, receivers=["phone"], frequency="once", cooldown=0
    )

    assert say_rule(spec, wording) == "tell phone when BNB/USD crosses 640; only once"


@pytest.mark.parametrize("kind", CONDITION_KINDS)
def test_every_kind_of_condition_has_words(kind: str) -> None:
    keys: dict[str, object] = {"kind": kind}
    fields = CONDITION_KINDS[kind].model_fields
    wanted = {"level": "bnb-640", "events": ["enter"], "distance": "1%", "by": "1%"}
    keys |= {name: value for name, value in wanted.items() if name in fields}
    keys |= {"window": "1h"} if "window" in fields else {}
    spec = TypeAdapter(CONDITION_KINDS[kind]).validate_python(keys)

    words = say_rule(spec, Wording(instrument=BNB, levels=LEVELS, receivers=["a"]))
    assert "meets its condition" not in words
