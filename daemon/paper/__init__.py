"""A paper exchange: Kraken's public REST API over a market that is played."""

from daemon.paper.exchange import PaperExchange
from daemon.paper.faults import Fault, Faults
from daemon.paper.market import DEFAULT_START, PaperMarket, PlayedMarket
from daemon.paper.pair import PAIRS, Pair
from daemon.paper.scripted import ScriptedMarket

__all__ = [
    "DEFAULT_START",
    "PAIRS",
    "Fault",
    "Faults",
    "Pair",
    "PaperExchange",
    "PaperMarket",
    "PlayedMarket",
    "ScriptedMarket",
]
