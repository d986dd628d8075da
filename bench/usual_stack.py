"""The usual stack as a process: what one writes with the same libraries first.

Plain `import ccxt.async_support`, APScheduler, an ORM session per price, an httpx
client per message. Its own limiter is off: `polls` measures that.
Arguments: exchange URL, hook URL, database file, seconds between polls.
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

import ccxt.async_support as ccxt
import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

_LEVEL = 637.0
_SYMBOLS = ("XMR/USD", "BNB/USD", "DOGE/USD", "EUR/USD")


class Base(DeclarativeBase):
    """All tables."""


class Price(Base):
    """One price."""

    __tablename__ = "prices"

    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str] = mapped_column(index=True)
    ts: Mapped[datetime] = mapped_column(index=True)
    price: Mapped[float]


class Alert(Base):
    """One alert, recorded before it is sent."""

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str]
    ts: Mapped[datetime]
    price: Mapped[float]
    sent: Mapped[bool] = mapped_column(default=False)


class Watcher:
    """Polls, stores, compares, sends."""

    def __init__(self, base_url: str, hook_url: str, path: str) -> None:
        self._hook_url = hook_url
        self._engine = create_engine(f"sqlite:///{path}")
        Base.metadata.create_all(self._engine)
        self._exchange: Any = ccxt.kraken({"enableRateLimit": False})
        self._exchange.urls["api"]["public"] = base_url
        self._below: bool | None = None

    async def poll(self) -> None:
        """One round over all symbols."""
        tickers = await self._exchange.fetch_tickers(list(_SYMBOLS))
        now = datetime.now(tz=UTC)
        with Session(self._engine) as session:
            for symbol in _SYMBOLS:
                price = tickers[symbol]["last"]
                session.add(Price(symbol=symbol, ts=now, price=price))
            session.commit()
        await self._compare(tickers["BNB/USD"]["last"], now)

    async def _compare(self, price: float, now: datetime) -> None:
        below = price < _LEVEL
        if below == self._below or (self._below is None and not below):
            self._below = below
            return
        self._below = below
        with Session(self._engine) as session:
            alert = Alert(symbol="BNB/USD", ts=now, price=price)
            session.add(alert)
            session.commit()
            async with httpx.AsyncClient() as client:
                await client.post(self._hook_url, json={"price": price})
            alert.sent = True
            session.commit()


async def main(base_url: str, hook_url: str, path: str, every: float) -> None:
    """Watch until killed."""
    watcher = Watcher(base_url, hook_url, path)
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        watcher.poll, "interval", seconds=every, next_run_time=datetime.now(tz=UTC)
    )
    scheduler.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
