"""What somebody would use instead of panelopt: other searches for the same question, judged by the same score.

All are short implementations of our own, after the publications that their modules name.
"""

from __future__ import annotations

from benchmarks.peers.annealing import Annealing
from benchmarks.peers.beam_search import BeamSearch
from benchmarks.peers.direct_cp_sat import DirectCpSat
from benchmarks.peers.direct_milp import DirectMilp, has_highs
from benchmarks.peers.greedy import Greedy
from benchmarks.peers.hill_climbing import HillClimbing
from benchmarks.peers.nsga2 import Nsga2, has_pymoo
from benchmarks.peers.random_restarts import RandomRestarts
from benchmarks.peers.trace import Peer, Point, Trace

__all__ = ["Peer", "Point", "Trace", "all_peers"]


def all_peers() -> dict[str, Peer]:
    """Return all peers that can run here, by name; two need a package of the extra ``bench``."""
    peers: list[Peer] = [Greedy(), HillClimbing(), RandomRestarts(), BeamSearch(), Annealing()]
    if has_pymoo():
        peers.append(Nsga2())
    peers.append(DirectCpSat())
    if has_highs():
        peers.append(DirectMilp())
    return {peer.name: peer for peer in peers}
