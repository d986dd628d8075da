"""Whether our top-level packages are really ours.

Names such as ``daemon`` are also installed by other distributions (python-daemon),
and installers overwrite one with the other without a word. Never repairs anything.
"""

import re
from collections.abc import Sequence
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, distributions
from pathlib import Path

from market.errors import LevelwatchError

DISTRIBUTION = "levelwatch"
PACKAGES = ("alerts", "backtest", "daemon", "market", "storage")


class PackageConflict(LevelwatchError):
    """The environment mixes our packages with someone else's; nothing may start."""


def find_conflicts(path: Sequence[str] | None = None) -> tuple[str, ...]:
    """Say in one sentence each what is wrong with our packages.

    Args:
        path: where to look, as ``sys.path``; None for ``sys.path`` itself.

    Returns:
        Foreign owners first, then packages that are damaged or come from another
        place than the others; empty for a wheel, an editable install or a checkout
        in order.
    """
    return (*_foreign_owners(path), *_misplaced(path))


def check_packages(path: Sequence[str] | None = None) -> None:
    """Refuse to go on in an environment that `find_conflicts` complains about.

    Raises:
        PackageConflict: with every conflict and the way out.
    """
    if conflicts := find_conflicts(path):
        raise PackageConflict(
            "\n".join(conflicts) + "\nInstall levelwatch into a virtual environment of "
            "its own: python3 -m venv DIR, without --system-site-packages."
        )


def _foreign_owners(path: Sequence[str] | None) -> list[str]:
    found = distributions() if path is None else distributions(path=list(path))
    return sorted(
        {
            f'"{dist.name} {dist.version}" also installs the package "{package}"; '
            "one of the two has overwritten the other, or hides it"
            for dist in found
            for package in _owned(dist)
            # Asked last: a name costs the parsing of the whole METADATA.
            if _normalized(dist.name or "") != DISTRIBUTION
        }
    )


def _owned(dist: Distribution) -> list[str]:
    """Those of our names that a distribution says it installs.

    Reads the raw lists: ``dist.files`` makes an object for each of ccxt's thousands
    of files and costs a hundred times as much.
    """
    record = dist.read_text("RECORD") or dist.read_text("installed-files.txt") or ""
    declared = (dist.read_text("top_level.txt") or "").split()
    lines = f"\n{record}\n"
    return [name for name in PACKAGES if name in declared or _lists(lines, name)]


def _lists(lines: str, name: str) -> bool:
    """Whether a line begins with this package or module.

    Plain searches: a regular expression over all records costs 50 ms of every start.
    """
    return any(
        f"\n{above}{name}{rest}" in lines
        for above in ("", "../")
        for rest in ("/", ".py,", ".py\n")
    )


def _misplaced(path: Sequence[str] | None) -> list[str]:
    places = {name: _place(name, path) for name in PACKAGES}
    home = places["market"]
    complaints = []
    for name, place in places.items():
        if place is None:
            complaints.append(
                f'the package "{name}" is incomplete or missing, as after the '
                "uninstallation of another one of that name; reinstall levelwatch"
            )
        elif home is not None and place != home:
            complaints.append(
                f'the package "{name}" is found in {place}, but "market" in {home}'
            )
    return complaints


def _place(name: str, path: Sequence[str] | None) -> Path | None:
    """The folder that holds a package, None where it lacks its ``__init__.py``."""
    spec = PathFinder.find_spec(name, path)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve().parent.parent


def _normalized(name: str) -> str:
    """A distribution's name as PyPA compares names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
