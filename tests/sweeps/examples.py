"""A small grid of designs in files, for tests of sweeps; all numbers are made up."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path

from panelopt.domain.sweep_record import WALL_TIMES, CellRow
from panelopt.sweeps.cell import CellAnswer, solve_cell
from panelopt.sweeps.sweep_inputs import PlannedCell, SweepInputs

PROBLEM = """\
schema_version = 1
id = "marrow"
sample = { cells = 1e8, dead_fraction = 0.1 }
limits = { max_colours = 3 }
marker = [{ name = "CD271" }, { name = "CD45" }]
population = [
  { name = "MSC", role = "target", frequency = 1e-3, levels = { CD271 = "bright", CD45 = "-" } },
  { name = "leukocyte", role = "contaminant", frequency = 0.5, levels = { CD271 = "-", CD45 = "bright" } },
]
"""

CYTOMETER = """\
schema_version = 1
id = "our-sorter"
name = "Our sorter"
source = "made up"
sorter = true
unmixing = "compensation"
laser = [{ nm = 405, path = "V" }, { nm = 488, path = "B" }]
detector = [
  { name = "V450/50", path = "V", laser_nm = 405, centre_nm = 450, width_nm = 50 },
  { name = "B530/30", path = "B", laser_nm = 488, centre_nm = 530, width_nm = 30 },
  { name = "B575/25", path = "B", laser_nm = 488, centre_nm = 575, width_nm = 25 },
]
"""

CATALOG = "marker,fluorochrome\nCD271,PE\nCD271,BV421\nCD45,FITC\nCD45,BV421\n"

SPEC = """\
problems = ["marrow.toml", "marrow-2.toml"]
cytometers = ["sorter.toml", "sorter-2.toml"]
catalogs = ["./shelf"]
[options]
time_limit = inf
max_colours = ["default", 1]
"""
"""Eight cells: four with a panel, four that are infeasible or poor with one colour; all end by proof."""


def write_grid(folder: Path, spec: str = SPEC) -> Path:
    """Write all files of the grid; return the specification."""
    files = {
        "marrow.toml": PROBLEM,
        "marrow-2.toml": PROBLEM.replace("frequency = 1e-3", "frequency = 1e-2"),
        "sorter.toml": CYTOMETER,
        "sorter-2.toml": CYTOMETER.replace("width_nm = 30", "width_nm = 40"),
        "shelf/catalog.toml": 'schema_version = 1\nname = "shelf"\nsource = "made up"\n',
        "shelf/conjugates.csv": CATALOG,
        "sweep.toml": spec,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "sweep.toml"


class Here:
    """An engine without workers, that notes what it was asked to solve.

    Args:
        stop_after: Answers after which Ctrl-C is pressed; None = never.
    """

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.solved: list[PlannedCell] = []

    def answers(self, inputs: SweepInputs, cells: Sequence[PlannedCell]) -> Generator[CellAnswer, None, None]:
        """Yield the answer of each cell in turn."""
        for cell in cells:
            if len(self.solved) == self.stop_after:
                raise KeyboardInterrupt
            self.solved.append(cell)
            yield solve_cell(inputs, cell)


def lasting(row: CellRow) -> dict[str, object]:
    """Return what is the same of a row in every run."""
    return row.model_dump(exclude=set(WALL_TIMES))


def rows_in(folder: Path) -> list[CellRow]:
    """Return all rows of a folder, by key."""
    return [CellRow.model_validate_json(path.read_bytes()) for path in sorted((folder / "cells").glob("*.json"))]


def is_alive(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
