"""Settings of a search, and what it found and proved."""

from __future__ import annotations

import math

from panelopt.frozen import dataclass
from panelopt.scoring import PanelScore

RESOLUTION = 3e-6
"""Gap left by integer rounding in one log ratio (log10): up to some twenty terms of one model step each."""


class ProofError(RuntimeError):
    """A proven bound contradicts a panel: a bug in this program, never a fault of its input."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """When to stop, and how the search is seeded.

    Attributes:
        time_limit_s: Wall-clock limit; None = none.
        tolerance: Gap of `worst` that counts as closed (log10); that of `sum` is 2.5 times as large.
        workers: Threads of the constraint solver; the result does not depend on them.
        seed: Seed of everything that is random.
        memory_limit_mb: Resident size of the process at which the search ends; None = none.
    """

    time_limit_s: float | None = 60.0
    tolerance: float = 0.02
    workers: int = 1
    seed: int = 0
    memory_limit_mb: float | None = None

    @property
    def sum_tolerance(self) -> float:
        """Gap of the sum that counts as closed (log10)."""
        return 2.5 * self.tolerance


@dataclass(slots=True)
class Outcome:
    """What the search found and proved.

    Attributes:
        status: optimal, feasible, infeasible or unknown.
        score: Score of the chosen panel; None if there is none.
        best: The best panel of objectives 1 and 2, as far as the search got.
        best_worst, best_total: Best values found of objective 1, and of objective 2 above the floor.
        bound_worst, bound_total: Proven bounds.
        floor: Floor on objective 1 to which ``best_total`` and ``bound_total`` refer.
        pairs: Number of log ratios in the sum.
        practical_proven: Whether the chosen panel is proven to come first among those as good as the best one, in the
            counts that the model knows.
        hurried: Whether the clock ended any part of the search, so that another run may differ.
        interrupted: Whether the user stopped the search.
        out_of_memory: Whether the memory limit ended it.
        iterations, rows, deterministic_time: Work done: model runs, cuts added, deterministic time.
        build_s, wall_s: Seconds to build the model, and in total.
        variables, constraints: Size of the model at the end.
    """

    status: str = "unknown"
    score: PanelScore | None = None
    best: PanelScore | None = None
    best_worst: float | None = None
    best_total: float | None = None
    bound_worst: float | None = None
    bound_total: float | None = None
    floor: float | None = None
    pairs: int = 1
    practical_proven: bool = False
    hurried: bool = False
    interrupted: bool = False
    out_of_memory: bool = False
    iterations: int = 0
    rows: int = 0
    deterministic_time: float = 0.0
    build_s: float = 0.0
    wall_s: float = 0.0
    variables: int = 0
    constraints: int = 0

    def tighten_worst(self, bound: float) -> None:
        """Record a proven bound on objective 1."""
        self.bound_worst = bound if self.bound_worst is None else min(self.bound_worst, bound)

    def tighten_total(self, bound: float) -> None:
        """Record a proven bound on objective 2."""
        self.bound_total = bound if self.bound_total is None else min(self.bound_total, bound)

    def goals(self, settings: SearchSettings, share: float) -> tuple[float, float]:
        """Return the worst ratio, and the sum, that a panel must reach to count as better in the present objective.

        Args:
            settings: The tolerances.
            share: Share of the tolerance by which it must be better.
        """
        if self.floor is None:
            return (-math.inf if self.best_worst is None else self.best_worst + share * settings.tolerance), -math.inf
        total = -math.inf if self.best_total is None else self.best_total + share * settings.sum_tolerance
        return self.floor, total

    def tighten_to(self, worst: float, total: float) -> None:
        """Record that every panel which may reach the goals has been scored, and considered."""
        if self.floor is None:
            self.tighten_worst(worst if self.best_worst is None else max(worst, self.best_worst))
        else:
            self.tighten_total(total if self.best_total is None else max(total, self.best_total))

    @property
    def reached(self) -> tuple[float | None, ...]:
        """Best values and bounds so far."""
        return self.best_worst, self.best_total, self.bound_worst, self.bound_total

    def check(self) -> None:
        """Check that no proven bound lies below a value reached.

        Raises:
            ProofError: if one does.
        """
        for name, bound, best, resolution in (
            ("worst", self.bound_worst, self.best_worst, RESOLUTION),
            ("sum", self.bound_total, self.best_total, RESOLUTION * self.pairs),
        ):
            if bound is not None and best is not None and bound < best - resolution:
                raise ProofError(f"the bound {bound:.6f} on {name} is below {best:.6f}, which a panel reaches")

    def worst_is_closed(self, settings: SearchSettings) -> bool:
        """Whether the gap of objective 1 is closed."""
        if self.best_worst is None or self.bound_worst is None:
            return False
        return self.bound_worst - self.best_worst <= settings.tolerance + RESOLUTION

    def total_is_closed(self, settings: SearchSettings) -> bool:
        """Whether the gap of objective 2 is closed."""
        if self.best_total is None or self.bound_total is None:
            return False
        return self.bound_total - self.best_total <= settings.sum_tolerance + RESOLUTION * self.pairs

    def surplus(self, claimed: float, settings: SearchSettings, share: float) -> float:
        """Return how far a relaxed value exceeds what is worth correcting: best value plus a share of the open gap."""
        first = self.floor is None
        best, bound = (self.best_worst, self.bound_worst) if first else (self.best_total, self.bound_total)
        if best is None or bound is None:
            return 0.0
        open_ = max(settings.tolerance if first else settings.sum_tolerance, bound - best)
        return max(claimed - best - share * open_, 0.0)
