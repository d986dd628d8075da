"""Values to store: every argument may be said, the rest is plain."""

from alerts.notification import Message
from alerts.reason import Reason
from alerts.step import Cursor, Decision, RuleState
from alerts.trigger import Trigger
from market.bar import Bar
from market.tick import Tick
from market.timeframe import MINUTE_BAR

T0 = 1_747_443_600_000
"""2025-05-17 01:00:00 UTC."""


def tick(at: int = T0, price: float = 638.1, **other: object) -> Tick:
    values: dict[str, object] = {
        "instrument": "BNB/USD",
        "source": "kraken",
        "received_at": at,
        "last": price,
        "bid": 638.05,
        "ask": 638.15,
    }
    return Tick(at=at, price=price, **{**values, **other})  # type: ignore[arg-type]


def bar(open_time: int = T0, close: float = 638.1) -> Bar:
    return Bar(
        instrument="BNB/USD",
        timeframe=MINUTE_BAR,
        open_time=open_time,
        close_time=open_time + 60_000,
        open=638.0,
        high=639.5,
        low=637.25,
        close=close,
        volume=12.5,
    )


def trigger(event_id: str = "e1", at: int = T0, rule: str = "bnb-lost") -> Trigger:
    return Trigger(
        event_id=event_id,
        rule=rule,
        instrument="BNB/USD",
        kind="cross",
        event="cross",
        direction="down",
        at=at,
        detected_at=at + 1_500,
        price=636.9,
        level=637.0,
        level_name="637",
        source="kraken",
    )


def decision(
    at: int = T0, reason: Reason = Reason.FIRED, detail: str = "e1"
) -> Decision:
    return Decision(
        rule="bnb-lost",
        instrument="BNB/USD",
        at=at,
        reason=reason,
        price=636.9,
        level=637.0,
        detail=detail,
    )


def cursor(at: int = T0, instrument: str = "BNB/USD") -> Cursor:
    return Cursor(instrument=instrument, at=at, seq=0, price=636.9, source="kraken")


def state(machine: object = None, rule: str = "bnb-lost", fired: int = 0) -> RuleState:
    return RuleState(rule=rule, revision="r1", machine=machine, fired=fired)


def message(event_id: str = "e1", at: int = T0) -> Message:
    return Message(
        event_id=event_id,
        title="BNB/USD crossed 637 ↓",
        lines=("Price 636.90 on kraken", "“the May support”"),
        at=at,
        local_time="Sat 17 May 2025 03:00 CEST",
        thread="bnb-lost",
        severity="high",
        body={"v": 1, "event_id": event_id, "price": 636.9, "level": None},
    )
