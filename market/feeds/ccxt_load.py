"""One venue's ccxt class without importing the other hundred.

`import ccxt.async_support` executes every venue twice, 0.9 s of CPU and 100 MB. Here
the two packages enter `sys.modules` with their real spec and path but without their
`__init__` having run; what that would have put there is looked up when asked for
(ccxt has no lazy import of its own: issue 29573). This knows ccxt's layout, so any
surprise falls back to the plain import, and a test compares the two for every bump.
"""

import difflib
import sys
from functools import lru_cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType

_PACKAGES = ("ccxt", "ccxt.async_support")
_NAMES_FROM = (
    "ccxt.base.errors",
    "ccxt.base.decimal_to_precision",
    "ccxt.base.precise",
)


@lru_cache(maxsize=1)
def venue_ids() -> frozenset[str]:
    """Every venue that the installed ccxt knows, without importing it."""
    spec = find_spec("ccxt")
    if spec is None or not spec.submodule_search_locations:
        return frozenset()
    folder = Path(spec.submodule_search_locations[0]) / "async_support"
    return frozenset(
        path.stem for path in folder.glob("*.py") if path.stem != "__init__"
    )


def suggest_venues(exchange_id: str) -> list[str]:
    """Up to three venues that the user may have meant, best first."""
    return difflib.get_close_matches(exchange_id.lower(), sorted(venue_ids()), n=3)


def load_exchange_class(exchange_id: str, *, plain: bool = False) -> type:
    """The class `ccxt.async_support.<exchange_id>`.

    Args:
        exchange_id: one of `venue_ids()`.
        plain: import all of ccxt, as anybody else would.
    """
    if not plain and "ccxt" not in sys.modules:
        try:
            _enter_slim_packages()
            return _load(exchange_id)
        except Exception:  # noqa: BLE001 - a private layout: whatever it is, go round
            _leave_slim_packages()
    return _load(exchange_id)


def _load(exchange_id: str) -> type:
    found = getattr(import_module("ccxt.async_support"), exchange_id)
    if not isinstance(found, type):
        raise TypeError(f"ccxt.async_support.{exchange_id} is {type(found).__name__}")
    return found


def _enter_slim_packages() -> None:
    for name in _PACKAGES:
        spec = find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(name)
        sys.modules[name] = _slim_package(spec)
    vars(sys.modules["ccxt"])["async_support"] = sys.modules["ccxt.async_support"]


def _slim_package(spec: ModuleSpec) -> ModuleType:
    package = module_from_spec(spec)
    package.__class__ = _SlimPackage
    return package


def _leave_slim_packages() -> None:
    for name in [n for n in sys.modules if n == "ccxt" or n.startswith("ccxt.")]:
        del sys.modules[name]


class _SlimPackage(ModuleType):
    """A package that finds its names when they are asked for."""

    def __getattr__(self, name: str) -> object:
        if name == "__version__":
            return import_module("ccxt.base.exchange").__version__
        if name.startswith("__"):
            raise AttributeError(name)
        if name in {"Exchange", "BaseExchange"}:
            return getattr(import_module(f"{self.__name__}.base.exchange"), name)
        for module in map(import_module, _NAMES_FROM):
            if hasattr(module, name):
                return getattr(module, name)
        return self._venue(name)

    def _venue(self, name: str) -> object:
        if name == "exchanges":
            return sorted(venue_ids())
        if name not in venue_ids():
            raise AttributeError(f"module {self.__name__!r} has no {name!r}")
        return getattr(import_module(f"{self.__name__}.{name}"), name)

    def __setattr__(self, name: str, value: object) -> None:
        # importlib binds a submodule on its package; there the name is the class,
        # and ccxt.pro derives from it.
        if isinstance(value, ModuleType):
            value = getattr(value, name, value)
        super().__setattr__(name, value)
