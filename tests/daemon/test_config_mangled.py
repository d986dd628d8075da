"""Whatever is in the file: it loads, or it is a ConfigError, never anything else."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import load_config
from daemon.errors import ConfigError
from daemon.starter import Answers, Email, render_config

WHOLE = render_config(
    Answers(
        telegram=True,
        email=Email(host="mail.example.org", user="me", sender="a@b.c", to=("d@e.f",)),
    )
)
ENVIRON = {
    "TELEGRAM_TOKEN": "123456789:AAF-canary_canary_canary_canary_cana",
    "TELEGRAM_CHAT": "canary-chat",
    "SMTP_PASSWORD": "canary-password",
}
ODD_VALUES = [
    "nan",
    "-inf",
    "-0.0",
    "1e400",
    "9e9999999",
    "0xffffffffffffffffffffffff",
    "true",
    '""',
    '"secret:"',
    '"secret:../x"',
    '"\\u0000"',
    '"\\u202e"',
    "[]",
    "[[[]]]",
    "{}",
    "1979-05-27",
    "07:32:00",
    "1979-05-27T07:32:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    '"' + "9" * 5000 + '"',
    '"' + "9" * 400 + 'd"',
    '"1e400%"',
    '"9e9999999pips"',
    '"bnb-640."',
    '"."',
    '"closes:99999999999:1d"',
    "{ kind = 5 }",
    '{ kind = "sma" }',
    '{ kind = "price", price = 0 }',
]


def _load(folder: Path, content: bytes) -> str:
    path = folder / "levelwatch.toml"
    path.write_bytes(content)
    try:
        return repr(load_config(path, ENVIRON))
    except ConfigError as exc:
        return str(exc)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mangled")


def test_the_whole_file_is_in_order(folder: Path) -> None:
    assert _load(folder, WHOLE.encode()).startswith("Config(")


@pytest.mark.parametrize("odd", ODD_VALUES)
def test_an_odd_value_at_any_key_is_taken_or_told(folder: Path, odd: str) -> None:
    lines = WHOLE.splitlines()
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        if equals and not line.startswith("#"):
            mangled = [*lines[:number], f"{key} = {odd}", *lines[number + 1 :]]
            told = _load(folder, "\n".join(mangled).encode())
            assert "canary" not in told


@given(seed=st.integers(0, 2**32), count=st.integers(1, 6))
def test_a_mangled_file_is_taken_or_told(folder: Path, seed: int, count: int) -> None:
    dice = random.Random(seed)
    content = bytearray(WHOLE, "utf-8")
    for _ in range(count):
        at = dice.randrange(len(content))
        match dice.randrange(4):
            case 0:
                content[at] = dice.randrange(256)
            case 1:
                del content[at : at + dice.randrange(1, 40)]
            case 2:
                content[at:at] = dice.choice(b'="[]{}.#\n\\,').to_bytes()
            case _:
                piece = content[at : at + dice.randrange(1, 80)]
                content[dice.randrange(len(content)) : 0] = piece

    assert "canary" not in _load(folder, bytes(content))


TOML_KEY = st.sampled_from(
    [
        "storage",
        "sources",
        "kraken",
        "instruments",
        "receivers",
        "routing",
        "levels",
        "rules",
        "when",
        "kind",
        "level",
        "id",
        "instrument",
        "to",
        "default",
        "price",
        "low",
        "high",
        "url",
        "token",
        "secret",
    ]
)
TOML_VALUE = st.recursive(
    st.sampled_from([v for v in ODD_VALUES if v[0] not in "[{"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(TOML_KEY, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{k} = {v}" for k, v in table.items()) + "}"
        ),
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.lists(TOML_KEY, min_size=1, max_size=3), TOML_VALUE)))
def test_any_tables_under_our_own_names_are_taken_or_told(
    folder: Path, items: list[tuple[list[str], str]]
) -> None:
    text = "\n".join(f"{'.'.join(keys)} = {value}" for keys, value in items)

    assert "canary" not in _load(folder, text.encode())
