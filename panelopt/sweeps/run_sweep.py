"""Solves a grid of problems, cytometers, catalogs and options cell by cell; can be resumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from panelopt.domain.sweep_record import CellRow, SweepSummary
from panelopt.errors import PaneloptError
from panelopt.io.sweep_folder import SweepFolder
from panelopt.io.sweep_spec import read_sweep
from panelopt.solver.machine import available_cores
from panelopt.sweeps.cell import CellAnswer, failed
from panelopt.sweeps.local_engine import Engine, LocalEngine
from panelopt.sweeps.sweep_inputs import PlannedCell, SweepInputs, SweepPlan, plan


class SweepListener(Protocol):
    """Receives the progress of a sweep. Methods must return quickly and must not raise."""

    def planned(self, cells: int, todo: int, faults: Sequence[PaneloptError]) -> None:
        """Called with the number of cells, how many will run, and wrong inputs."""

    def landed(self, label: str, row: CellRow) -> None:
        """Called when a cell has finished and is on disk."""


class SilentSweepListener:
    """A listener that ignores everything."""

    def planned(self, cells: int, todo: int, faults: Sequence[PaneloptError]) -> None:
        """Ignore."""

    def landed(self, label: str, row: CellRow) -> None:
        """Ignore."""


def sweep(
    spec: Path, folder: Path, *, engine: Engine | None = None, listener: SweepListener | None = None
) -> SweepSummary:
    """Solve the cells of a grid that are missing in a folder, whose inputs have changed, or that failed.

    Cells land one by one, each in one step, so that a run can be ended at any time and continued by the same call.

    Args:
        spec: Specification (TOML).
        folder: Folder of the cells and tables; made where there is none.
        engine: Where cells are solved; none: one process for each core of this machine.
        listener: Hears of progress.

    Returns:
        What the folder holds when the run ends, also by Ctrl-C.

    Raises:
        InputError: if the specification is wrong. Faults in files that it names are failures of their cells.
        PaneloptError: if another run works in the folder, it cannot be written, or no worker can be reached.
    """
    asked = plan(read_sweep(spec), spec.resolve().parent)
    place = SweepFolder(folder)
    ran, interrupted = 0, False
    with place.open_for_run():
        rows = {planned.key: row for planned in asked.cells if (row := place.row(planned.key)) is not None}
        todo = [planned for planned in asked.cells if _is_open(rows.get(planned.key))]
        listener = listener or SilentSweepListener()
        listener.planned(len(asked.cells), len(todo), asked.faults)
        labels = {planned.key: planned.cell.label for planned in todo}
        answers = _answers(engine or LocalEngine(available_cores()), asked.inputs, todo)
        try:
            with closing(answers):
                for answer in answers:
                    place.land(answer.row, answer.result)
                    rows[answer.row.cell] = answer.row
                    ran += 1
                    listener.landed(labels[answer.row.cell], answer.row)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            place.write_tables(_in_order(asked, rows))
    return _summary(asked, place, rows).model_copy(update={"ran": ran, "interrupted": interrupted})


def sweep_status(spec: Path, folder: Path) -> SweepSummary:
    """Return the progress of a sweep, running or not; arguments and errors as for :func:`sweep`."""
    asked = plan(read_sweep(spec), spec.resolve().parent)
    place = SweepFolder(folder)
    return _summary(
        asked, place, {planned.key: row for planned in asked.cells if (row := place.row(planned.key)) is not None}
    )


def _is_open(row: CellRow | None) -> bool:
    return row is None or row.status == "failed"


def _answers(engine: Engine, inputs: SweepInputs, todo: Sequence[PlannedCell]) -> Generator[CellAnswer, None, None]:
    """Yield the answers of all cells, beginning with those that cannot run."""
    for planned in todo:
        if planned.fault:
            yield failed(planned, planned.fault)
    able = [planned for planned in todo if not planned.fault]
    if able:
        yield from engine.answers(inputs, able)


def _in_order(asked: SweepPlan, rows: dict[str, CellRow]) -> list[CellRow]:
    return [rows[planned.key] for planned in asked.cells if planned.key in rows]


def _summary(asked: SweepPlan, place: SweepFolder, rows: dict[str, CellRow]) -> SweepSummary:
    ended = _in_order(asked, rows)
    return SweepSummary(
        folder=str(place.path),
        cells=len(asked.cells),
        status=dict(sorted(Counter(row.status for row in ended).items())),
        missing=len(asked.cells) - len(ended),
        outdated=place.count() - len(ended),
        seconds=sum(row.seconds for row in ended),
        failures=tuple(row for row in ended if row.status == "failed"),
    )
