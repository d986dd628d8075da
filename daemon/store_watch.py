"""The store in trouble: told past the store, for the outbox cannot carry it."""

import logging

from alerts.matter import Matter
from daemon.clock import Clock
from daemon.pipeline import Pipeline
from daemon.store import Store
from storage.errors import StorageError

_PATIENCE = 10.0
"""Seconds that a store may refuse before a person hears of it: a backup holds the
lock for a while, and nothing is lost meanwhile."""

_log = logging.getLogger(__name__)


class StoreWatch:
    """Notices that the database refuses us, or that its files are gone."""

    def __init__(self, store: Store, pipeline: Pipeline, clock: Clock) -> None:
        self._store = store
        self._pipeline = pipeline
        self._clock = clock
        self._since: float | None = None
        self._told = False

    async def look(self, refused: StorageError | None) -> None:
        """Once a beat: tell trouble that lasts, once, and that it is over.

        Args:
            refused: what the beat's own transactions ended with.
        """
        gone = await self._missing_files()
        trouble = gone or self._pipeline.trouble or (str(refused) if refused else None)
        if trouble is None:
            await self._calm()
            return
        now = self._clock.monotonic()
        if self._since is None:
            self._since = now
            _log.error("%s", trouble, extra={"action": "storage_trouble"})
        if not self._told and (gone or now - self._since >= _PATIENCE):
            self._told = True
            await self._pipeline.shout(Matter.STORAGE_TROUBLE, trouble)

    async def _missing_files(self) -> str | None:
        try:
            await self._store.check_files()
        except StorageError as exc:
            return str(exc)
        return None

    async def _calm(self) -> None:
        self._since = None
        if self._told:
            self._told = False
            await self._pipeline.alarm(Matter.STORAGE_BACK, "")
            self._pipeline.calm(Matter.STORAGE_BACK, "")
