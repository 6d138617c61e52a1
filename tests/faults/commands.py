"""A folder with all that commands need, small; commands as processes of their own, with limits and without rights."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from panelopt.io.cytometer_files import cytometer_toml
from panelopt.io.problem_toml import problem_toml
from panelopt.io.sweep_folder import SweepFolder
from panelopt.io.sweep_spec import read_sweep
from panelopt.sweeps.cell import failed
from panelopt.sweeps.run_sweep import sweep
from panelopt.sweeps.sweep_inputs import plan
from tests import builders
from tests.fuzz import seeds
from tests.sweeps.examples import Here, write_grid

OLD = "the old content\n"
"""Of every output that is there before a command runs."""

ORIGIN = ("my.toml", "--cytometer", "mini.toml", "--catalog", "shelf")
DESIGN = ("design", *ORIGIN, "--workers", "1", "--max-colours", "2")
IMPORT = ("catalog", "import", "list.csv", "--yes", "--force")
SWEEP = ("sweep", "sweep.toml", "--jobs", "1")

COMPILE = "from panelopt.catalogs import store\nstore.SMALL_BYTES = 0"
"""Python that lets small catalogs be compiled and kept in the cache."""

GRID = """\
problems = ["marrow.toml"]
cytometers = ["sorter.toml", "sorter-2.toml"]
catalogs = ["./shelf"]
options = { time_limit = inf, max_colours = ["default", 1] }
"""
EARLIER = GRID.replace('"marrow.toml"', '"marrow.toml", "marrow-2.toml"').replace(', "sorter-2.toml"', "")

_CAPABILITIES = {"CAP_DAC_OVERRIDE": 1, "CAP_DAC_READ_SEARCH": 2, "CAP_FOWNER": 3}
_DROP_FROM_BOUND = 24  # PR_CAPBSET_DROP of prctl


def inputs(folder: Path) -> Path:
    """Write what `design` and `catalog import` read, and old content of what they write."""
    folder.mkdir()
    (folder / "cache").mkdir(mode=0o700)
    (folder / "my.toml").write_text(problem_toml(builders.problem()), encoding="utf-8")
    (folder / "mini.toml").write_text(cytometer_toml(builders.cytometer()), encoding="utf-8")
    rows = [f"{marker},{dye}" for marker in builders.MARKERS for dye in builders.DYES]
    builders.write_catalog_folder(folder / "shelf", "shelf", rows)
    builders.write_catalog_folder(folder / "mine", "mine")
    (folder / "list.csv").write_text(seeds.FOREIGN, encoding="utf-8")
    return folder


def old(folder: Path, *names: str) -> None:
    """Give outputs an old content."""
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(OLD, encoding="utf-8")


def sweep_inputs(folder: Path) -> Path:
    """Write the grid of a sweep, and what an earlier one left that was killed.

    Of four cells one has landed, another failed after an earlier run had solved it, and two are new; two cells of
    another grid lie there too, with the tables of that.
    """
    folder.mkdir()
    out = folder / "out"
    sweep(write_grid(folder, EARLIER), out, engine=Here())
    spec = write_grid(folder, GRID)
    cells = {cell.key: cell for cell in plan(read_sweep(spec), folder).cells}
    solved = [cells[path.stem] for path in sorted((out / "cells").glob("*.json")) if path.stem in cells]
    SweepFolder(out).land(failed(solved[0], "interrupted").row, "")
    (out / "running.json").write_text('{"process": 1, "machine": "gone", "began": "yesterday"}\n', encoding="utf-8")
    return folder


@contextlib.contextmanager
def closed(*paths: Path, mode: int) -> Iterator[None]:
    """Take permissions away from files and folders, the last one first, for a while."""
    before = [(path, path.stat().st_mode) for path in paths]
    for path, _ in reversed(before):
        path.chmod(mode)
    try:
        yield
    finally:
        for path, was in before:
            path.chmod(was)


def start(folder: Path, *words: str, file_bytes: int | None = None, source: str = "") -> subprocess.Popen[str]:
    """Start `panelopt` in a folder, as somebody to whom permissions apply.

    Args:
        folder: Where it runs; its cache lies there.
        words: Its arguments.
        file_bytes: Size beyond which no file can grow.
        source: Python to run before, in the same process.
    """
    program = f"{source}\nfrom panelopt.cli import main\nmain(prog_name='panelopt')"
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        env={**os.environ, "PANELOPT_CACHE": str(folder / "cache")},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_limits(file_bytes),
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command; return its exit code and all that it printed, which is no traceback."""
    shown, said = process.communicate(timeout=240)
    assert "Traceback" not in shown + said, said
    return process.returncode, shown + said


def run(folder: Path, *words: str, file_bytes: int | None = None, source: str = "") -> tuple[int, str]:
    """Run `panelopt` to its end; as :func:`start` and :func:`ended`."""
    return ended(start(folder, *words, file_bytes=file_bytes, source=source))


def _limits(file_bytes: int | None) -> Callable[[], None]:
    system = ctypes.CDLL(None, use_errno=True)
    is_root = os.geteuid() == 0

    def limit() -> None:
        if is_root and sys.platform == "linux":  # permissions mean nothing to root; the next program starts without
            for number in _CAPABILITIES.values():
                system.prctl(_DROP_FROM_BOUND, number, 0, 0, 0)
        if file_bytes is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    return limit
