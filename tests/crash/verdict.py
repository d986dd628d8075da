"""What a run with many kills comes to: counts, and whether they are as promised."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Self

from tests.crash.receivers import Arrival


class Told(NamedTuple):
    """One firing: expected, or arrived."""

    at: int
    rule: str
    event: str
    direction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one receiver should have, and what it got.

    Attributes:
        expected: by the oracle, in any order.
        arrivals: in order, repeats included.
        kills: how often its sender was killed.
        ambiguous: how often the sender could not know that it was stored.
    """

    expected: Sequence[Told]
    arrivals: Sequence[Arrival]
    kills: int
    ambiguous: int

    @property
    def first(self) -> list[Arrival]:
        """The first of each id."""
        by_id: dict[str, Arrival] = {}
        for arrival in self.arrivals:
            by_id.setdefault(arrival.id, arrival)
        return list(by_id.values())

    @property
    def lost(self) -> list[Told]:
        return sorted((Counter(self.expected) - self._counted).elements(), key=str)

    @property
    def ghosts(self) -> list[Told]:
        """Told without a reason, or under a second id."""
        return sorted((self._counted - Counter(self.expected)).elements(), key=str)

    @property
    def _counted(self) -> Counter[Told]:
        return Counter(
            Told(one.at, one.rule, one.event, one.direction) for one in self.first
        )

    @property
    def inversions(self) -> int:
        """Of what was known earlier, and of an instrument's own events."""
        found = _falls(one.detected_at for one in self.first)
        for instrument in {one.instrument for one in self.first}:
            found += _falls(
                one.at for one in self.first if one.instrument == instrument
            )
        return found

    @property
    def repeats(self) -> int:
        return len(self.arrivals) - len(self.first)

    @property
    def allowed_repeats(self) -> int:
        """One send can be under way at a kill."""
        return self.kills + self.ambiguous

    @property
    def altered(self) -> list[Arrival]:
        """Repeats that do not say what the first one said."""
        texts = {one.id: one.raw for one in self.first}
        return [one for one in self.arrivals if one.raw != texts[one.id]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The sum over all daemons and receivers.

    Attributes:
        kills: all; `early_kills` met a daemon that was still starting.
        prices: how many were stored.
        unserved: stored prices that the exchange did not serve, in that order.
        behind: instruments whose last stored price is not the last one served.
        checked: databases looked at after a restart, `damaged` what was found.
    """

    kills: int = 0
    early_kills: int = 0
    prices: int = 0
    unserved: int = 0
    behind: int = 0
    checked: int = 0
    damaged: tuple[str, ...] = ()
    mails: tuple[Mail, ...] = ()

    def __add__(self, other: Self) -> "Verdict":
        return Verdict(
            **{
                name: getattr(self, name) + getattr(other, name)
                for name in self.__slots__
            }
        )

    @property
    def expected(self) -> int:
        return sum(len(mail.expected) for mail in self.mails)

    @property
    def lost(self) -> list[Told]:
        return [told for mail in self.mails for told in mail.lost]

    @property
    def ghosts(self) -> list[Told]:
        return [told for mail in self.mails for told in mail.ghosts]

    @property
    def faults(self) -> dict[str, int]:
        """What must be zero, by name; empty where all is well."""
        zero = ("lost", "invented", "out of order", "altered", "damaged")
        found = {name: self.figures[name] for name in zero} | {
            "repeats beyond the allowed": sum(
                max(0, mail.repeats - mail.allowed_repeats) for mail in self.mails
            ),
            "prices never served": self.unserved,
            "instruments not caught up": self.behind,
        }
        return {name: count for name, count in found.items() if count}

    @property
    def figures(self) -> dict[str, int]:
        """The columns of the table."""
        return {
            "kills": self.kills,
            "early": self.early_kills,
            "prices": self.prices,
            "messages": self.expected,
            "lost": len(self.lost),
            "invented": len(self.ghosts),
            "out of order": sum(mail.inversions for mail in self.mails),
            "repeats": sum(mail.repeats for mail in self.mails),
            "allowed": sum(mail.allowed_repeats for mail in self.mails),
            "altered": sum(len(mail.altered) for mail in self.mails),
            "checked": self.checked,
            "damaged": len(self.damaged),
        }


def render(verdicts: Mapping[str, Verdict]) -> str:
    """A table: a row per run, under its title."""
    width = max(map(len, verdicts))
    names = list(Verdict().figures)
    lines = [" " * width + "".join(f"  {name}" for name in names)]
    for title, verdict in verdicts.items():
        cells = [f"  {value:>{len(name)}}" for name, value in verdict.figures.items()]
        lines.append(f"{title:<{width}}" + "".join(cells))
    return "\n" + "\n".join(lines)


def _falls(numbers: Iterable[int]) -> int:
    return sum(later < earlier for earlier, later in pairwise(numbers))
