"""Simulate a stained sample and its controls, and gate it as planned."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy.typing as npt

from panelopt import __version__
from panelopt.domain.result import Remark
from panelopt.domain.simulation_result import SimulatedFile, Simulation
from panelopt.errors import Finding, InfeasibleError, PaneloptError, UsageError, input_error
from panelopt.events.gated import GatedSample
from panelopt.events.recording import Recording, Table
from panelopt.instance.arrays import Instance
from panelopt.io.atomic import check_writable, make_folder, write_bytes_atomic
from panelopt.io.fcs import MAX_FCS_BYTES
from panelopt.io.fcs_write import fcs_bytes, unique_names, write_fcs
from panelopt.io.gating_ml import gating_ml
from panelopt.io.panel_csv import PanelRow
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.question import Options, Question
from panelopt.questions.scored_panel import score_rows
from panelopt.scoring import PanelScore
from panelopt.simulation.event_model import event_model
from panelopt.simulation.simulated_events import draw_events
from panelopt.simulation.tubes import StainedTube, control_tubes, sample_tube

NO_DATE = date(1970, 1, 1)
"""Stands in the files for the day of the call where a seed is given, so that equal calls give equal files."""

HARMLESS = ("product-exists", "sort-ways")
"""Rules of :func:`panelopt.scoring.check_panel` that change nothing in the events: no catalog has a reagent, or there
are more targets than sort ways."""

FEW_TARGETS = 50
"""Fewer single cells of a target in the sample are worth a remark."""

LISTED = 0.999
"""Frequencies that sum to less are worth a remark."""

SUFFIX = ".fcs"

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
"""As FCS writes them, whatever the language of the machine."""


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """What is simulated.

    Attributes:
        events: Events of the sample.
        control_events: Events of each control.
        seed: Seed; None = 0, and the files carry the date of the call.
        controls: Draw unstained cells, single stains and fluorescence minus one as well.
        unmixed: On a spectral cytometer, add the unmixed channels (unweighted least squares).
        gates: File for the gates as Gating-ML.
        correlation: (S, S) correlation of the logarithms of the antigen levels of the panel's slots in their order;
            None = none, as in the score.
        skewed: Draw autofluorescence from a log-normal distribution instead of the score's normal one.
    """

    events: int = 100_000
    control_events: int = 20_000
    seed: int | None = None
    controls: bool = True
    unmixed: bool = True
    gates: Path | None = None
    correlation: npt.ArrayLike | None = None
    skewed: bool = False


@refuse_overflow
def simulate(
    question: Question,
    rows: Sequence[PanelRow],
    place: Path,
    simulate_options: SimulateOptions | None = None,
    options: Options | None = None,
) -> Simulation:
    """Write events of a stained sample and of its controls as FCS files, and gate the sample as the score plans it.

    Args:
        question: What is asked.
        rows: The panel.
        place: The file of the sample, beside which the controls are written with names that begin alike; or a folder.
        simulate_options: What is simulated.
        options: Demands of the call, as for ``score``.

    Raises:
        InputError: if a name is unknown, or the problem has no populations.
        InfeasibleError: if the panel breaks a rule or cannot be unmixed.
        UsageError: if a number of events is not positive, or gates are asked for without the channels they need.
        PaneloptError: if a file cannot be written, or would be too large.
    """
    asked, options = simulate_options or SimulateOptions(), options or Options()
    _check(question, asked)
    scored = score_rows(question, rows, options)
    conflicts = [conflict for conflict in scored.conflicts if conflict.demand not in HARMLESS]
    if conflicts or scored.score is None:
        broken = "; ".join(f"{conflict.demand}: {conflict.message}" for conflict in conflicts)
        hint = "Change the panel, or let `panelopt improve` do it."
        raise InfeasibleError(f"the given panel breaks rules: {broken}", where=question.problem.id, hint=hint)
    run = _SimulationRun(question, scored.arrays.instance, scored.score, asked)
    remarks = [*scored.arrays.remarks, *scored.remarks]
    return run.write(place, remarks)


def _check(question: Question, asked: SimulateOptions) -> None:
    if asked.events < 1 or asked.control_events < 1:
        raise UsageError("the number of events must be at least 1")
    if question.problem.is_marker_list:
        raise input_error(
            "no-populations",
            "the problem lists markers but no populations: there are no cells to draw",
            where=question.problem.id,
            hint="Add populations with frequencies and levels.",
        )
    if asked.gates is not None:
        check_writable(asked.gates)
        if not asked.unmixed and not question.cytometer.conventional:
            raise UsageError("the gates of a spectral cytometer need the unmixed channels")


class _SimulationRun:
    """Draws and writes the tubes of one panel."""

    def __init__(self, question: Question, instance: Instance, score: PanelScore, asked: SimulateOptions) -> None:
        self.question, self.instance, self.score, self.asked = question, instance, score, asked
        self.model = event_model(
            instance,
            score.slots,
            doublet_fraction=question.problem.sample.doublet_fraction,
            correlation=asked.correlation,
            skewed=asked.skewed,
        )
        self.recording = Recording.of(instance, score, self.model, unmixed=asked.unmixed)
        self.sample = GatedSample(self.recording)
        self.seed = asked.seed or 0

    def write(self, place: Path, remarks: Sequence[Finding]) -> Simulation:
        """Write everything; nothing is written where one of the files could not be."""
        tubes = self._files(place)
        self._check_room(tubes)
        files = tuple(self._write_tube(path, tube) for path, tube in tubes.items())
        if self.asked.gates is not None:
            write_bytes_atomic(self.asked.gates, gating_ml(self.sample.rectangles(), self.recording.compensation))
        found = [*remarks, *self._remarks()]
        return Simulation(
            panelopt_version=__version__,
            problem=self.question.problem.id,
            cytometer=self.question.cytometer.id,
            seed=self.seed,
            files=files,
            gates=None if self.asked.gates is None else str(self.asked.gates),
            doublets=self.sample.doublets,
            populations=self.sample.populations(),
            targets=self.sample.targets(),
            warnings=tuple(
                Remark(code=f.code, message=f.message, where=f.where, hint=f.hint) for f in dict.fromkeys(found)
            ),
        )

    def _files(self, place: Path) -> dict[Path, StainedTube]:
        """Return the tubes by file; names of controls say what is stained or left out."""
        count = len(self.score.slots)
        in_folder = place.suffix.lower() != SUFFIX
        if in_folder and place.exists() and not place.is_dir():
            hint = f"Name a file that ends in {SUFFIX}, or a folder."
            raise PaneloptError("this is neither an FCS file nor a folder", where=str(place), hint=hint)
        start = f"{place}/" if in_folder else f"{place.with_suffix('')}-"
        files = {Path(f"{start}sample{SUFFIX}") if in_folder else place: sample_tube(count)}
        if self.asked.controls:
            dyes = unique_names(re.sub(r"[^\w.+-]", "_", self.instance.dye[slot.dye]) for slot in self.score.slots)
            for tube in control_tubes(count):
                name = tube.kind.replace("_", "-") + ("" if tube.slot is None else f"-{dyes[tube.slot]}")
                files[Path(f"{start}{name}{SUFFIX}")] = tube
        return files

    def _check_room(self, tubes: Mapping[Path, StainedTube]) -> None:
        if self.asked.gates in tubes:
            raise UsageError(f"gates and events cannot both go to {self.asked.gates}")
        folder = next(iter(tubes)).parent
        sizes = [fcs_bytes(len(self.recording.stored), self._events(tube)) for tube in tubes.values()]
        if max(sizes) > MAX_FCS_BYTES:
            message = f"a file would have {max(sizes):,} bytes, more than {MAX_FCS_BYTES:,}"
            raise PaneloptError(message, where=str(folder), hint="Ask for fewer events.")
        if not folder.exists() and folder.parent.is_dir():
            make_folder(folder)
        for path in tubes:
            check_writable(path)
        if sum(sizes) > shutil.disk_usage(folder).free:
            message = f"the files need {sum(sizes):,} bytes, more than are free"
            raise PaneloptError(message, where=str(folder), hint="Ask for fewer events, or leave the controls out.")

    def _events(self, tube: StainedTube) -> int:
        return self.asked.events if tube.kind == "sample" else self.asked.control_events

    def _write_tube(self, path: Path, tube: StainedTube) -> SimulatedFile:
        count = self._events(tube)
        dye = "" if tube.slot is None else self.instance.dye[self.score.slots[tube.slot].dye]
        keywords = {**self.recording.keywords(), **self._keywords(path, tube, dye)}
        write_fcs(path, self.recording.channels(tube), count, self._tables(tube, count), keywords)
        return SimulatedFile(path=str(path), kind=tube.kind, fluorochrome=dye, events=count)

    def _tables(self, tube: StainedTube, count: int) -> Iterator[Table]:
        for events in draw_events(self.model.with_stain(tube.slots), count, self.seed, tube.stream):
            table = self.recording.table(events)
            if tube.kind == "sample":
                self.sample.add(events, table)
            yield table[:, self.recording.stored]

    def _keywords(self, path: Path, tube: StainedTube, dye: str) -> dict[str, str]:
        day = NO_DATE if self.asked.seed is not None else datetime.now().astimezone().date()
        return {
            "CYT": self.question.cytometer.name,
            "DATE": f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}",
            "FIL": path.name,
            "SRC": self.question.problem.id,
            "SMNO": f"{tube.kind} {dye}".strip(),
            "SYS": f"panelopt {__version__}",
            "COM": "simulated: drawn from a model, not measured",
            "PANELOPT_SEED": str(self.seed),
        }

    def _remarks(self) -> Iterator[Finding]:
        where = self.question.problem.id
        listed = float(self.instance.phi.sum())
        if listed < LISTED:
            message = f"the listed populations are {listed:.1%} of the events; only they are drawn"
            yield Finding("unlisted-events", message, where)
        for view in self.score.views:
            cells = int(self.sample.single_cells[view.view.target])
            if cells < FEW_TARGETS:
                name = self.instance.population[view.view.target]
                message = (
                    f"{name}: {cells} single cells among {self.asked.events:,} events say little of purity and yield"
                )
                yield Finding("few-target-cells", message, where, "Ask for more events.")
