"""Which keys a table of the configuration knows, for "did you mean"."""

from collections.abc import Mapping

from pydantic import BaseModel

from daemon.config.kinds import CONDITIONS, LEVELS, RECEIVERS, SOURCES, OneOf
from daemon.config.lines import KeyPath
from daemon.config.sections import (
    Config,
    DisplaySection,
    InstrumentSection,
    OperatorSection,
    RoutingSection,
    RuleSection,
    StorageSection,
)

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "storage": StorageSection,
    "routing": RoutingSection,
    "operator": OperatorSection,
    "display": DisplaySection,
}


def kinds_at(path: KeyPath) -> OneOf | None:
    """The registry that reads the table at this path; None where `kind` is no key."""
    match path:
        case ("sources", str()):
            return SOURCES
        case ("receivers", str()):
            return RECEIVERS
        case ("levels", str()) | ("rules", int(), "when", "level"):
            return LEVELS
        case ("rules", int(), "when"):
            return CONDITIONS
    return None


def has_tag(path: KeyPath) -> bool:
    """Whether pydantic's locations name the kind after this path.

    Not after a level inside a rule, which its condition validates by itself.
    """
    is_inline_level = path[:1] == ("rules",) and path[-1:] == ("level",)
    return kinds_at(path) is not None and not is_inline_level


def known_keys(path: KeyPath, table: object) -> tuple[str, ...]:
    """The keys that the table at this path may have; empty where it is no model's.

    Args:
        table: its content, whose `kind` may decide.
    """
    model = _model_at(path, table)
    if model is None:
        return ()
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _model_at(path: KeyPath, table: object) -> type[BaseModel] | None:
    registry = kinds_at(path)
    if registry is not None:
        kind = table.get("kind") if isinstance(table, dict) else None
        return registry.kinds.get(kind) if isinstance(kind, str) else None
    match path:
        case ():
            return Config
        case (str() as section,):
            return _SECTIONS.get(section)
        case ("instruments", str()):
            return InstrumentSection
        case ("rules", int()):
            return RuleSection
    return None
