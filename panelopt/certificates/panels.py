"""Scores the panels of a certificate again."""

from __future__ import annotations

from collections.abc import Iterator

from panelopt.bounds.candidate_slots import CandidateSlots as Slots
from panelopt.bounds.certificate_form import SCORED
from panelopt.bounds.clauses import Forbidden
from panelopt.certificates.certificate_claims import SAME
from panelopt.certificates.check_outcome import checked
from panelopt.domain.certificate import Certificate, ScoredPanel
from panelopt.domain.verification_result import CertificateCheck
from panelopt.instance.arrays import Instance
from panelopt.scoring import PanelScore, check_panel, score_panel
from panelopt.scoring.practicality import as_good

CAPPED = SAME / 10
"""How far (log10) a panel may exceed the value that the proof uses: rounding errors of the score."""


class PanelChecks:
    """Scores the panels.

    Args:
        certificate: The certificate to check.
        instance: The question.
        options: All slots a panel may hold.

    Attributes:
        never: Forbidden panels that are not allowed; known once the panels are checked.
        below_floor: Forbidden panels below the floor.
    """

    def __init__(self, certificate: Certificate, instance: Instance, options: Slots) -> None:
        self.certificate = certificate
        self.instance = instance
        self.options = options
        self.never: list[Forbidden] = []
        self.below_floor: list[Forbidden] = []
        self._scores: dict[tuple[int, ...], PanelScore | None] = {}

    def checks(self) -> Iterator[CertificateCheck]:
        """Yield the applicable checks."""
        c = self.certificate
        named = [(name, one) for name in SCORED if (one := getattr(c, name)) is not None]
        if named:
            faults = [f"{name}: {fault}" for name, one in named if (fault := self._mismatch(one))]
            yield checked("score", faults, len(named))
        if c.reported is not None:
            yield checked("gates", self._gates(c.reported), len(c.gates))
            yield checked("as good as the best", self._practical(c.reported))
        if c.capped:
            yield checked("capped panels", self._capped(), len(c.capped))
        if c.forbidden:
            yield checked("forbidden panels", self._forbidden(), len(c.forbidden))

    def _score(self, panel: tuple[int, ...]) -> PanelScore | None:
        if panel not in self._scores:
            slots = tuple(sorted(self.options.slots[o] for o in panel))
            allowed = not check_panel(self.instance, slots)
            self._scores[panel] = score_panel(self.instance, slots, self.certificate.tolerance) if allowed else None
        return self._scores[panel]

    def _mismatch(self, one: ScoredPanel) -> str | None:
        score = self._score(one.panel)
        if score is None:
            return "the panel is not allowed"
        if abs(score.worst - one.worst) > SAME or abs(score.total - one.total) > SAME:
            return f"the score is {score.worst:.6f}, {score.total:.6f}, not {one.worst:.6f}, {one.total:.6f}"
        return None

    def _gates(self, reported: ScoredPanel) -> Iterator[str]:
        """Yield targets whose gates are not those that the score chooses."""
        score = self._score(reported.panel)
        if score is None:
            yield "the panel is not allowed"
            return
        place = [self.options.by_slot[slot] for slot in score.slots]
        for number, (gates, view) in enumerate(zip(self.certificate.gates, score.views, strict=True)):
            if gates != tuple((place[slot], side) for slot, side in view.gates):
                yield f"gates[{number}]: not the best gates of the panel"

    def _practical(self, reported: ScoredPanel) -> Iterator[str]:
        """Yield why the reported panel is not as good as the best one."""
        best = self.certificate.best_total or self.certificate.best_worst
        score, first = self._score(reported.panel), None if best is None else self._score(best.panel)
        if score is None or first is None:
            yield "a panel is not allowed"
        elif not as_good(first, score, self.instance.slack):
            yield f"the reported panel gives up more than {self.instance.slack:g} of the best"

    def _capped(self) -> Iterator[str]:
        for i, one in enumerate(self.certificate.capped):
            score = self._score(one.panel)
            if score is None:
                yield f"capped[{i}]: the panel is not allowed"
            elif not all(-CAPPED <= off <= SAME for off in (one.worst - score.worst, one.total - score.total)):
                yield f"capped[{i}]: the panel has {score.worst:.6f}, {score.total:.6f}"

    def _forbidden(self) -> Iterator[str]:
        """Sort the forbidden panels by reason, and yield those without one."""
        floor = self.certificate.floor
        for i, panel in enumerate(self.certificate.forbidden):
            score = self._score(panel)
            if score is None:
                self.never.append(Forbidden(panel))
            elif floor is not None and score.worst < floor:
                self.below_floor.append(Forbidden(panel))
            else:
                yield f"forbidden[{i}]: the panel is allowed and not below the floor"
