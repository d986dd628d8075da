"""What a venue lists, cut down to what we watch there."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from market.errors import UnknownInstrument

_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One listed instrument.

    Attributes:
        venue_id: what the venue calls it.
        active: False where the venue says that it does not trade.
        kind: what a bulk request must have in common.
    """

    instrument: str
    venue_id: str
    active: bool
    kind: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The watched part of a venue's list.

    Attributes:
        markets: by instrument.
        wire: ccxt's own records of the same.
        known: every name in the venue's own spelling, watched or not.
        unknown: one for each instrument that the venue lacks.
    """

    markets: Mapping[str, Market] = field(default_factory=dict)
    wire: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    unknown: tuple[UnknownInstrument, ...] = ()


def read_listing(
    found: Mapping[str, dict[str, Any]], instruments: Sequence[str], venue: str
) -> Listing:
    """Pick the watched instruments out of ccxt's `markets`."""
    wire = {name: found[name] for name in instruments if name in found}
    return Listing(
        markets={name: _parse_market(name, record) for name, record in wire.items()},
        wire=wire,
        known=frozenset(str(record.get("id")) for record in found.values()),
        unknown=tuple(
            _unknown(name, found, venue) for name in instruments if name not in found
        ),
    )


def _parse_market(name: str, record: Mapping[str, Any]) -> Market:
    return Market(
        instrument=name,
        venue_id=str(record.get("id")),
        active=record.get("active") is not False,
        kind=(str(record.get("type")), str(record.get("settle"))),
    )


def _unknown(name: str, listed: Iterable[str], venue: str) -> UnknownInstrument:
    suggestions = suggest(name, listed)
    hint = " or ".join(f'"{other}"' for other in suggestions)
    return UnknownInstrument(
        f"{venue} does not list {name}" + (f"; did you mean {hint}?" if hint else ""),
        name,
        suggestions,
    )


def suggest(name: str, listed: Iterable[str]) -> tuple[str, ...]:
    """Near names, best first: the same base in another currency, then like spelling."""
    names = sorted(listed)
    base = name.partition("/")[0].upper() + "/"
    same_base = difflib.get_close_matches(
        name.upper(), [n for n in names if n.startswith(base)], n=_SUGGESTIONS, cutoff=0
    )
    alike = difflib.get_close_matches(name.upper(), names, n=_SUGGESTIONS, cutoff=0.8)
    return tuple(dict.fromkeys([*same_base, *alike]))[:_SUGGESTIONS]
