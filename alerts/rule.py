"""A rule, checked and ready: what is asked, and what happens when it is true."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts.conditions.condition import Condition
from alerts.conditions.spec import ConditionSpec, LevelCondition
from alerts.conditions.zone import ZoneConditionSpec
from alerts.levels.edge import EDGES, EdgeSpec
from alerts.levels.fixed import PriceSpec, ZoneSpec
from alerts.levels.level import LevelSpec
from alerts.notification import Severity
from market.instant import MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the user wrote, resolved.

    Attributes:
        revision: hash of what is asked; another answer than before starts afresh.
            Messages, receivers and filters do not belong to it.
        level_name: as the user calls the level: its id, or the price as written.
        frequency: "every", "once" or "once_per_bar:<timeframe>".
        expires: from this instant on nothing is sent; None never.
    """

    id: str
    instrument: str
    revision: str
    spec: ConditionSpec
    condition: Condition[Any]
    level: LevelSpec | None
    level_name: str | None
    severity: Severity = "normal"
    to: tuple[str, ...] = ()
    cooldown: int = 5 * MINUTE
    frequency: str = "every"
    expires: int | None = None
    note: str = ""


def build_rule(
    when: ConditionSpec,
    *,
    id: str,  # noqa: A002 - the field's own name in the config
    instrument: str,
    levels: Mapping[str, LevelSpec],
    **filters: Any,  # noqa: ANN401 - the fields of Rule that are not asked
) -> Rule:
    """Resolve a rule's level and build its machine.

    Raises:
        KeyError: the level that it names is not in `levels`.
    """
    level, name = _resolve(when, levels)
    if isinstance(when, ZoneConditionSpec) and isinstance(level, ZoneSpec):
        role = {"support": 1, "resistance": -1, None: 0}[level.role]
        condition: Condition[Any] = when.build_as(role)
    else:
        condition = when.build()
    return Rule(
        id=id,
        instrument=instrument,
        revision=_revision(when, level, instrument),
        spec=when,
        condition=condition,
        level=level,
        level_name=name,
        **filters,
    )


def _resolve(
    when: ConditionSpec, levels: Mapping[str, LevelSpec]
) -> tuple[LevelSpec | None, str | None]:
    if not isinstance(when, LevelCondition):
        return None, None
    written = when.level
    if isinstance(written, LevelSpec):
        if isinstance(written, PriceSpec):
            return written, str(written.price)
        return written, written.kind_name
    if written in levels:
        return levels[written], written
    base, _, edge = written.rpartition(".")
    if edge not in EDGES:
        raise KeyError(written)
    return EdgeSpec(of=levels[base], edge=edge), written


def _revision(when: ConditionSpec, level: LevelSpec | None, instrument: str) -> str:
    asked = when.model_dump(mode="json", exclude={"level"})
    where = (
        None if level is None else level.model_dump(mode="json", serialize_as_any=True)
    )
    text = json.dumps([instrument, asked, where], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
