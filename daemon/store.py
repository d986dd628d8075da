"""The store's one thread: the event loop never waits for a disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from storage.database import Database, open_database

T = TypeVar("T")


class Store:
    """Runs storage functions one after the other, each in its own transaction."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._database: Database | None = None

    async def open(self, url: str) -> None:
        """Open the database, and bring its schema up to date.

        Raises:
            StorageError: it cannot be opened; nothing was changed.
        """
        self._database = await self._call(lambda: open_database(url))

    async def run(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Do work in one transaction; what it returns is stored, or nothing is.

        Args:
            durable: a power cut afterwards cannot take it back.
        """
        return await self._call(lambda: self._transact(work, durable=durable))

    async def check_files(self) -> None:
        """See that the database's files are still the ones that were opened."""
        if self._database is not None:
            await self._call(self._database.check_files)

    async def close(self) -> None:
        """Close the database once everything before is done."""
        if self._database is not None:
            await self._call(self._database.close)
        self._thread.shutdown()

    def _transact(self, work: Callable[[Connection], T], *, durable: bool) -> T:
        if self._database is None:
            raise RuntimeError("the store was used before it was opened")
        with self._database.transaction(durable=durable) as connection:
            return work(connection)

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
