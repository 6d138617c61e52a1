"""What a search for reporters found and proved."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.reporters.worth import TIE, ReporterScore
from panelopt.solver.outcome import ProofError


@dataclass(slots=True)
class ReporterOutcome:
    """What was found and proven.

    Attributes:
        status: optimal, feasible or unknown.
        score: The best choice; None if there is none.
        no_signal, below_limit, log_signal, mean_bleed: Proven bounds on the four levels, each among the choices that
            equal the reported one in the levels before; None where nothing is proven.
        unique: Whether ties were broken by proof, so that every run gives this choice.
        interrupted, out_of_memory: Whether the user, or the memory limit, ended the search.
        runs, deterministic_time, wall_s: Work done.
    """

    status: str = "unknown"
    score: ReporterScore | None = None
    no_signal: int | None = None
    below_limit: int | None = None
    log_signal: float | None = None
    mean_bleed: float | None = None
    unique: bool = False
    interrupted: bool = False
    out_of_memory: bool = False
    runs: int = 0
    deterministic_time: float = 0.0
    wall_s: float = 0.0

    def is_closed(self, best: ReporterScore, colours: int) -> bool:
        """Whether a choice of so many colours meets the bounds of all four levels.

        Raises:
            ProofError: if a bound contradicts the best choice, a bug in this program.
        """
        rounding = 3 * TIE
        dark, clean, signal, bleed = self.no_signal, self.below_limit, self.log_signal, self.mean_bleed
        gaps = (
            0 if dark is None else best.no_signal - dark,
            0 if clean is None else clean - best.below_limit,
            0.0 if signal is None or best.no_signal else (signal - best.log_signal) / colours,
            0.0 if bleed is None or not best.mean_bleed else 1 - bleed / best.mean_bleed,
        )
        if min(gaps) < -rounding:
            raise ProofError(f"a proven bound on reporters contradicts a choice: {gaps}")
        return None not in (dark, clean, signal, bleed) and max(gaps) <= rounding
