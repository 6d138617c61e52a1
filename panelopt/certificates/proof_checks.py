"""Recomputes the bounds of a certificate, and proves its claims from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from panelopt.bounds.candidate_slots import CandidateSlots as Slots
from panelopt.bounds.clauses import Forbidden
from panelopt.bounds.cut_check import CutCheck
from panelopt.bounds.cut_trials import CutTrials
from panelopt.bounds.proof_arrays import proof_of
from panelopt.certificates.check_outcome import checked, left_open, left_out
from panelopt.domain.certificate import Certificate
from panelopt.domain.verification_result import CertificateCheck
from panelopt.instance.arrays import Instance
from panelopt.solver.certificates.relist import Relister
from panelopt.solver.certificates.reprove import Reproof, Reprover


class ProofChecks:
    """Checks bounds and proof.

    Args:
        certificate: The certificate to check, in canonical form.
        instance: The question.
        options: All slots a panel may hold, at least one.
    """

    def __init__(self, certificate: Certificate, instance: Instance, options: Slots) -> None:
        self.certificate = certificate
        self.instance = instance
        self.options = options
        self.proof = proof_of(certificate, instance, options)

    def claim_bounds(self, panels: int, seed: int) -> Iterator[CertificateCheck]:
        """Yield the checks of bounds on claims.

        Args:
            panels: Random panels to test the cuts against.
            seed: Seed of the panels.
        """
        rows, check = self.proof.rows, CutCheck(self.instance, self.options)
        own = self.proof.own_limits
        yield checked("own bounds", check.wrong_own(own), len(own) * len(self.options.slots))
        if self.proof.lowered:
            tables = [(i, check.wrong_lowered(one)) for i, one in enumerate(self.proof.lowered)]
            yield checked("lowered bounds", [f"lowered[{i}]: {fault}" for i, fault in tables if fault], len(tables))
        if rows:
            found = [(i, fault) for i, row in enumerate(rows) if (fault := check.wrong_row(row))]
            yield checked("rows recomputed", [f"rows[{i}]: {fault}" for i, fault in found], len(rows))
            if not found:  # panels are drawn around cuts that apply to some panel
                yield self._trials(check, panels, seed)

    def _trials(self, check: CutCheck, panels: int, seed: int) -> CertificateCheck:
        name = "rows against random panels"
        if panels == 0:
            return left_out(name, "no panels were requested")
        trials = CutTrials(self.instance, self.options, check.exclusions, self.proof.rows, seed)
        broken = trials.broken(panels)
        if trials.checks == 0:
            return left_open(name, "no panel was found that holds what a row names", 0)
        return checked(name, (f"rows[{i}] is exceeded by {excess:.3g}" for i, excess in broken.items()), trials.checks)

    def bounds(
        self,
        never: Sequence[Forbidden],
        below_floor: Sequence[Forbidden],
        seconds: float | None,
        workers: int,
        seed: int,
    ) -> Iterator[CertificateCheck]:
        """Yield the checks of claims about all panels.

        Args:
            never: Forbidden panels that are not allowed.
            below_floor: Forbidden panels below the floor.
            seconds: Wall-clock limit for each proof; None = none.
            workers: Threads of the constraint solver.
            seed: Its seed.
        """
        c = self.certificate
        reprover = Reprover(self.instance, self.options, self.proof, workers, seed)
        if c.status == "infeasible":
            yield _reproven("no panel is allowed", reprover.no_panel(never, seconds))
        worst, total, floor = c.bound.worst_log_ratio, c.bound.sum_log_ratio, c.floor
        if worst is not None:
            proof = reprover.worst(worst, never, seconds)
            yield self._bound("bound on objective 1", proof, worst, -math.inf, seconds)
        if total is not None and floor is not None:
            proof = reprover.total(total, floor, c.tolerance, [*never, *below_floor], seconds)
            yield self._bound("bound on objective 2", proof, floor, total, seconds)

    def _bound(self, name: str, proof: Reproof, worst: float, total: float, seconds: float | None) -> CertificateCheck:
        """Return the check of a bound: proven from the clauses, or else by listing the panels that may exceed it."""
        best = self.certificate.best_total or self.certificate.best_worst
        if proof.verdict == "proven" or best is None or not self.instance.conventional:
            return _reproven(name, proof)
        lister = Relister(self.instance, self.options, self.proof, self.certificate.tolerance)
        listed = lister.none_above(worst, total, best.panel, seconds)
        if listed is None:
            return _reproven(name, proof)
        claim = f"at most {worst if total == -math.inf else total:.7f}"
        if not listed:
            return checked(name, [f"a panel exceeds {claim}"])
        text = f"proven by listing every panel that may exceed it: {claim}"
        return checked(name, []).model_copy(update={"text": text})


def _reproven(name: str, proof: Reproof) -> CertificateCheck:
    claim = "no panel" if proof.bound is None else f"at most {proof.bound:.7f}"
    if proof.verdict == "open":
        return left_open(name, f"not proven again within the time limit: {claim}")
    if proof.verdict == "refuted":
        return checked(name, [f"the clauses allow more than {claim}"])
    return checked(name, []).model_copy(update={"text": f"proven from the clauses alone: {claim}"})
