"""What the demo did, counted afterwards from its database."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from market.instant import render_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Figures of a finished run.

    Attributes:
        served: prices that the exchange gave out.
        triggers: by rule: all, and those not suppressed.
        lost: notifications that nobody has received.
        late: notifications whose trigger became known late.
        duplicates: notifications that were delivered more than once.
    """

    database: Path
    served: int
    ticks: int
    triggers: Mapping[str, tuple[int, int]]
    sent: int
    lost: int
    late: int
    duplicates: int

    @property
    def is_clean(self) -> bool:
        """Whether everything was told, once, in time."""
        return not (self.lost or self.late or self.duplicates)


def summarise(database: Path, served: int) -> Summary:
    """Count what is stored."""
    with closing(sqlite3.connect(database)) as connection:

        def one(query: str) -> int:
            return int(connection.execute(query).fetchone()[0])

        rows = connection.execute(
            "SELECT rule, count(*), sum(suppressed IS NULL) FROM triggers GROUP BY rule"
        ).fetchall()
        return Summary(
            database=database,
            served=served,
            ticks=one("SELECT count(*) FROM ticks"),
            triggers={rule: (count, sent) for rule, count, sent in rows},
            sent=one("SELECT count(*) FROM notifications WHERE status = 'sent'"),
            lost=one("SELECT count(*) FROM notifications WHERE status <> 'sent'"),
            late=one(
                "SELECT count(*) FROM triggers "
                "WHERE json_extract(record, '$.late_by') > 0"
            ),
            duplicates=one(
                "SELECT count(*) FROM (SELECT 1 FROM attempts WHERE outcome = 'sent' "
                "GROUP BY notification HAVING count(*) > 1)"
            ),
        )


def print_summary(
    console: Console, summary: Summary, config: Path, length: int
) -> None:
    """The table, the verdict, and what to try next."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("rule")
    table.add_column("fired", justify="right")
    table.add_column("told", justify="right")
    for rule, (fired, told) in sorted(summary.triggers.items()):
        table.add_row(rule, str(fired), str(told))
    console.print()
    console.print(table)
    colour = "green" if summary.is_clean else "bold red"
    console.print(
        f"\n{render_duration(length)} of market time · {summary.ticks:,} ticks · "
        f"{len(summary.triggers)} rules fired · {summary.sent} alerts told\n"
        f"[{colour}]late {summary.late} · lost {summary.lost} · "
        f"duplicates {summary.duplicates}[/{colour}]",
        highlight=False,
    )
    console.print(
        f"\n[dim]database       {summary.database}\nconfiguration  {config}[/dim]\n\n"
        "Try next:\n"
        f"  levelwatch why bnb-lost -c {config}\n"
        "  levelwatch init          write your own levelwatch.toml\n"
        "  levelwatch run           watch the real market",
        highlight=False,
        soft_wrap=True,
    )
