"""The JSON schema of the configuration, built from its models."""

from typing import Any

from daemon.config.sections import Config


def build_schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of levelwatch.toml.

    It describes one value at a time; that rules refer to existing levels and
    receivers only `levelwatch check` can tell.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Config.model_json_schema(by_alias=True),
        "title": "levelwatch.toml",
    }
