"""panelopt itself, in the common protocol."""

from __future__ import annotations

from typing import ClassVar

from benchmarks.peers.clock import CLOCK
from benchmarks.peers.trace import Point, Trace
from panelopt.instance.arrays import Instance
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search


def recorded(instance: Instance, limits: SearchSettings) -> tuple[Search, Recorder]:
    """Return a search that has not run yet, and the recorder that listens to it."""
    recorder = Recorder(Trace(Panelopt.name), limits)
    search = Search(instance, limits, recorder)
    recorder.search = search
    return search, recorder


class Panelopt:
    """The exact search. Panels count from the moment when the search tells of them."""

    name: ClassVar[str] = "panelopt"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over or the result is proven."""
        began = CLOCK.now()
        search, recorder = recorded(instance, SearchSettings(time_limit_s=CLOCK.wall(seconds), seed=seed))
        outcome = search.run()
        recorder.take()
        trace = recorder.trace
        trace.bound_worst, trace.bound_total = outcome.bound_worst, outcome.bound_total
        trace.seconds = CLOCK.now() - began
        if outcome.status == "optimal" and trace.proven_s is None:
            trace.proven_s = trace.seconds
        return trace


class Recorder:
    """Listens to a search and notes the panels it has judged, and when both gaps were first closed.

    Attributes:
        trace: Filled while the search runs.
        search: The search, to be set before it runs.
        first_bound_s: Seconds until the first limit was proven.
    """

    def __init__(self, trace: Trace, limits: SearchSettings) -> None:
        self.trace = trace
        self.search: Search | None = None
        self.first_bound_s: float | None = None
        self._limits = limits
        self._began = CLOCK.now()

    def phase(self, name: str) -> None:
        """Note what is new."""
        del name
        self.take()

    def improved(self, worst: float, total: float | None) -> None:
        """Note what is new."""
        del worst, total
        self.take()

    def bound(self, worst: float | None, total: float | None) -> None:
        """Note what is new."""
        del worst, total
        if self.first_bound_s is None:
            self.first_bound_s = CLOCK.now() - self._began
        self.take()

    def take(self) -> None:
        """Take over the panels judged since the last call."""
        seconds = CLOCK.now() - self._began
        search = self.search
        if search is None or search.state.finders is None:
            return
        for evaluation in list(search.finders.scorer.known.values())[self.trace.judged :]:
            self.trace.judged += 1
            if evaluation.score is not None:
                self.trace.add(Point(seconds, evaluation.score.worst, evaluation.score.total, evaluation.score.slots))
        outcome = search.outcome
        closed = outcome.worst_is_closed(self._limits) and outcome.total_is_closed(self._limits)
        if closed and self.trace.proven_s is None:
            self.trace.proven_s = seconds
