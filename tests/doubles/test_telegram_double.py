"""The Bot API server refuses what Telegram refuses."""

import pytest

from tests.doubles.telegram import EntityError, parse_html


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("<b>bold</b>", "bold"),
        ("<B>bold</b>", "bold"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("&#8212;&#x2014;", "——"),
        ("&nbsp; stays, and so does R&D", "&nbsp; stays, and so does R&D"),
        ('<a href="https://example.org">link</a>', "link"),
        ("<b><i>nested</i></b>", "nested"),
        ("a > b", "a > b"),
    ],
)
def test_what_telegram_parses(text: str, seen: str) -> None:
    assert parse_html(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "<b>open",
        "close</b>",
        "<b><i>x</b></i>",
        "<h1>x</h1>",
        "a < b",
        "a<b",
        "<",
        "<>",
    ],
)
def test_what_telegram_cannot_parse(text: str) -> None:
    with pytest.raises(EntityError):
        parse_html(text)
