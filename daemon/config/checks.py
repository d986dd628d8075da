"""What the sections of a configuration mean together: every reference leads somewhere.

Works on the parsed file before the models do, so that one run tells everything; it
therefore believes nothing about types, and leaves what is malformed to the models.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import chain

from alerts.levels.edge import EDGES
from daemon.config.errors import Findings
from daemon.config.lines import KeyPath
from daemon.config.values import render_value, walk
from daemon.suggestion import with_hint

Table = Mapping[str, object]

EVERYTHING = "all"
"""What `levelwatch silence` takes for every rule; no rule may be called so."""

_ZONES = ("zone",)
"""Level kinds that have two edges."""
_NEED_ZONE = ("inside", "outside", "zone")
_NUMBER = re.compile(r"[+-]?[0-9][0-9_]*(\.[0-9_]+)?([eE][+-]?[0-9]+)?")
_PIPS = re.compile(r"\s*[0-9.]+(?:[eE][+-]?\d+)?\s*pips?\s*", re.IGNORECASE)


def check_references(data: Table, findings: Findings) -> None:
    """Note what refers to nothing, is named twice, or cannot mean anything.

    Args:
        data: the file's content, wild numbers gone, secrets still as references.
    """
    checks = _Checks(data, findings)
    checks.receivers()
    checks.instruments()
    checks.levels()
    checks.rules()


class _Checks:
    def __init__(self, data: Table, findings: Findings) -> None:
        self._findings = findings
        self._sources = _table(data, "sources")
        self._instruments = _table(data, "instruments")
        self._receivers = _table(data, "receivers")
        self._levels = _table(data, "levels")
        self._routing = _table(data, "routing")
        self._operator = _table(data, "operator")
        self._rules = _tables(data.get("rules"))

    def receivers(self) -> None:
        if not self._receivers:
            self._findings.add(
                ("receivers",),
                "none is configured, so nobody would hear of anything; add "
                '[receivers.screen] with kind = "console"',
            )
        self._names(self._routing, ("routing", "default"), self._receivers, "receiver")
        self._names(self._operator, ("operator", "to"), self._receivers, "receiver")

    def instruments(self) -> None:
        for name, table in self._instruments.items():
            path: KeyPath = ("instruments", name, "sources")
            self._names(_as_table(table), path, self._sources, "source")

    def levels(self) -> None:
        for name, value in self._levels.items():
            table, path = _as_table(value), ("levels", name)
            if _NUMBER.fullmatch(name):
                self._findings.add(path, "this name would read as a price")
            if "instrument" not in table:
                hint = with_hint("missing", "", self._instruments)
                self._findings.add((*path, "instrument"), hint)
            self._name(table, (*path, "instrument"), self._instruments, "instrument")

    def rules(self) -> None:
        first: dict[object, int] = {}
        for index, rule in self._rules:
            path: KeyPath = ("rules", index)
            self._duplicate(rule.get("id"), index, first)
            self._name(rule, (*path, "instrument"), self._instruments, "instrument")
            self._names(rule, (*path, "to"), self._receivers, "receiver")
            self._when(rule, _as_table(rule.get("when")), (*path, "when"))

    def _duplicate(self, id_: object, index: int, first: dict[object, int]) -> None:
        if not isinstance(id_, str):
            return
        if id_ == EVERYTHING:
            message = (
                f"{render_value(id_)} means everything in `silence`; choose another"
            )
            self._findings.add(("rules", index, "id"), message)
        if id_ not in first:
            first[id_] = index
            return
        line = self._findings.line_of(("rules", first[id_], "id"))
        place = f"on line {line}" if line else f"rules[{first[id_]}]"
        self._findings.add(
            ("rules", index, "id"),
            f"{render_value(id_)} is already the rule {place}; ids are unique",
        )

    def _when(self, rule: Table, when: Table, path: KeyPath) -> None:
        self._level(rule, when, (*path, "level"))
        self._pips(rule, when, path)

    def _level(self, rule: Table, when: Table, path: KeyPath) -> None:
        level, kind = when.get("level"), when.get("kind")
        is_zone = None
        if isinstance(level, int | Decimal) and not isinstance(level, bool):
            is_zone = False
        elif isinstance(level, str):
            is_zone = self._named(level, rule.get("instrument"), path)
        elif isinstance(level, dict):
            is_zone = level.get("kind") in _ZONES if "kind" in level else None
            self._inline(level, rule.get("instrument"), path)
        if is_zone is False and kind in _NEED_ZONE:
            found = "a table" if isinstance(level, dict) else render_value(level)
            self._findings.add(
                path,
                f"{found} is no zone, and {render_value(kind)} needs one; write the "
                'name of a level with kind = "zone", or { kind = "zone", low = …, '
                "high = … }",
            )

    def _named(self, text: str, instrument: object, path: KeyPath) -> bool | None:
        """Check a level given by name.

        Returns:
            Whether it is a zone; None where that is unknown or was complained about.
        """
        if _NUMBER.fullmatch(text):
            return False
        name, dot, edge = text.partition(".")
        if name not in self._levels:
            known = chain(self._levels, self._all_edges())
            wrong = f"{render_value(text)} is not a level"
            self._findings.add(path, with_hint(wrong, text, known))
            return None
        level = _as_table(self._levels[name])
        owner = level.get("instrument")
        if (
            isinstance(owner, str)
            and isinstance(instrument, str)
            and owner != instrument
        ):
            self._findings.add(
                path,
                f"{render_value(text)} is a level of {owner}, and this rule watches "
                f"{instrument}",
            )
            return None
        return (
            self._edge(name, edge, level, path) if dot else level.get("kind") in _ZONES
        )

    def _edge(self, name: str, edge: str, level: Table, path: KeyPath) -> bool | None:
        if level.get("kind") not in _ZONES:
            self._findings.add(path, f'"{name}" is no zone: it has no edges')
            return None
        if edge not in EDGES:
            wrong = f"{render_value(edge)} is not an edge of {render_value(name)}"
            self._findings.add(path, with_hint(wrong, edge, EDGES))
            return None
        return False

    def _all_edges(self) -> Iterable[str]:
        for name, level in self._levels.items():
            if _as_table(level).get("kind") in _ZONES:
                yield from (f"{name}.{edge}" for edge in EDGES)

    def _inline(self, level: Table, instrument: object, path: KeyPath) -> None:
        own = level.get("instrument")
        if own is not None and own != instrument:
            self._findings.add(
                (*path, "instrument"),
                "a level inside a rule is of the rule's instrument; leave this out",
            )

    def _pips(self, rule: Table, when: Table, path: KeyPath) -> None:
        instrument = rule.get("instrument")
        if not isinstance(instrument, str) or instrument not in self._instruments:
            return
        if _as_table(self._instruments[instrument]).get("session") == "fx":
            return
        for inner, value in walk(when, path):
            if isinstance(value, str) and _PIPS.fullmatch(value):
                self._findings.add(
                    inner,
                    f'{render_value(value)}: pips have a meaning on session = "fx" '
                    f"only; write a number or a percentage for {instrument}",
                )

    def _names(self, table: Table, path: KeyPath, known: Table, noun: str) -> None:
        names = table.get(str(path[-1]))
        if isinstance(names, list):
            for index, name in enumerate(names):
                self._known(name, (*path, index), known, noun)

    def _name(self, table: Table, path: KeyPath, known: Table, noun: str) -> None:
        self._known(table.get(str(path[-1])), path, known, noun)

    def _known(self, name: object, path: KeyPath, known: Table, noun: str) -> None:
        if not isinstance(name, str) or name in known:
            return
        wrong = f"{render_value(name)} is not one of your {noun}s"
        self._findings.add(path, with_hint(wrong, name, known))


def _table(data: Table, key: str) -> Table:
    return _as_table(data.get(key))


def _as_table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> list[tuple[int, Table]]:
    items = value if isinstance(value, list) else []
    return [(n, item) for n, item in enumerate(items) if isinstance(item, dict)]
