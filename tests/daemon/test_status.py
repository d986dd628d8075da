"""`levelwatch status`: nearest levels first, trouble in plain sight."""

from zoneinfo import ZoneInfo

from daemon.status_lines import Situation, status_lines
from market.instant import parse_instant
from storage.backlog import Backlog

NOW = parse_instant("2025-05-20T12:00:10Z")
UTC = ZoneInfo("UTC")


def picture() -> dict[str, object]:
    return {
        "pid": 7,
        "version": "0.1.0",
        "started_at": NOW - 3_600_000,
        "stopped": False,
        "sources": {
            "kraken": {
                "state": "failing",
                "polls": 720,
                "failures": 2,
                "last_ok_at": NOW,
                "last_error": "it answered 502",
                "refused": {"crossed_quotes": 3},
            }
        },
        "instruments": {
            "BNB/USD": {
                "price": 640.0,
                "at": NOW - 4_000,
                "source": "kraken",
                "decimals": 2,
                "state": "live",
            }
        },
        "rules": {
            "far": rule(650.0, 10.0),
            "near": rule(637.0, -3.0),
            "warm": rule(None, None) | {"state": "warming", "detail": "3 of 200 bars"},
        },
        "receivers": {
            "phone": {"state": "ok", "last_sent_at": None, "last_error": None}
        },
    }


def rule(level: float | None, distance: float | None) -> dict[str, object]:
    return {
        "instrument": "BNB/USD",
        "state": "watching",
        "detail": "",
        "level": level,
        "level_name": None,
        "distance": distance,
    }


def situation(*, drawn_at: int = NOW - 1_000, **changes: object) -> Situation:
    return Situation(
        picture=picture() | changes,
        drawn_at=drawn_at,
        now=NOW,
        backlog={
            "phone": Backlog(queued=2, dead=0, oldest_at=NOW, last_error="it is off")
        },
        alerts=(),
        silenced=(),
    )


def test_the_nearest_level_comes_first() -> None:
    lines = list(status_lines(situation(), UTC))

    rows = [line.split()[0] for line in lines if " %  " in line]
    assert rows == ["near", "far"]
    assert any(line.endswith("637.00    0.47 %  down") for line in lines)


def test_trouble_is_in_plain_sight() -> None:
    text = "\n".join(status_lines(situation(), UTC))

    assert "warm                      warming   3 of 200 bars" in text
    assert "it answered 502" in text
    assert "crossed_quotes 3" in text
    assert "it is off" in text


def test_an_old_picture_is_of_no_living_daemon() -> None:
    old = situation(drawn_at=NOW - 120_000)

    assert not old.is_running
    assert "is NOT running" in next(iter(status_lines(old, UTC)))


def test_a_stale_instrument_is_not_well() -> None:
    instruments = {"BNB/USD": {"state": "stale"}}

    assert situation().is_well
    assert not situation(instruments=instruments).is_well


def test_before_the_first_run_it_says_how_to_begin() -> None:
    never = Situation(
        picture=None, drawn_at=0, now=NOW, backlog={}, alerts=(), silenced=()
    )

    assert "levelwatch run" in next(iter(status_lines(never, UTC)))
