"""Numbers that TOML allows and no price can be: they stop at the door.

What is read later may then turn any number into a float or an integer of the
database without asking again.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from daemon.config.lines import KeyPath
from daemon.config.values import render_value

if TYPE_CHECKING:
    from daemon.config.errors import Findings

_INTEGER_BITS = 63
_MAGNITUDE = 300
"""Decimal exponents beyond this overflow or vanish as a float."""
_DIGITS = 40


def tame_numbers(data: Mapping[str, object], findings: "Findings") -> dict[str, object]:
    """A copy of the file's content, wild numbers noted and replaced by None."""
    return {key: _tame(value, (key,), findings) for key, value in data.items()}


def _tame(value: object, path: KeyPath, findings: "Findings") -> object:
    if isinstance(value, dict):
        return {key: _tame(v, (*path, key), findings) for key, v in value.items()}
    if isinstance(value, list):
        return [_tame(v, (*path, index), findings) for index, v in enumerate(value)]
    if complaint := _complaint(value):
        findings.add(path, complaint)
        return None
    return value


def _complaint(value: object) -> str | None:
    if isinstance(value, int) and value.bit_length() > _INTEGER_BITS:
        return "a whole number beyond 64 bits"
    if not isinstance(value, Decimal):
        return None
    if not value.is_finite():
        return f"{render_value(value)} is not a number to work with"
    if abs(value.adjusted()) > _MAGNITUDE or len(value.as_tuple().digits) > _DIGITS:
        return f"{render_value(value)} is beyond any price"
    return None
