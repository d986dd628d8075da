"""What must not be read in any text."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from daemon.redaction import Redactor

TOKEN = "7001234567:AAF-canary_canary_canary_canary_012"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"token {TOKEN}", "token [secret]"),
        (
            f"POST http://127.0.0.1/bot{TOKEN}/sendMessage",
            "POST http://127.0.0.1/bot[secret]/sendMessage",
        ),
        (TOKEN.replace(":", "%3A"), "[secret]"),
        (TOKEN.replace(":", "%3a"), "[secret]"),
        ("at 2025-05-17T01:05:00Z", "at 2025-05-17T01:05:00Z"),
        ("tick 1747443900000:638.1", "tick 1747443900000:638.1"),
        ("1234567:short", "1234567:short"),
    ],
)
def test_a_telegram_token_is_known_by_its_shape(text: str, expected: str) -> None:
    assert Redactor().redact(text) == expected


PASSWORD = 'p&ss wörd"/\\%<x>'


@pytest.mark.parametrize(
    "spelling",
    [
        PASSWORD,
        quote(PASSWORD),
        quote(PASSWORD, safe=""),
        quote_plus(PASSWORD),
        quote(PASSWORD, safe="").replace("%C3%B6", "%c3%b6").replace("%2F", "%2f"),
        json.dumps(PASSWORD),
        json.dumps(PASSWORD, ensure_ascii=False),
        repr(PASSWORD),
        "p&amp;ss wörd&quot;/\\%&lt;x&gt;",
        'p&amp;ss wörd"/\\%&lt;x&gt;',
        base64.b64encode(PASSWORD.encode()).decode(),
        base64.urlsafe_b64encode(PASSWORD.encode()).decode(),
    ],
)
def test_a_registered_secret_is_hidden_in_every_spelling(spelling: str) -> None:
    redacted = Redactor([PASSWORD]).redact(f"before {spelling} after")

    assert redacted.startswith("before ")
    assert redacted.endswith(" after")
    assert "[secret]" in redacted
    assert "wörd" not in redacted
    assert spelling not in redacted


def test_of_two_secrets_where_one_begins_the_other_all_is_hidden() -> None:
    redactor = Redactor(["hunter2"])

    redactor.register("hunter2-and-more")

    assert redactor.redact("hunter2-and-more") == "[secret]"


def test_a_secret_of_three_characters_would_blacken_words_and_is_ignored() -> None:
    assert Redactor(["", "abc"]).redact("abcdef") == "abcdef"


def test_special_signs_of_regular_expressions_are_plain_text() -> None:
    assert Redactor(["a.c*"]).redact("abcc a.c*") == "abcc [secret]"


def test_the_redactor_does_not_show_what_it_knows() -> None:
    assert "hunter2" not in repr(Redactor(["hunter2"]))
