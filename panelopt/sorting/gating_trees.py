"""Gating trees of a sort plan: gates in order, their thresholds in the controls, and what is left after each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panelopt.domain.calibration import Calibration, CalibrationChannel
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.problem_record import Problem
from panelopt.domain.sort_plan_record import GateStep, Share, TargetPlan, TubePrediction
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.planning.gate_order import removed_shares
from panelopt.planning.sample import frequencies, with_enrichment
from panelopt.planning.threshold_places import gate_places
from panelopt.planning.tube import Amounts, Tube, TubeGate, amounts
from panelopt.questions.question import Question
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES

PERCENT = 100.0


class GatingTrees:
    """Builds the gating trees of one plan.

    Args:
        question: The question.
        instance: Its arrays.
        panel: Slots of the panel.
        calibration: Signal per antibody; None = unknown.
        score: Score of the panel.
    """

    def __init__(
        self,
        question: Question,
        instance: Instance,
        panel: Sequence[PanelSlot],
        calibration: Calibration | None,
        *,
        score: PanelScore,
    ) -> None:
        self.question = question
        self.instance = instance
        self.panel = panel
        self.calibration = calibration
        self.score = score

    @property
    def calibration_source(self) -> str | None:
        """Source of the calibration; None without one."""
        if self.calibration is None:
            return None
        lines = dict.fromkeys(channel.source for channel in self.calibration.channel if channel.source)
        return self.calibration.source or "; ".join(lines) or "source not stated"

    def target(self, tube: Tube, problem: Problem) -> TargetPlan:
        """Return the gating tree of one target, its gates in the order of ``tube.gates``.

        Args:
            tube: Target and gates.
            problem: The problem with the beads of the plan.
        """
        phi, before = frequencies(problem), None
        if problem.sample.enrichment is not None:
            plain = frequencies(with_enrichment(problem, None))
            before = self._prediction(tube, plain)
        return TargetPlan(
            name=tube.name, tree=tuple(self._tree(tube, phi)), prediction=self._prediction(tube, phi),
            without_enrichment=before,
        )  # fmt: skip

    def _tree(self, tube: Tube, phi: FloatArray) -> Iterable[GateStep]:
        doublets = max(self.question.problem.sample.doublet_fraction, tube.delta)
        raw, start = amounts(tube, phi, 0, doublets), amounts(tube, phi, 0)
        singlets = 1 - start.unwanted / raw.unwanted if raw.unwanted > 0 else 0.0
        yield self._step(tube, raw, {"kind": "scatter", "removes": 0.0}, 1.0)
        yield self._step(tube, start, {"kind": "singlets", "removes": singlets}, 1.0)
        for number, (gate, removed) in enumerate(zip(tube.gates, removed_shares(tube, phi), strict=True), start=1):
            left = amounts(tube, phi, number)
            found = {**self._gate(gate), **self._places(tube, number - 1, phi), "removes": removed}
            yield self._step(tube, left, found, left.target / start.target)

    def _step(self, tube: Tube, left: Amounts, gate: dict[str, object], gate_yield: float) -> GateStep:
        return GateStep.model_validate(
            {**gate, "yield_so_far": gate_yield, "purity_so_far": left.purity, "shares": self._shares(tube, left)}
        )

    def _gate(self, gate: TubeGate) -> dict[str, object]:
        slot = self.panel[gate.slot]
        line = self._line(slot)
        return {
            "kind": gate.kind,
            "slot": gate.slot,
            "markers": slot.markers,
            "fluorochrome": slot.fluorochrome,
            "detector": slot.detector,
            "side": SIDES[gate.side],
            "low": gate.low,
            "high": gate.high,
            "low_signal": _signal(line, gate.low),
            "high_signal": _signal(line, gate.high),
            "signal_unit": line.unit if line else None,
        }

    def _places(self, tube: Tube, place: int, phi: FloatArray) -> dict[str, float | None]:
        """Return the positions of a gate's thresholds in its controls."""
        number = next(n for n, view in enumerate(self.instance.views) if view.target == tube.target)
        places = gate_places(self.instance, self.score, number, tube, place, phi)
        found: dict[str, float | None] = {"fmo_p99": places.fmo_p99, "unstained_p99": places.unstained_p99}
        for end, threshold in (("low", places.low), ("high", places.high)):
            if threshold is not None:
                found[f"{end}_positive_kept"] = threshold.positive_kept
                found[f"{end}_fmo_percentile"] = PERCENT * threshold.fmo
                found[f"{end}_unstained_percentile"] = PERCENT * threshold.unstained
        return found

    def _line(self, slot: PanelSlot) -> CalibrationChannel | None:
        if self.calibration is None:
            return None
        # an unmixed signal belongs to a dye, not to a detector
        detector = slot.detector if self.question.cytometer.conventional else ""
        return self.calibration.find(slot.fluorochrome, detector)

    def _prediction(self, tube: Tube, phi: FloatArray) -> TubePrediction:
        left = amounts(tube, phi)
        frequency = float(phi[tube.target])
        return TubePrediction.model_validate(
            {
                "frequency": frequency,
                "yield": left.target / frequency,
                "purity": left.purity,
                "shares": self._shares(tube, left),
            }
        )

    def _shares(self, tube: Tube, left: Amounts) -> tuple[Share, ...]:
        return tuple(
            Share(
                population=self.instance.population[population],
                share=float(single + doublet) / left.total,
                doublets=float(doublet) / left.total,
            )
            for population, single, doublet in zip(tube.contaminants, left.single, left.doublet, strict=True)
        )


def _signal(line: CalibrationChannel | None, antibodies: float | None) -> float | None:
    return None if line is None or antibodies is None else line.signal(antibodies)
