"""The rim towards the venues: every wire format becomes a `Quote` or a `Bar` here."""

from market.feeds.ccxt_source import CcxtSpec
from market.feeds.source import SourceSpec

__all__ = ["SOURCE_KINDS", "CcxtSpec"]

SOURCE_KINDS: dict[str, type[SourceSpec]] = {"ccxt": CcxtSpec}
"""What may follow `kind =` in a source. A new kind: one file, one line here."""
