"""How long a receiver asks us to wait."""

import pytest

from alerts.channels.retry_after import parse_retry_after
from tests.alerts.channels.samples import AT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (5, 5.0),
        (0.25, 0.25),
        ("-3", 0.0),
        ("inf", 604_800.0),
        ("1e999", 604_800.0),
        (10**400, None),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
        (True, None),
        ([5], None),
        ("Sat, 17 May 2025 01:06:00 GMT", 60.0),
        ("Sat, 17 May 2025 01:00:00 GMT", 0.0),
        ("Sat, 17 May 2025 01:06:00", None),
        ("Sat, 99 May 2025 01:06:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(
    value: object, seconds: float | None
) -> None:
    assert parse_retry_after(value, AT) == seconds
