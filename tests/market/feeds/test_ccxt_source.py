"""What the configuration may say about a source of kind "ccxt"."""

import pytest
from pydantic import ValidationError

from market.feeds import SOURCE_KINDS, CcxtSpec


def test_the_kind_is_registered() -> None:
    assert SOURCE_KINDS["ccxt"] is CcxtSpec


def test_the_defaults_are_those_of_the_manual() -> None:
    spec = CcxtSpec(kind="ccxt", exchange="kraken")

    assert (spec.every, spec.timeout) == (5_000, 10_000)
    assert (spec.base_url, spec.spacing, spec.plain_import) == (None, None, False)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("exchange", "krakn", 'did you mean "kraken"'),
        ("exchange", "Kraken", 'did you mean "kraken"'),
        ("exchange", "__init__", "is not an exchange of ccxt"),
        ("exchange", "base", "is not an exchange of ccxt"),
        ("every", "0s", "no time at all"),
        ("every", 5, "is not a duration"),
        ("base_url", "127.0.0.1:8701", "must begin with"),
        ("base_url", "ftp://127.0.0.1", "must begin with"),
        ("base_url", "http://", "must begin with"),
        ("base_url", "http://me:hunter2@127.0.0.1", "must not hold a user"),
        ("base_url", "http://127.0.0.1/?a=b", "must end with the path"),
        ("base_url", "http://127.0.0.1:port", "not an address"),
        ("evry", "5s", "Extra inputs"),
    ],
)
def test_a_wrong_value_is_refused_with_a_reason(
    key: str, value: object, said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        CcxtSpec.model_validate({"kind": "ccxt", "exchange": "kraken", key: value})

    (error,) = caught.value.errors(include_input=False)
    assert error["loc"] == (key,)
    assert said in error["msg"]
    assert "hunter2" not in error["msg"]


def test_a_base_url_loses_its_last_slash() -> None:
    spec = CcxtSpec.model_validate(
        {"kind": "ccxt", "exchange": "kraken", "base_url": "http://127.0.0.1:8701/"}
    )

    assert spec.base_url == "http://127.0.0.1:8701"
