"""`levelwatch schema`: the configuration's JSON schema, for editors."""

import json

import click

from daemon.commands.options import example


@click.command(
    epilog=example(
        "levelwatch schema > levelwatch.schema.json",
        "and as the first line of levelwatch.toml:",
        "#:schema ./levelwatch.schema.json",
    ),
)
def schema() -> None:
    """Print the JSON schema of levelwatch.toml.

    Editors with a TOML language server (tombi, Even Better TOML) complete and check
    the file as you type.
    """
    from daemon.config.schema import build_schema

    click.echo(json.dumps(build_schema(), indent=2, ensure_ascii=False))
