"""What a search reached and when: the common protocol of panelopt and its peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from benchmarks.peers.clock import CLOCK
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import DEFAULT_TOLERANCE, PanelScore, check_panel, score_panel


@dataclass(frozen=True, slots=True)
class Point:
    """A judged panel: seconds since the start, objectives 1 and 2 (log10), and the panel."""

    seconds: float
    worst: float
    total: float
    slots: tuple[SlotIndex, ...]


@dataclass
class Trace:
    """The panels of one run that were no worse in both objectives than all before, in order of time.

    Attributes:
        name: Of the method.
        points: The panels.
        seconds: Duration of the run.
        judged: Number of panels that were judged by the score.
        proven_s: Seconds until the result was proven within the tolerance; None = never.
        bound_worst, bound_total: Proven limits at the end; None = none.
    """

    name: str
    points: list[Point] = field(default_factory=list)
    seconds: float = 0.0
    judged: int = 0
    proven_s: float | None = None
    bound_worst: float | None = None
    bound_total: float | None = None

    def add(self, point: Point) -> bool:
        """Keep a panel unless an earlier one is at least as good in both objectives; return whether it is kept."""
        if any(old.worst >= point.worst and old.total >= point.total for old in self.points):
            return False
        self.points.append(point)
        return True

    def worst_at(self, seconds: float) -> float | None:
        """Return the best value of objective 1 after some time."""
        return max((point.worst for point in self.points if point.seconds <= seconds), default=None)

    def best_at(self, seconds: float, floor: float | None = None, tolerance: float = DEFAULT_TOLERANCE) -> Point | None:
        """Return the best panel after some time: the largest sum among those whose worst ratio reaches the floor.

        Args:
            seconds: Time since the start.
            floor: Least value of objective 1. None: the best one of this run until then, less the tolerance.
            tolerance: See ``floor``.
        """
        known = [point for point in self.points if point.seconds <= seconds]
        if not known:
            return None
        if floor is None:
            floor = max(point.worst for point in known) - tolerance
        above = [point for point in known if point.worst >= floor - 1e-9]
        return max(above, key=lambda point: point.total, default=None)


class Peer(Protocol):
    """A search for the best panel."""

    name: ClassVar[str]

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search for some time and return what was found when."""


class Jury:
    """Judges the panels of one run by the score, each once, and keeps the trace and the time.

    Args:
        name: Of the method.
        instance: The question.
        seconds: Time limit.
        tolerance: How much of objective 1 may be given up for objective 2.
    """

    def __init__(self, name: str, instance: Instance, seconds: float, tolerance: float = DEFAULT_TOLERANCE) -> None:
        self.instance = instance
        self.tolerance = tolerance
        self.trace = Trace(name)
        self._began = CLOCK.now()
        self._limit = seconds
        self._known: dict[tuple[SlotIndex, ...], PanelScore | None] = {}

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return CLOCK.now() - self._began

    @property
    def left(self) -> float:
        """Time that is left."""
        return self._limit - self.seconds

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self.left <= 0

    def judge(self, slots: Sequence[SlotIndex]) -> PanelScore | None:
        """Return the score of a panel, or None where it is not allowed. Panels judged too late do not count."""
        panel = tuple(sorted(slots))
        if panel not in self._known:
            allowed = bool(panel) and not check_panel(self.instance, panel)
            score = score_panel(self.instance, panel, self.tolerance) if allowed else None
            self._known[panel] = score
            self.trace.judged += 1
            if score is not None and not self.is_over:
                self.trace.add(Point(self.seconds, score.worst, score.total, panel))
        return self._known[panel]

    def close(self) -> Trace:
        """Return the trace of the finished run."""
        self.trace.seconds = self.seconds
        return self.trace
