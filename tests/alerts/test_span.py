"""Spans of time in the words of a person."""

import pytest

from alerts.span import render_span


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0, "0 s"),
        (999, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (400_000, "6 min 40 s"),
        (599_999, "9 min 59 s"),
        (645_000, "10 min"),
        (720_000, "12 min"),
        (3_600_000, "1 h"),
        (11_100_000, "3 h 5 min"),
        (86_400_000, "1 d"),
        (86_460_000, "1 d"),
        (187_200_000, "2 d 4 h"),
        (1_000 * 86_400_000, "1000 d"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(duration: int, words: str) -> None:
    assert render_span(duration) == words
