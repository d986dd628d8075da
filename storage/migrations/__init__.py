"""The history of the schema, for Alembic; used by storage/migration.py only.

`REVISIONS` repeats what the files in `versions/` say, because importing Alembic to
learn that nothing is to be done would cost every start 0.4 seconds. A test compares.
"""

REVISIONS = ("0001",)
HEAD = REVISIONS[-1]
