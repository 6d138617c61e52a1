"""Checks a certificate: question, score, limits, and the proof from the limits alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from panelopt import __version__
from panelopt.api.certificate import asked_question
from panelopt.api.certificate_claims import SAME, claims_of, contradictions
from panelopt.api.question import Options, Question, compiled
from panelopt.bounds.clauses import Forbidden
from panelopt.bounds.options import Options as Slots
from panelopt.bounds.options import list_options
from panelopt.bounds.proof import Proof, missing_names, proof_of, slots_of
from panelopt.bounds.reduction import reduce
from panelopt.bounds.row_check import RowCheck
from panelopt.bounds.row_trials import RowTrials
from panelopt.domain.certificate import Certificate, JudgedPanel
from panelopt.domain.verification import Check, CheckVerdict, Verification
from panelopt.errors import Finding, InputError
from panelopt.instance.arrays import Instance
from panelopt.instance.numbers import instance_of, instance_sha256, numbers_of
from panelopt.optics.overflow import refuse_overflow
from panelopt.scoring import PanelScore, check_panel, score_panel
from panelopt.scoring.score import panel_claims
from panelopt.solver.reprove import Reproof, Reprover

PANELS = 200
"""Random panels against which the rows are tried."""

MAX_NAMED = 20
"""Wrong items that a check names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """How much work a verification may be.

    Attributes:
        time_limit_s: Wall-clock limit for proving each limit again; None = none.
        panels: Random panels against which the rows are tried.
        workers: Threads of the constraint solver.
        seed: Seed of the panels and of the solver.
    """

    time_limit_s: float | None = 300.0
    panels: int = PANELS
    workers: int = 1
    seed: int = 0


@refuse_overflow
def verify(
    certificate: Certificate, question: Question | None = None, options: VerifyOptions | None = None
) -> Verification:
    """Check a certificate without the search.

    Args:
        certificate: What is to be checked.
        question: The inputs that it claims to be about; None = not compared.
        options: How much work it may be.

    Raises:
        InputError: if the certificate names slots, populations or detectors that do not exist.
    """
    checks = tuple(_Verifier(certificate, question, options or VerifyOptions()).checks())
    verdicts = {check.verdict for check in checks}
    wrong, open_ = CheckVerdict.WRONG in verdicts, CheckVerdict.OPEN in verdicts
    return Verification(
        panelopt_version=__version__,
        problem=certificate.question.problem,
        cytometer=certificate.question.cytometer,
        claims=tuple(claims_of(certificate)),
        status="wrong" if wrong else "undecided" if open_ else "verified",
        checks=checks,
    )


@dataclass(slots=True)
class _Panels:
    """Panels that were given up, by reason."""

    never: list[Forbidden] = field(default_factory=list)
    below_floor: list[Forbidden] = field(default_factory=list)


class _Verifier:
    """One verification."""

    def __init__(self, certificate: Certificate, question: Question | None, options: VerifyOptions) -> None:
        self.certificate = certificate
        self.question = question
        self.options = options
        self.instance: Instance = instance_of(certificate.instance)
        missing = missing_names(certificate, self.instance)
        if missing:
            message = "names something that does not exist, or has the wrong number of entries"
            raise InputError([Finding("unknown-index", message, where=name) for name in missing])
        self._panels = _Panels()

    def checks(self) -> Iterator[Check]:
        """Yield the checks, each built on those before."""
        yield self._question()
        yield self._inputs()
        slots = self._slots()
        yield slots
        if slots.verdict is not CheckVerdict.OK:
            return  # numbers of options mean nothing then
        yield self._score()
        yield self._gates()
        yield self._claims()
        if self.options_.slots:
            yield self._own_limits()
            yield self._lowered()
            yield self._rows()
            yield self._trials()
            yield self._capped()
            yield self._forbidden()
        yield from self._bounds()

    @cached_property
    def options_(self) -> Slots:
        """All slots that the search had to look at."""
        return reduce(self.instance, list_options(self.instance))

    @cached_property
    def proof(self) -> Proof:
        """Tables and clauses."""
        return proof_of(self.certificate, self.instance, self.options_)

    @cached_property
    def row_check(self) -> RowCheck:
        """Recomputes limits."""
        return RowCheck(self.instance, self.options_)

    # ---- question

    def _question(self) -> Check:
        right = instance_sha256(self.certificate.instance) == self.certificate.instance_sha256
        return _check("instance hash", [] if right else ["the numbers of the instance have another hash"], 1)

    def _inputs(self) -> Check:
        name = "instance from the inputs"
        if self.question is None:
            text = "not compared: no --problem and --cytometer were named"
            return Check(name=name, verdict=CheckVerdict.OK, text=text)
        claimed = self.certificate.question
        demands = Options(**claimed.demands.model_dump())
        found = asked_question(self.question, demands)
        wrong = [
            f"{key} differs"
            for key in type(found).model_fields
            if key != "demands" and getattr(found, key) != getattr(claimed, key)
        ]
        numbers = numbers_of(compiled(self.question, demands).instance)
        wrong += [
            f"instance: {key} differs"
            for key in type(numbers).model_fields
            if getattr(numbers, key) != getattr(self.certificate.instance, key)
        ]
        return _check(name, wrong, len(type(numbers).model_fields))

    def _slots(self) -> Check:
        same = slots_of(self.certificate) == self.options_.slots
        count = len(self.options_.slots)
        return _check("slots", [] if same else ["the slots are not those of the instance"], count)

    # ---- panels

    def _judge(self, panel: tuple[int, ...]) -> PanelScore | None:
        slots = tuple(sorted(self.options_.slots[o] for o in panel))
        if check_panel(self.instance, slots):
            return None
        return score_panel(self.instance, slots, self.certificate.tolerance)

    def _score(self) -> Check:
        c = self.certificate
        named = [("reported", c.reported), ("best_worst", c.best_worst), ("best_total", c.best_total)]
        judged = [(name, one) for name, one in named if one is not None]
        wrong = [f"{name}: {fault}" for name, one in judged if (fault := self._misjudged(one))]
        return _check("score", wrong, len(judged))

    def _misjudged(self, one: JudgedPanel) -> str | None:
        score = self._judge(one.panel)
        if score is None:
            return "the panel is not allowed"
        if abs(score.worst - one.worst) > SAME or abs(score.total - one.total) > SAME:
            return f"the score is {score.worst:.6f}, {score.total:.6f}, not {one.worst:.6f}, {one.total:.6f}"
        return None

    def _gates(self) -> Check:
        """Judge the named gates: they must reach the sum, within the demands on gates."""
        reported, gates, wrong = self.certificate.reported, self.certificate.gates, []
        if reported is None:
            return _check("gates", ["there are gates without a panel"] if gates else [], 0)
        place = {o: s for s, o in enumerate(sorted(reported.panel, key=lambda o: self.options_.slots[o]))}
        judged = panel_claims(self.instance, [self.options_.slots[o] for o in place])
        if judged is None or len(gates) != len(judged[1]) or any(o not in place for one in gates for o, _ in one):
            return _check("gates", ["the gates are not those of the panel"], len(gates))
        total = 0.0
        for number, (one, claims) in enumerate(zip(gates, judged[1], strict=True)):
            chosen = tuple((place[o], side) for o, side in one)
            rho = claims.question.rho(chosen)
            total += float(rho.sum())
            single_use = len({slot for slot, _ in chosen}) == len(chosen) <= self.instance.gate_limit
            if not single_use or not all(claims.question.usable[slot, side] for slot, side in chosen):
                wrong.append(f"view {number}: the gates are not allowed")
            elif rho.min() < reported.worst - self.certificate.tolerance - SAME:
                wrong.append(f"view {number}: the gates give up too much of objective 1")
        if abs(total - reported.total) > SAME:
            wrong.append(f"the gates reach {total:.6f}, not {reported.total:.6f}")
        return _check("gates", wrong, sum(len(one) for one in gates))

    def _claims(self) -> Check:
        """Check that values, floor, limits and status agree with each other."""
        return _check("claims", list(contradictions(self.certificate)), 1)

    # ---- limits

    def _own_limits(self) -> Check:
        count = sum(len(limits.options) for limits in self.certificate.own_limits)
        return _check("own limits", self.row_check.wrong_own(self.proof.own_limits), count)

    def _lowered(self) -> Check:
        found = [(i, self.row_check.wrong_lowered(one)) for i, one in enumerate(self.proof.lowered)]
        return _check("lowered limits", [f"lowered[{i}]: {fault}" for i, fault in found if fault], len(found))

    def _rows(self) -> Check:
        found = [(i, self.row_check.wrong_row(row)) for i, row in enumerate(self.proof.rows)]
        return _check("rows recomputed", [f"rows[{i}]: {fault}" for i, fault in found if fault], len(found))

    def _trials(self) -> Check:
        rows = [row for row in self.proof.rows if len(row.fixed[0]) == 1]
        trials = RowTrials(self.instance, self.options_, self.row_check.conflict, rows, self.options.seed)
        broken = trials.broken(self.options.panels)
        wrong = [f"a row for view {rows[i].gate[0]} is exceeded by {excess:.3g}" for i, excess in broken.items()]
        return _check("rows against random panels", wrong, trials.checks)

    def _capped(self) -> Check:
        wrong = []
        for i, one in enumerate(self.certificate.capped):
            score = self._judge(one.panel)
            if score is not None and (score.worst > one.worst + SAME / 10 or score.total > one.total + SAME / 10):
                wrong.append(f"capped[{i}]: the panel has {score.worst:.6f}, {score.total:.6f}")
        return _check("capped panels", wrong, len(self.certificate.capped))

    def _forbidden(self) -> Check:
        """Sort the forbidden panels by what they are forbidden for."""
        wrong, floor = [], self.certificate.floor
        for i, forbidden in enumerate(self.proof.forbidden):
            score = self._judge(forbidden.panel)
            if score is None:
                self._panels.never.append(forbidden)
            elif floor is not None and score.worst < floor:
                self._panels.below_floor.append(forbidden)
            else:
                wrong.append(f"forbidden[{i}]: the panel is allowed, and not below the floor")
        return _check("forbidden panels", wrong, len(self.proof.forbidden))

    # ---- proof

    def _bounds(self) -> Iterator[Check]:
        c, never = self.certificate, self._panels.never
        if not self.options_.slots:
            wrong = [] if c.status == "infeasible" else ["there are no slots, so no panel"]
            yield _check("no panel is allowed", wrong, 1)
            return
        reprover = Reprover(self.instance, self.options_, self.proof, self.options.workers, self.options.seed)
        seconds = self.options.time_limit_s
        if c.status == "infeasible":
            yield _reproven("no panel is allowed", reprover.no_panel(never, seconds))
            return
        if c.bound.worst_log_ratio is not None:
            yield _reproven("limit of objective 1", reprover.worst(c.bound.worst_log_ratio, never, seconds))
        if c.bound.sum_log_ratio is not None and c.floor is not None:
            forbidden = [*never, *self._panels.below_floor]
            total = reprover.total(c.bound.sum_log_ratio, c.floor, c.tolerance, forbidden, seconds)
            yield _reproven("limit of objective 2", total)


def _check(name: str, wrong: list[str], count: int) -> Check:
    more = [f"and {len(wrong) - MAX_NAMED} more"] if len(wrong) > MAX_NAMED else []
    verdict = CheckVerdict.WRONG if wrong else CheckVerdict.OK
    return Check(name=name, verdict=verdict, count=count, wrong=(*wrong[:MAX_NAMED], *more))


def _reproven(name: str, proof: Reproof) -> Check:
    limit = "" if proof.limit is None else f" at most {proof.limit:.7f}"
    if proof.verdict == "proven":
        return Check(
            name=name, verdict=CheckVerdict.OK, count=1, text=f"proven from the clauses alone:{limit or ' none'}"
        )
    if proof.verdict == "open":
        text = f"not proven again within the time limit:{limit or ' none'}"
        return Check(name=name, verdict=CheckVerdict.OPEN, count=1, text=text)
    return _check(name, [f"the clauses allow more than{limit or ' none'}"], 1)
