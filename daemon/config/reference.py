"""Writes docs/configuration.md from the models: `python -m daemon.config.reference`.

The models' docstrings are the text, so the reference cannot fall behind; a test
compares it with the file.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from alerts.distance import Distance
from daemon.config.kinds import CONDITIONS, LEVELS, RECEIVERS, SOURCES, OneOf
from daemon.config.sections import (
    DisplaySection,
    InstrumentSection,
    OperatorSection,
    RoutingSection,
    RuleSection,
    StorageSection,
)
from market.fields import DURATION_PATTERN
from market.instant import render_duration

_DURATION = "duration"

FILE = Path("docs/configuration.md")

_HEAD = """\
# The configuration

<!-- Written by `python -m daemon.config.reference`; edit the models instead. -->

`levelwatch.toml` is looked for in the working directory, then in
`$XDG_CONFIG_HOME/levelwatch/`, then in `/etc/levelwatch/`; `-c FILE` names another.
`levelwatch check` tells every mistake with its line, and reads the rules back in
plain words. A key that is not listed here is a mistake. `config.example.toml` shows
everything in use.

| written as | examples |
|---|---|
| duration | `"5s"`, `"15m"`, `"4h"`, `"30d"`, `"1h30m"` |
| distance | `"0.5%"` of the level, `"10pips"` (session `fx`), `"0.25atr"` (ATR of 14 \
days), `0.002` in price units; `"0"` switches a default off |
| date and time | `2027-01-01T00:00:00Z`; a time without a zone is refused |
| timeframe | `"1m"`, `"5m"`, `"15m"`, `"1h"`, `"4h"`, `"1d"`, `"1w"` |
| name | letters, digits, `-` and `_` |

**Secrets** stand elsewhere: `token = "secret:TELEGRAM_TOKEN"` in `[storage]`,
`[sources]`, `[receivers]` and `[operator]` is looked up in
`$CREDENTIALS_DIRECTORY/TELEGRAM_TOKEN` (systemd), then in the file that
`$TELEGRAM_TOKEN_FILE` names, then in `$TELEGRAM_TOKEN`, then in the `.env` file
beside the configuration, which must be readable by its owner alone
(`chmod 600 .env`).

**A level** in a rule is a price (`637`), the name of one of `[levels]`, an edge of a
zone (`"bnb-640.upper"`, `"bnb-640.lower"`), or a table
(`{ kind = "sma", length = 200, timeframe = "4h" }`).
"""

_COMMON_KEYS: Mapping[str, str] = {
    "direction": "Which way the price moves; `any` watches both.",
    "high": "The upper edge.",
    "length": "How many closed bars are averaged.",
    "level": "A price, the name of a level, a zone's edge, or a table.",
    "low": "The lower edge.",
    "price": "The price itself.",
    "timeframe": "The length of those bars.",
}
"""Words that mean the same wherever they occur, for fields that do not say it."""

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[storage]", StorageSection),
    ("[display]", DisplaySection),
    ('[instruments."BASE/QUOTE"]', InstrumentSection),
    ("[routing]", RoutingSection),
    ("[operator]", OperatorSection),
    ("[[rules]]", RuleSection),
)
_REGISTRIES: tuple[tuple[str, str, OneOf], ...] = (
    ("[sources.NAME]", "Where prices come from.", SOURCES),
    ("[receivers.NAME]", "Who is told.", RECEIVERS),
    ("[levels.NAME]", "Where the price matters.", LEVELS),
    ("when", "The condition of a rule: `when = { kind = …, … }`.", CONDITIONS),
)


def render_reference() -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD]
    for title, model in _SECTIONS:
        parts.append(f"## `{title}`\n\n{_summary(model)}\n\n{_table(model)}")
    for title, purpose, registry in _REGISTRIES:
        parts.append(f"## `{title}`\n\n{purpose}\n")
        for kind, model in registry.kinds.items():
            parts.append(
                f'### `kind = "{kind}"`\n\n{_summary(model)}\n\n{_table(model)}'
            )
    return "\n".join(parts)


def _summary(model: type[BaseModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").partition("\n\n")[0]


def _table(model: type[BaseModel]) -> str:
    texts = _field_docs(model)
    schema = model.model_json_schema(by_alias=True)
    rows = ["| key | value | default | |", "|---|---|---|---|"]
    for name, field in _ordered(model):
        key = field.alias or name
        text = texts.get(name) or _COMMON_KEYS.get(name, "")
        value = _say_value(field, schema["properties"][key], schema.get("$defs", {}))
        rows.append(
            f"| `{key}` | {_cell(value)} | {_cell(_say_default(field, value))} | "
            f"{_cell(text)} |"
        )
    return "\n".join(rows) + "\n"


def _ordered(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Fields as people write them: the level first, `kind` not at all."""
    fields = [item for item in model.model_fields.items() if item[0] != "kind"]
    yield from sorted(fields, key=lambda item: item[0] != "level")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _say_default(field: FieldInfo, value: str) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default in (None, (), ""):
        return ""
    if value == _DURATION:
        return f'`"{render_duration(default)}"`'
    literal = _literal(default)
    return f"`{literal}`" if literal else ""


def _literal(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case SecretStr():
            return f'"{value.get_secret_value()}"'
        case Enum():
            return f'"{value.value}"'
        case int() | Decimal():
            return str(value)
        case str() | Distance():
            return f'"{value}"'
    return ""


def _say_value(
    field: FieldInfo, schema: Mapping[str, Any], defs: Mapping[str, Any]
) -> str:
    types = {field.annotation, *get_args(field.annotation)}
    if Distance in types:
        return "distance"
    if Decimal in types:
        return "number"
    return _say_schema(schema, defs)


_PLAIN = {
    "boolean": "`true` or `false`",
    "integer": "whole number",
    "number": "number",
    "object": "table",
    "string": "text",
}


def _say_schema(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _say_schema(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "enum" in schema:
        return ", ".join(f'`"{word}"`' for word in schema["enum"])
    if "oneOf" in schema:
        return "table with a `kind`"
    if "anyOf" in schema:
        options = [s for s in schema["anyOf"] if s.get("type") != "null"]
        return " or ".join(dict.fromkeys(_say_schema(s, defs) for s in options))
    if schema.get("type") == "array":
        return f"list of {_say_schema(schema['items'], defs)}"
    if schema.get("pattern") == DURATION_PATTERN:
        return _DURATION
    is_moment = schema.get("format") == "date-time"
    return "date and time" if is_moment else _PLAIN[schema.get("type", "string")]


def _field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The docstrings below the fields, those of a subclass over its parents'."""
    docs: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            docs |= _docs_of_class(cls)
    return docs


def _docs_of_class(cls: type) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    if not isinstance(tree, ast.ClassDef):
        return {}
    docs = {}
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str() as doc)),
            ):
                docs[name] = inspect.cleandoc(doc)
    return docs


def main() -> None:
    """Write the page into the checkout that this is run from."""
    FILE.write_text(render_reference(), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main()
