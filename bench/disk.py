"""Bytes on disk per tick, beside the obvious table of an ORM.

The ORM's table is what one writes first: a counted id, the pair as text, a DateTime,
the price, the source as text, and an index over pair and time. Ours keeps bid, ask
and last price as well.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Index, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bench.figure import Figure
from bench.world import quoted_ticks
from market.instant import to_datetime
from market.tick import Tick
from storage.database import open_database
from storage.ticks import save_ticks


class _Base(DeclarativeBase):
    pass


class _Price(_Base):
    """The obvious table."""

    __tablename__ = "prices"
    __table_args__ = (Index("ix_prices_symbol_ts", "symbol", "ts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str]
    ts: Mapped[datetime]
    price: Mapped[float]
    source: Mapped[str]


def measure(*, quick: bool) -> list[Figure]:
    """File size over ticks, as written, a hundred per transaction."""
    ticks = quoted_ticks(40_000 if quick else 200_000)
    with TemporaryDirectory() as folder:
        ours = _ours(Path(folder) / "ours.db", ticks)
        obvious = _obvious(Path(folder) / "orm.db", ticks)
    return [
        Figure(
            name="disk per tick, hot",
            ours=ours / len(ticks),
            other=obvious / len(ticks),
            unit="bytes",
            against="the obvious ORM table",
            budget=1 / 3.5,
        )
    ]


def _ours(path: Path, ticks: Sequence[Tick]) -> int:
    database = open_database(f"sqlite:///{path}")
    database.checkpoint()
    empty = path.stat().st_size
    for first in range(0, len(ticks), 100):
        with database.transaction(durable=False) as connection:
            save_ticks(connection, ticks[first : first + 100])
    database.checkpoint()
    database.close()
    return path.stat().st_size - empty


def _obvious(path: Path, ticks: Sequence[Tick]) -> int:
    engine = create_engine(f"sqlite:///{path}")
    _Base.metadata.create_all(engine)
    empty = path.stat().st_size
    for first in range(0, len(ticks), 100):
        rows = [
            {
                "symbol": tick.instrument,
                "ts": to_datetime(tick.at).replace(tzinfo=None),
                "price": tick.price,
                "source": tick.source,
            }
            for tick in ticks[first : first + 100]
        ]
        with Session(engine) as session, session.begin():
            session.execute(insert(_Price), rows)
    engine.dispose()
    return path.stat().st_size - empty
