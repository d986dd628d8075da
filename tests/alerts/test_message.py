"""What a person reads, word for word."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from alerts.matter import Matter
from alerts.message import clean, compose, compose_operator, render_local_time
from alerts.notification import Message
from alerts.phrases import PHRASES
from alerts.trigger import Direction, Trigger

BERLIN = ZoneInfo("Europe/Berlin")
AT = 1_747_443_900_000
HOUR = 3_600_000

CROSS = Trigger(
    event_id="ab12cd34ef56ab12cd34",
    rule="bnb-lost",
    instrument="BNB/USD",
    kind="cross",
    event="cross",
    direction="down",
    at=AT,
    detected_at=AT,
    price=636.9,
    level=637.0,
    level_name="637",
    source="kraken",
)
EURO = replace(
    CROSS,
    instrument="EUR/USD",
    price=1.1198,
    level=1.12,
    level_name="eur-sma200-h4",
)


def tell(trigger: Trigger, decimals: int = 1, note: str | None = None) -> Message:
    return compose(trigger, note=note, decimals=decimals, zone=BERLIN, venue="kraken")


def test_a_crossing_reads_like_this() -> None:
    trigger = replace(CROSS, change_1h=-0.0042, change_24h=0.021)

    message = compose(
        trigger,
        severity="high",
        note="the support that the May note leaned on",
        decimals=1,
        zone=BERLIN,
        venue="kraken",
    )

    assert message.title == "BNB/USD fell below 637.0 — 636.9"
    assert message.lines == (
        "the support that the May note leaned on",
        "636.9 is 0.02 % (0.1) below 637.0",
        "−0.42 % in 1 h, +2.10 % in 24 h",
        "kraken · Sat 17 May 2025 03:05 CEST",
    )
    assert message.severity == "high"
    assert message.thread == "bnb-lost"
    assert message.event_id == CROSS.event_id
    assert message.at == AT
    assert message.body == trigger.to_json()


def test_a_named_level_is_told_with_its_value_and_currencies_in_pips() -> None:
    message = tell(EURO, decimals=5)

    assert message.title == "EUR/USD fell below eur-sma200-h4 (1.12000) — 1.11980"
    assert message.lines[0] == (
        "1.11980 is 0.02 % (2.0 pips) below eur-sma200-h4 (1.12000)"
    )


def test_a_pip_of_the_yen_is_a_hundredth() -> None:
    yen = replace(EURO, instrument="USD/JPY", price=150.25, level=150.0, direction="up")

    assert "(25.0 pips) above" in tell(yen, decimals=3).lines[0]


def test_crypto_against_dollars_has_no_pips() -> None:
    assert "pips" not in tell(CROSS).lines[0]


@pytest.mark.parametrize(
    ("kind", "event", "direction", "title"),
    [
        ("cross", "cross", "up", "rose above 637.0"),
        ("cross", "cross", "down", "fell below 637.0"),
        ("reach", "reach", "up", "rose to 637.0"),
        ("reach", "reach", "down", "fell to 637.0"),
        ("above", "above", "up", "is above 637.0"),
        ("below", "below", None, "is below 637.0"),
        ("touch", "touch", "down", "touched 637.0 from above"),
        ("touch", "touch", "up", "touched 637.0 from below"),
        ("approach", "approach", "down", "is nearing 637.0 from above"),
        ("approach", "approach", "up", "is nearing 637.0 from below"),
        ("bounce", "bounce", "up", "bounced up off 637.0"),
        ("bounce", "bounce", "down", "was turned down at 637.0"),
        (
            "false_breakout",
            "false_breakout",
            "down",
            "fell back below 637.0, a false breakout",
        ),
        (
            "false_breakout",
            "false_breakout",
            "up",
            "climbed back above 637.0, a false breakdown",
        ),
        (
            "false_breakout",
            "accepted",
            "up",
            "stays above 637.0, the breakout is accepted",
        ),
        ("retest", "retest", "down", "came back down to retest 637.0"),
        (
            "retest",
            "role_reversal",
            "up",
            "turned up at 637.0, once resistance, now support",
        ),
        (
            "retest",
            "retest_failed",
            "down",
            "fell back through 637.0, the retest failed",
        ),
        ("consolidation", "start", None, "is consolidating near 637.0"),
        (
            "consolidation",
            "consolidation_break",
            "up",
            "broke up out of its range at 637.0",
        ),
        ("consolidation", "break", "down", "broke down out of its range at 637.0"),
        ("new_extreme", "new_extreme", "up", "made a new high"),
        ("new_extreme", "new_extreme", "down", "made a new low"),
        ("stays_above", "stays_above", None, "stayed above 637.0"),
        ("stays_below", "stays_below", None, "stayed below 637.0"),
        ("all", "all", None, "fulfils everything that bnb-lost asks for"),
        ("any", "any", None, "fulfils one thing that bnb-lost asks for"),
        ("then", "then", None, "went through the sequence of bnb-lost"),
    ],
)
def test_every_event_at_a_level_has_its_sentence(
    kind: str, event: str, direction: Direction | None, title: str
) -> None:
    trigger = replace(CROSS, kind=kind, event=event, direction=direction)

    assert tell(trigger).title == f"BNB/USD {title} — 636.9"


@pytest.mark.parametrize(
    ("event", "direction", "title"),
    [
        ("enter", "down", "entered bnb-640 from above"),
        ("enter", "up", "entered bnb-640 from below"),
        ("exit", "up", "left bnb-640 upwards"),
        ("exit", "down", "left bnb-640 downwards"),
        ("reject", "up", "was turned back up by bnb-640"),
        ("reject", "down", "was turned back down by bnb-640"),
        ("traverse_up", "up", "broke up through bnb-640"),
        ("traverse_down", "down", "broke down through bnb-640"),
        ("hold", "down", "is held down by bnb-640"),
        ("hold", None, "is held by bnb-640"),
        ("lost", "down", "lost bnb-640"),
        ("lost", "up", "broke out above bnb-640"),
        ("reclaim", "up", "reclaimed bnb-640"),
        ("reclaim", "down", "fell back under bnb-640"),
    ],
)
def test_every_event_of_a_zone_has_its_sentence(
    event: str, direction: Direction | None, title: str
) -> None:
    trigger = replace(
        CROSS, kind="zone", event=event, direction=direction, level_name="bnb-640"
    )

    assert tell(trigger).title == f"BNB/USD {title} — 636.9"


@pytest.mark.parametrize("name", [None, "zone", "637"])
@pytest.mark.parametrize("event", ["inside", "outside"])
def test_a_zone_without_a_name_is_told_by_its_edge(
    event: str, name: str | None
) -> None:
    trigger = replace(CROSS, kind=event, event=event, level_name=name)

    assert tell(trigger).title == f"BNB/USD is {event} the zone at 637.0 — 636.9"


def test_a_move_is_told_with_its_size_and_how_long_it_took() -> None:
    surge = replace(
        CROSS,
        instrument="XMR/USD",
        kind="move",
        event="move",
        direction="up",
        price=412.35,
        level=None,
        level_name=None,
        reference=340.0,
        reference_at=AT - 5 * HOUR - HOUR // 6,
    )

    message = tell(surge, decimals=2)

    assert message.title == "XMR/USD is up 21.28 % in 5 h 10 min — 412.35"
    assert message.lines[0] == "From 340.00 at 16 May 21:55 to 412.35"


def test_a_move_from_a_fixed_price_names_it() -> None:
    drop = replace(
        CROSS, kind="move", event="move", level=None, level_name=None, reference=700.0
    )

    message = tell(drop)

    assert message.title == "BNB/USD is down 9.01 % from 700.0 — 636.9"
    assert message.lines[0] == "From 700.0 to 636.9"


def test_a_session_is_told_by_what_it_gained() -> None:
    gained = replace(
        EURO,
        kind="session_change",
        event="session_change",
        direction="up",
        level=None,
        level_name=None,
        price=1.1250,
        reference=1.1180,
    )

    assert tell(gained, decimals=4).title == (
        "EUR/USD gained 0.63 % in the last session — 1.1250"
    )


def test_an_unknown_event_is_told_by_its_name() -> None:
    trigger = replace(CROSS, kind="moonphase", event="full_moon")

    assert tell(trigger).title == (
        "BNB/USD did what bnb-lost waits for (full_moon) — 636.9"
    )


def test_no_sentence_fails_whatever_the_trigger_lacks() -> None:
    for event, sentences in PHRASES.items():
        for direction in ("up", "down", None):
            bare = replace(
                CROSS,
                event=event,
                direction=direction,
                level=None,
                level_name=None,
                initial=True,
            )

            assert tell(bare).title.startswith("BNB/USD ")
            assert None in sentences


def test_what_was_so_from_the_start_is_not_told_as_news() -> None:
    trigger = replace(CROSS, kind="below", event="below", initial=True)

    message = tell(trigger)

    assert message.title == "BNB/USD is already below 637.0 — 636.9"
    assert message.lines[0] == "It was already so when watching began."


def test_a_level_that_jumped_is_not_told_as_a_fall_of_the_price() -> None:
    message = tell(replace(EURO, cause="level"), decimals=5)

    assert message.title == "EUR/USD is now below eur-sma200-h4 (1.12000) — 1.11980"
    assert message.lines[0] == (
        "The level jumped past the price, not the price past the level."
    )


def test_gaps_bars_and_late_discoveries_are_told() -> None:
    trigger = replace(
        CROSS,
        gap=True,
        approximate=True,
        window=(AT - 5 * 60_000, AT),
        late_by=12 * 60_000,
    )

    assert tell(trigger).lines[:3] == (
        "The price gapped: nothing was seen on the way.",
        "Read out of the bar 17 May 03:00–03:05.",
        "Noticed 12 min after it happened.",
    )


def test_a_bar_that_ends_on_another_day_says_so() -> None:
    trigger = replace(CROSS, approximate=True, window=(AT - 4 * HOUR, AT))

    assert tell(trigger).lines[0] == "Read out of the bar 16 May 23:05–17 May 03:05."


def test_an_approximate_time_without_a_bar_says_so() -> None:
    assert tell(replace(CROSS, approximate=True)).lines[0] == "The time is approximate."


def test_a_change_of_source_is_told() -> None:
    message = tell(replace(CROSS, cause="source"))

    assert message.lines[0] == "Seen when the source of the prices changed."


def test_a_price_on_the_level_has_no_distance() -> None:
    assert tell(replace(CROSS, price=637.0)).lines[0] == "637.0 is at 637.0"


def test_only_known_changes_are_told() -> None:
    assert tell(replace(CROSS, change_24h=0.0)).lines[1] == "±0.00 % in 24 h"
    assert len(tell(CROSS).lines) == 2


def test_prices_have_the_decimals_of_the_venue() -> None:
    doge = replace(CROSS, instrument="DOGE/USD", price=0.218, level=0.2320)

    assert tell(doge, decimals=4).title == "DOGE/USD fell below 0.2320 — 0.2180"


def test_the_time_is_the_persons_own_and_names_its_zone() -> None:
    assert render_local_time(AT, BERLIN) == "Sat 17 May 2025 03:05 CEST"
    assert render_local_time(AT, ZoneInfo("UTC")) == "Sat 17 May 2025 01:05 UTC"
    assert render_local_time(AT, ZoneInfo("Asia/Dubai")) == (
        "Sat 17 May 2025 05:05 UTC+04"
    )


def test_nothing_that_a_person_wrote_can_break_a_line_or_be_read_as_a_format() -> None:
    note = "first\nsecond\r\n\x1b[31mred\u202eback\ud800"
    trigger = replace(CROSS, rule="{0.__class__}", level_name="{level}%s\n")

    message = tell(replace(trigger, event="all"), note=note)

    assert "{0.__class__}" in message.title
    assert message.lines[0] == "first second [31mredback"
    assert "{level}%s (637.0)" in message.lines[1]
    assert all("\n" not in line for line in (message.title, *message.lines))


def test_clean_keeps_what_is_only_foreign() -> None:
    assert clean("  Übergröße 価格 ✓ ") == "Übergröße 価格 ✓"


@pytest.mark.parametrize("matter", list(Matter))
def test_the_operator_is_told_what_is_wrong_and_what_it_means(matter: Matter) -> None:
    message = compose_operator(
        matter, subject="kraken", detail="no reply for 3 min", at=AT, zone=BERLIN
    )

    assert message.title.startswith("levelwatch: ")
    assert message.lines[0] == "no reply for 3 min"
    assert message.lines[-1] == "Sat 17 May 2025 03:05 CEST"
    assert message.body["operator"] == matter.value


def test_a_stale_source_reads_like_this() -> None:
    message = compose_operator(
        Matter.SOURCE_STALE,
        subject="kraken",
        detail="no reply for 3 min",
        at=AT,
        zone=BERLIN,
    )

    assert message.title == "levelwatch: kraken gives no fresh prices"
    assert message.severity == "high"
    assert message.body == {
        "v": 1,
        "event_id": message.event_id,
        "operator": "source_stale",
        "subject": "kraken",
        "detail": "no reply for 3 min",
        "at": "2025-05-17T01:05:00Z",
    }


def test_the_same_trouble_has_the_same_id_and_another_has_another() -> None:
    def told(matter: Matter, subject: str, at: int) -> str:
        return compose_operator(
            matter, subject=subject, detail="", at=at, zone=BERLIN
        ).event_id

    first = told(Matter.SOURCE_STALE, "kraken", AT)

    assert told(Matter.SOURCE_STALE, "kraken", AT) == first
    assert told(Matter.SOURCE_STALE, "kraken", AT + 1) != first
    assert told(Matter.SOURCE_STALE, "binance", AT) != first
    assert told(Matter.SOURCE_BACK, "kraken", AT) != first
