"""Tables whose `kind` decides which model reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import core_schema

from alerts.channels import RECEIVER_KINDS
from alerts.conditions import CONDITION_KINDS
from alerts.levels import LEVEL_KINDS
from market.feeds import SOURCE_KINDS


@dataclass(frozen=True)
class OneOf:
    """Annotation of a field: the registry's model that the table's `kind` names.

    A new kind is one line in its registry; the configuration, its errors, its JSON
    schema and its reference follow from that line.

    Attributes:
        noun: what an error calls it: '"corss" is not a condition'.
    """

    kinds: Mapping[str, type[BaseModel]]
    noun: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Choose by tag, so that errors are those of the meant kind only."""
        del source
        return core_schema.tagged_union_schema(
            {
                kind: handler.generate_schema(model)
                for kind, model in self.kinds.items()
            },
            discriminator="kind",
        )


SOURCES = OneOf(SOURCE_KINDS, "kind of source")
RECEIVERS = OneOf(RECEIVER_KINDS, "kind of receiver")
LEVELS = OneOf(LEVEL_KINDS, "kind of level")
CONDITIONS = OneOf(CONDITION_KINDS, "condition")
