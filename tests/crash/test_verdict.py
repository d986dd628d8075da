"""The judge of the kill test is judged by hand-made runs."""

from tests.crash.receivers import Arrival, parse_arrival
from tests.crash.verdict import Mail, Told, Verdict, render

FIRST = Told(1_000, "bnb-any", "cross", "up")
SECOND = Told(2_000, "bnb-any", "cross", "down")


def arrival(told: Told, id_: str, raw: bytes = b"{}") -> Arrival:
    return Arrival(
        id=id_,
        raw=raw,
        rule=told.rule,
        instrument="BNB/USD",
        event=told.event,
        direction=told.direction,
        at=told.at,
        detected_at=told.at,
    )


def faults(*arrivals: Arrival, kills: int = 1) -> dict[str, int]:
    mail = Mail(expected=[SECOND, FIRST], arrivals=arrivals, kills=kills, ambiguous=0)
    return Verdict(mails=(mail,)).faults


def test_all_in_order_is_well() -> None:
    assert faults(arrival(FIRST, "a"), arrival(SECOND, "b")) == {}


def test_what_did_not_arrive_is_lost() -> None:
    assert faults(arrival(SECOND, "b")) == {"lost": 1}


def test_a_repeat_under_its_id_is_allowed_once_per_kill() -> None:
    repeated = (arrival(FIRST, "a"), arrival(FIRST, "a"), arrival(SECOND, "b"))

    assert faults(*repeated) == {}
    assert faults(*repeated, kills=0) == {"repeats beyond the allowed": 1}


def test_a_repeat_under_another_id_is_invented() -> None:
    found = faults(arrival(FIRST, "a"), arrival(FIRST, "c"), arrival(SECOND, "b"))

    assert found == {"invented": 1}


def test_a_repeat_with_another_text_is_told() -> None:
    found = faults(
        arrival(FIRST, "a"), arrival(FIRST, "a", b"[]"), arrival(SECOND, "b")
    )

    assert found == {"altered": 1}


def test_the_later_before_the_earlier_is_out_of_order() -> None:
    found = faults(arrival(SECOND, "b"), arrival(FIRST, "a"))

    assert set(found) == {"out of order"}


def test_a_late_repeat_of_the_earlier_is_in_order() -> None:
    found = faults(arrival(FIRST, "a"), arrival(SECOND, "b"), arrival(FIRST, "a"))

    assert found == {}


def test_runs_add_up_and_the_table_has_a_row_for_each() -> None:
    one = Verdict(kills=2, unserved=1, damaged=("a page",))

    assert (one + one).faults == {"damaged": 2, "prices never served": 2}
    assert render({"as it is": one}).splitlines()[-1].startswith("as it is      2")


def test_an_arrival_is_read_from_the_body() -> None:
    raw = (
        b'{"rule":"bnb-any","instrument":"BNB/USD","event":"cross","direction":"up",'
        b'"at":"1970-01-01T00:00:01Z","detected_at":"1970-01-01T00:00:01.250Z"}'
    )

    found = parse_arrival(raw, {"webhook-id": "a"})

    assert (found.id, found.at, found.detected_at) == ("a", 1_000, 1_250)
