"""All kinds of receivers, together."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from alerts.channels import RECEIVER_KINDS

WHOLE: dict[str, dict[str, object]] = {
    "telegram": {"token": "1:CANARY", "chat": "CANARY"},
    "email": {"host": "h", "from": "a@b.c", "to": ["a@b.c"]},
    "webhook": {"url": "https://example.org/CANARY"},
    "console": {},
}


def test_there_is_a_sample_of_every_kind() -> None:
    assert RECEIVER_KINDS.keys() == WHOLE.keys()


@pytest.mark.parametrize("kind", WHOLE)
def test_a_kind_is_called_what_the_registry_calls_it(kind: str) -> None:
    spec = RECEIVER_KINDS[kind].model_validate({"kind": kind, **WHOLE[kind]})

    assert spec.kind == kind
    assert "CANARY" not in repr(spec)


@pytest.mark.parametrize("kind", WHOLE)
def test_an_unknown_key_is_an_error_that_shows_no_value(kind: str) -> None:
    keys = {"kind": kind, **WHOLE[kind], "tokn": "CANARY"}

    with pytest.raises(ValidationError, match="tokn") as caught:
        RECEIVER_KINDS[kind].model_validate(keys)

    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("kind", WHOLE)
def test_every_key_of_a_kind_has_a_schema(kind: str) -> None:
    schema = RECEIVER_KINDS[kind].model_json_schema()

    assert set(WHOLE[kind]) <= set(schema["properties"])


def test_knowing_the_kinds_does_not_import_what_only_sending_needs() -> None:
    code = (
        "import sys, alerts.channels; "
        "print(sorted({'httpx', 'httpcore', 'aiosmtplib', 'rich'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
