"""How a notification reads on Telegram, and how it is made to fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.telegram_text import cut, fit, render_html, render_plain, units
from tests.alerts.channels.samples import LOCAL_TIME, message, notification
from tests.doubles.telegram import parse_html


def test_a_message_reads_like_this() -> None:
    assert render_html(notification()) == (
        "<b>BNB/USD fell below 637.0 — 636.9</b>\n"
        "the support that the May note leaned on\n"
        "636.9 is 0.02 % (0.1) below 637.0\n"
        f"kraken · {LOCAL_TIME}\n"
        "bnb-lost · id ab12cd"
    )


def test_a_late_repeat_says_both_under_the_title() -> None:
    text = render_plain(notification(in_doubt=True, late_by=12 * 60_000))

    assert text.splitlines()[:3] == [
        "BNB/USD fell below 637.0 — 636.9",
        "LATE by 12 min",
        "↻ may be a repeat · id ab12cd",
    ]


def test_only_the_three_signs_of_html_are_escaped() -> None:
    text = render_html(notification(message(title="""a<b & c>d "e" 'f' _*[`""")))

    assert text.startswith("""<b>a&lt;b &amp; c&gt;d "e" 'f' _*[`</b>\n""")


def test_a_high_severity_is_marked_before_the_title() -> None:
    assert render_plain(notification(message(severity="high"))).startswith("❗ BNB")


@pytest.mark.parametrize(
    ("text", "length"), [("abc", 3), ("—é価", 3), ("🚀", 2), ("🚀" * 2049, 4098)]
)
def test_length_is_counted_in_utf_16_units(text: str, length: int) -> None:
    assert units(text) == length


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abcd", 4, "abcd"),
        ("abcde", 4, "abc…"),
        ("🚀🚀", 4, "🚀🚀"),
        ("🚀🚀🚀", 4, "🚀…"),
        ("🚀🚀🚀", 5, "🚀🚀…"),
    ],
)
def test_a_cut_never_leaves_half_a_sign(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


def test_a_body_that_just_fits_is_not_touched() -> None:
    head_and_tail = len("T\n") + len("bnb-lost · id ab12cd") + 1
    line = "x" * (4096 - head_and_tail - 1)

    text = render_plain(notification(message(title="T", lines=(line,))))

    assert len(text) == 4095
    assert "…" not in text


def test_what_is_too_long_keeps_its_title_and_says_how_much_is_missing() -> None:
    lines = tuple(f"fact {number}: {'🚀' * 50}" for number in range(100))

    told = fit(notification(message(lines=lines), in_doubt=True))

    assert told[0] == "BNB/USD fell below 637.0 — 636.9"
    assert told[1] == "↻ may be a repeat · id ab12cd"
    assert told[-1] == "bnb-lost · id ab12cd"
    assert told[-3].endswith("…")
    assert told[-2] == f"… {100 - (len(told) - 4)} more lines"
    assert 4000 < units("\n".join(told)) <= 4096


def test_a_single_endless_line_is_cut() -> None:
    told = render_plain(notification(message(lines=("é" * 10_000,))))

    assert 4000 < units(told) <= 4096


def test_an_endless_title_leaves_room_for_the_body() -> None:
    told = render_plain(notification(message(title="x" * 10_000, lines=("why",))))

    assert "\nwhy\n" in told
    assert units(told.splitlines()[0]) == 512


def test_a_lone_surrogate_does_not_stop_a_message() -> None:
    render_html(notification(message(title="a\ud800b"))).encode()


@given(
    title=st.text(min_size=1, max_size=700),
    lines=st.lists(st.text(max_size=3000), max_size=8),
)
def test_whatever_is_said_telegram_shows_it_as_it_was_written(
    title: str, lines: list[str]
) -> None:
    told = notification(message(title=title, lines=tuple(lines)), in_doubt=True)

    plain = render_plain(told)

    assert parse_html(render_html(told)) == plain
    assert units(plain) <= 4096
