"""The branch of the store.

::

    StorageError
    ├── StorageUnavailable   temporary: full, locked, I/O error; memory keeps the data
    └── StorageUnusable      permanent: not our file, newer schema, damaged
"""

from market.errors import LevelwatchError


class StorageError(LevelwatchError):
    """The database did not do what was asked."""


class StorageUnavailable(StorageError):
    """It may succeed later; nothing was stored now."""


class StorageUnusable(StorageError):
    """It will not succeed until a person acts."""
