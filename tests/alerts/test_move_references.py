"""Moves that are not measured from a window's extreme."""

from tests.alerts.told import seconds
from tests.play import play, play_everything

NET = {"kind": "move", "direction": "up", "by": "10%", "net": "10s"}
FIXED = {"kind": "move", "direction": "up", "by": "10%", "reference": 100}


def test_a_net_move_needs_as_much_history_as_it_looks_back() -> None:
    assert seconds(play(NET, [(0, 100), (5, 120), (9, 120)])) == []


def test_a_net_move_is_measured_from_the_price_in_force_then() -> None:
    # At 12 s the 105 of 2 s counts: 115.49 is not enough, whatever came between.
    path = [(0, 100), (2, 105), (4, 90), (11, 109), (12, 115.49), (12, 115.5)]

    assert seconds(play(NET, path)) == [12]


def test_after_a_net_move_the_fire_price_is_the_reference_until_it_is_old() -> None:
    path = [(0, 100), (10, 110), (15, 120), (16, 121), (21, 121)]

    assert seconds(play(NET, path)) == [10, 16]


def test_a_move_from_a_price_fires_at_exactly_so_many_percent() -> None:
    assert seconds(play(FIXED, [(0, 100), (1, 109.99), (2, 110)])) == [2]


def test_a_move_from_a_price_that_is_already_there_seeds_silently() -> None:
    assert seconds(play(FIXED, [(0, 111), (1, 112)])) == []


def test_a_move_from_a_price_fires_again_after_coming_back_by_half() -> None:
    path = [(0, 100), (1, 110), (2, 105), (3, 110), (4, 104.99), (5, 110)]

    assert seconds(play(FIXED, path)) == [1, 5]


def test_the_way_back_can_be_chosen() -> None:
    when = FIXED | {"rearm": "10%"}
    path = [(0, 100), (1, 110), (2, 100), (3, 110), (4, 99.99), (5, 110)]

    assert seconds(play(when, path)) == [1, 5]


def test_the_quiet_bands_of_references_hide_nothing() -> None:
    path = [(i, 100 + (i * 7) % 23 - 11) for i in range(200)]

    for when in (NET, FIXED, FIXED | {"direction": "any", "by": "5%"}):
        assert play(when, path) == play_everything(when, path)
