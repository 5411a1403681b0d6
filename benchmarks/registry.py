"""Which peers there are, and where each one lives.

Peers are imported by name when asked for, because a cold start must pay for its own imports only.
"""

from importlib import import_module
from importlib.util import find_spec

from benchmarks.peer import Peer

OURS = "rollout-simulator"
BASELINE = "SimPy"

_MODULES = {
    OURS: "benchmarks.ours",
    "C++ lanes": "benchmarks.peers.cpp_peer",
    "C++ heap": "benchmarks.peers.cpp_peer",
    "cimba": "benchmarks.peers.cimba_peer",
    "SimPy": "benchmarks.peers.simpy_peer",
    "Ciw": "benchmarks.peers.ciw_peer",
}

_EXTRA = ("cimba", "ciw")


def names() -> tuple[str, ...]:
    """Every peer whose module is part of this checkout, fastest first."""
    return tuple(name for name, module in _MODULES.items() if find_spec(module) is not None)


def load(name: str) -> Peer | None:
    """The peer of that name, or None where this machine lacks what it needs (a compiler, the extra `benchmarks`)."""
    if name not in _MODULES:
        raise ValueError(f"no peer is called {name!r}; there are {', '.join(_MODULES)}")
    try:
        peers: tuple[Peer, ...] = import_module(_MODULES[name]).peers()
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        return None
    return next((peer for peer in peers if peer.name == name), None)
