"""What is asked of the price. A new kind of condition costs one line here."""

from alerts.conditions.approach import ApproachSpec
from alerts.conditions.cross import CrossSpec, ReachSpec
from alerts.conditions.move import MoveSpec
from alerts.conditions.spec import ConditionSpec
from alerts.conditions.state_kinds import (
    AboveSpec,
    BelowSpec,
    InsideSpec,
    OutsideSpec,
)
from alerts.conditions.touch import TouchSpec
from alerts.conditions.zone import ZoneConditionSpec

CONDITION_KINDS: dict[str, type[ConditionSpec]] = {
    "cross": CrossSpec,
    "reach": ReachSpec,
    "above": AboveSpec,
    "below": BelowSpec,
    "inside": InsideSpec,
    "outside": OutsideSpec,
    "zone": ZoneConditionSpec,
    "touch": TouchSpec,
    "approach": ApproachSpec,
    "move": MoveSpec,
}
