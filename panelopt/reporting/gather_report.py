"""Gathers the content of a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from panelopt import registry
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.reagents import Fluorochrome
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.errors import PaneloptError
from panelopt.instance.arrays import Instance
from panelopt.io.panel_csv import PanelRow
from panelopt.io.panel_files import panel_rows
from panelopt.optics.measured import SignatureSet, replace_signatures
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.signatures import signature_matrix
from panelopt.optics.spectra import excitation_at
from panelopt.optics.spectral_similarity import similarity_of
from panelopt.optics.spillover_spread import spreading_matrix
from panelopt.questions.call_demands import with_demands
from panelopt.questions.hashes import fluorochromes_sha256
from panelopt.questions.question import Options, Question
from panelopt.questions.scored_panel import GivenPanel, score_rows
from panelopt.report.content import FloatArray, InputFile, Optics, Report, TargetPlots
from panelopt.reporting.binding import limits_of
from panelopt.reporting.cell_pool import SEED, CellPool
from panelopt.reporting.gates import slot_order, target_plots
from panelopt.reporting.origins import origins_of
from panelopt.reporting.report_inputs import AS_READ, Inputs, ReportFiles, read_inputs, stains
from panelopt.reporting.scatter_plots import scatter_plots
from panelopt.scoring import PanelScore
from panelopt.scoring.light import noise_of
from panelopt.simulation.event_model import event_model
from panelopt.simulation.unmixer import ordinary_estimator, panel_detectors
from panelopt.sorting.plan import sort_plan
from panelopt.sorting.settings import SortOptions

SAME = 1e-6
"""Log ratios that differ by less count as equal."""

ROUNDING = 1e-9
"""Matrix entries below this fraction of the largest are treated as zero when inverting."""


def report(path: Path, files: ReportFiles | None = None) -> Report:
    """Gather the report of a result file.

    Args:
        path: JSON of ``design``, ``score``, ``improve`` or ``robust``.
        files: Inputs and further answers that the names in the result do not lead to.

    Returns:
        The report; ``missing`` lists parts that cannot be computed.

    Raises:
        InputError: if the result or a given file is missing or invalid.
    """
    return gather(read_inputs(path, files or ReportFiles()), str(path))


def report_of(question: Question, result: Result, *, planned: bool = True) -> Report:
    """Gather the report of a result and its question.

    Args:
        question: The question.
        result: The answer of ``design``, ``score`` or ``improve``.
        planned: Whether to plan the sort, which takes the most time.
    """
    used = [
        InputFile("problem", result.problem, result.problem_sha256, result.problem_sha256),
        InputFile("cytometer", result.cytometer, result.cytometer_sha256, result.cytometer_sha256, AS_READ),
        *(InputFile("catalog", one.name, one.sha256, one.sha256) for one in result.catalogs),
    ]
    inputs = Inputs(
        result=result,
        problem=question.problem,
        cytometer=question.cytometer,
        catalogs=question.catalogs,
        signatures=dict(question.signatures),
        files=used,
    )
    return gather(inputs, result.problem, planned=planned)


@refuse_overflow
def gather(inputs: Inputs, where: str, *, planned: bool = True) -> Report:
    """Compute the content of a report.

    Args:
        inputs: The result and its inputs.
        where: Name of the result, for messages.
        planned: Whether to plan the sort if there is no plan.
    """
    return _Gathering(inputs, where, planned=planned).report()


class _Gathering:
    """Computes the parts of one report."""

    def __init__(self, inputs: Inputs, where: str, *, planned: bool) -> None:
        self.inputs, self.where, self.planned = inputs, where, planned
        self.result = inputs.result
        self.missing, self.notices = inputs.missing, inputs.notices

    def report(self) -> Report:
        """Return the report."""
        rows = panel_rows(self.result, self.where) if self.result.panel else ()
        question = self.inputs.question()
        scored = self._scored(question, rows) if question and rows else None
        plan = self.inputs.plan or (self._plan(question, rows, scored) if question and rows and self.planned else None)
        optics = self._optics(self.inputs.cytometer, scored) if rows and self.inputs.cytometer else None
        problem = self.inputs.problem
        scatter, plots = self._plots(scored, plan)
        return Report(
            result=self.result,
            problem=problem,
            optics=optics,
            plan=plan,
            alternatives=self.inputs.alternatives,
            robust=self.inputs.robust,
            scatter=scatter,
            plots=plots,
            seed=SEED,
            limits=limits_of(self.result, with_demands(problem, self.result.demands), self.inputs.cytometer, plan)
            if problem
            else (),
            origins=origins_of(self.inputs, optics.dyes if optics else (), plan),
            inputs=tuple(self.inputs.files),
            missing=self.missing,
            notices=self.notices,
        )

    @property
    def _options(self) -> Options:
        """Demands and tolerance of the call behind the result."""
        return Options(tolerance=self.result.solver.tolerance, **dict(self.result.demands))

    def _scored(self, question: Question, rows: tuple[PanelRow, ...]) -> GivenPanel | None:
        """Score the panel again, and note where the result is not reproduced."""
        try:
            scored = score_rows(question, rows, self._options)
        except PaneloptError as error:
            self.missing["gating"] = f"The panel cannot be scored with these inputs: {error}."
            return None
        strange = {slot.fluorochrome for slot in self.result.panel} - set(scored.arrays.instance.dye)
        if strange:
            self.missing["gating"] = f"Unknown dyes: {', '.join(sorted(strange))}."
            return None
        old, new = self.result.objective, scored.score
        if old is not None and new is not None:
            distance = max(abs(old.worst_log_ratio - new.worst), abs(old.sum_log_ratio - new.total))
            if distance > SAME:
                self.notices["gating"] = (
                    f"Scored again, the panel has a worst log ratio of {new.worst:.3f} and a sum of {new.total:.3f}; "
                    f"the result states {old.worst_log_ratio:.3f} and {old.sum_log_ratio:.3f}. Problem, instrument, "
                    "dyes, panelopt version or options differ from those of the result."
                )
        return scored

    def _plan(self, question: Question, rows: tuple[PanelRow, ...], scored: GivenPanel | None) -> SortPlan | None:
        try:
            return sort_plan(question, rows, SortOptions(spares=0), self._options, scored=scored, sampled=False)
        except PaneloptError as error:
            self.missing["plan"] = f"No sort plan: {error}."
            return None

    def _plots(
        self, scored: GivenPanel | None, plan: SortPlan | None
    ) -> tuple[TargetPlots | None, tuple[TargetPlots, ...]]:
        """Return the plots of scatter, and those of each target."""
        if scored is None or scored.score is None or self.inputs.problem is None:
            return None, ()
        instance, score = scored.arrays.instance, scored.score
        if instance.marker_list:
            self.missing["gating"] = "The problem lists markers but no populations, so there are no cells to simulate."
            return None, ()
        estimator = ordinary_estimator(instance, score.slots, score.light)
        doublets = self.inputs.problem.sample.doublet_fraction
        model = event_model(instance, score.slots, detectors=estimator.detectors, doublet_fraction=doublets)
        usable = plan if plan is not None and stains(plan) == stains(self.result) else None
        plots = target_plots(instance, score, self.result, usable, CellPool(model, estimator))
        return scatter_plots(instance, model), plots

    def _optics(self, cytometer: Cytometer, scored: GivenPanel | None) -> Optics | None:
        known = {dye.name: dye for dye in registry.fluorochromes()}
        names = [slot.fluorochrome for slot in self.result.panel]
        unknown = [name for name in names if name not in known]
        if unknown:
            self.missing["optics"] = f"The optics of {', '.join(unknown)} are unknown."
            return None
        dyes = tuple(known[name] for name in names)
        recorded = self.result.fluorochromes_sha256
        found = fluorochromes_sha256(registry.fluorochromes(), registry.autofluorescence())
        self.inputs.files.append(InputFile("optics of all dyes", ", ".join(names), recorded, found, AS_READ))
        if recorded not in ("", found):
            self.notices.setdefault("optics", "The optics of dyes have changed since the result was made.")
        light, origin = _signatures(cytometer, dyes, self.inputs.signatures)
        detectors = [detector.name for detector in cytometer.detector]
        dark = [name for name, column in zip(names, light.T, strict=True) if not column.max() > 0]
        if dark:
            self.missing["optics"] = f"{', '.join(dark)} give no light on {cytometer.name}."
        return Optics(
            cytometer=cytometer,
            dyes=dyes,
            excitation=excitation_at(dyes, [laser.nm for laser in cytometer.laser]),
            light=light,
            similarity=None if dark else similarity_of(cytometer.name, names, detectors, light, origin),
            spreading=_spreading(scored.arrays.instance, scored.score, self.result.panel)
            if scored and scored.score
            else None,
        )


def _signatures(
    cytometer: Cytometer, dyes: tuple[Fluorochrome, ...], measured: dict[str, tuple[SignatureSet, int]]
) -> tuple[FloatArray, list[str]]:
    names = [dye.name for dye in dyes]
    detectors = [detector.name for detector in cytometer.detector]
    light = np.maximum(signature_matrix(cytometer, dyes), 0.0)
    origin = [
        measured[n][0].origin_of(measured[n][0].signature[measured[n][1]]) if n in measured else "computed"
        for n in names
    ]
    return replace_signatures(light, names, detectors, measured), origin


def _spreading(instance: Instance, score: PanelScore, panel: Sequence[PanelSlot]) -> FloatArray:
    """Return the spreading matrix of the panel by slot, photon statistics alone."""
    noise = noise_of(instance, list(panel_detectors(instance, score.slots)))
    order = slot_order(instance, score, panel)
    found = spreading_matrix(score.light.mixing, noise.excess)[np.ix_(order, order)]
    return np.where(found < ROUNDING * found.max(), 0.0, found)
