"""Alembic's entry: runs inside the transaction that storage/migration.py opened.

No logging set-up (`fileConfig` would mute the daemon's loggers) and no URL: the
connection is handed in.
"""

from alembic import context

from storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite's DDL is transactional as long as BEGIN is ours; Alembic assumes not.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
