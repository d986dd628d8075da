"""The slim import gives the same classes as the plain one; each in its own process."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from market.feeds.ccxt_load import suggest_venues, venue_ids

ROOT = Path(__file__).parents[3]

VENUES = ("kraken", "binance", "coinbase", "bitstamp", "kucoin", "okx")

_DESCRIBE = """
import hashlib, json, sys
from market.feeds.ccxt_load import load_exchange_class, venue_ids
found = {}
for venue in sys.argv[2:]:
    cls = load_exchange_class(venue, plain=sys.argv[1] == "plain")
    described = json.dumps(cls().describe(), sort_keys=True, default=str)
    found[venue] = {
        "mro": [f"{c.__module__}.{c.__qualname__}" for c in cls.__mro__],
        "describe": hashlib.sha256(described.encode()).hexdigest(),
        "modules": sum(name.startswith("ccxt.async_support.") for name in sys.modules),
    }
import ccxt
import ccxt.async_support
found["package"] = {
    "version": ccxt.__version__,
    "exchanges": sorted(ccxt.exchanges),
    "listed": sorted(venue_ids()),
    "errors": [ccxt.NetworkError.__name__, ccxt.async_support.BadSymbol.__name__],
    "class": type(ccxt.async_support.kraken).__name__,
    "missing": hasattr(ccxt.async_support, "no_such_venue"),
}
print(json.dumps(found))
"""

_TROUBLE = """
import sys
import market.feeds.ccxt_load as loader
def trouble(spec):
    raise {error}("ccxt was laid out differently")
loader._slim_package = trouble
cls = loader.load_exchange_class("kraken")
import ccxt
print(cls().id, type(ccxt).__name__)
"""

_AFTER_PLAIN = """
import ccxt.async_support
from market.feeds.ccxt_load import load_exchange_class
print(load_exchange_class("kraken") is ccxt.async_support.kraken)
"""

_UNTOUCHED = """
import sys
from market.feeds import CcxtSpec
CcxtSpec(kind="ccxt", exchange="kraken", base_url="http://127.0.0.1:1")
print(sorted({"ccxt", "aiohttp"} & sys.modules.keys()))
"""


def run(code: str, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def described(way: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(run(_DESCRIBE, way, *VENUES))
    return found


@pytest.mark.parametrize("venue", VENUES)
def test_the_slim_class_is_the_plain_one(venue: str) -> None:
    slim, plain = described("slim")[venue], described("plain")[venue]

    assert slim["mro"] == plain["mro"]
    assert slim["describe"] == plain["describe"]


def test_the_slim_package_answers_like_the_plain_one() -> None:
    slim, plain = described("slim")["package"], described("plain")["package"]

    assert slim == plain
    assert slim["listed"] == slim["exchanges"]
    assert slim["missing"] is False


def test_the_slim_import_leaves_the_other_venues_out() -> None:
    slim, plain = described("slim")["kraken"], described("plain")["kraken"]

    assert isinstance(slim["modules"], int)
    assert isinstance(plain["modules"], int)
    assert slim["modules"] < 20
    assert plain["modules"] > 100


@pytest.mark.parametrize("error", ["ImportError", "AttributeError", "RuntimeError"])
def test_any_surprise_falls_back_to_the_plain_import(error: str) -> None:
    assert run(_TROUBLE.format(error=error)).split() == ["kraken", "module"]


def test_ccxt_imported_by_somebody_else_is_used_as_it_is() -> None:
    assert run(_AFTER_PLAIN).strip() == "True"


def test_checking_a_source_imports_neither_ccxt_nor_aiohttp() -> None:
    assert run(_UNTOUCHED).strip() == "[]"


def test_a_slip_in_a_venue_s_name_is_understood() -> None:
    assert "kraken" in venue_ids()
    assert suggest_venues("Krakn")[0] == "kraken"
    assert suggest_venues("zzzzzz") == []
