"""Small configurations for tests, written into a folder."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from daemon.config import Config, load_config
from daemon.errors import ConfigError

PRELUDE = dedent("""\
    [sources.kraken]
    kind = "ccxt"
    exchange = "kraken"
    [instruments."BNB/USD"]
    sources = ["kraken"]
    [instruments."EUR/USD"]
    sources = ["kraken"]
    session = "fx"
    [receivers.screen]
    kind = "console"
    [levels.bnb-640]
    instrument = "BNB/USD"
    kind = "zone"
    low = 637
    high = 643
    """)
"""Fifteen lines that are in order; what a test adds begins on line 16."""

TOKEN = "123456789:AAF-canary_canary_canary_canary_cana"


def load(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    """Write levelwatch.toml into a folder and load it."""
    path = folder / "levelwatch.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, environ or {})


def problems(
    folder: Path, text: str, environ: Mapping[str, str] | None = None
) -> list[str]:
    """What is wrong with a configuration, the folder's name left out."""
    try:
        load(folder, text, environ)
    except ConfigError as exc:
        return str(exc).replace(f"{folder}/", "").splitlines()
    return []
