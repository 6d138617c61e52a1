"""What each command loads: a quick answer must not wait for libraries that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from panelopt.domain.base import Record

SOLVER = {"ortools", "pandas", "pyarrow"}
STATISTICS = {"scipy.stats", "scipy.optimize", "scipy.sparse", "scipy.linalg"}
NUMBERS = {"scipy", "numpy"}
RECORDS = {f"panelopt.domain.{name}" for name in ("sort_plan_record", "robust_result", "alternatives_result")}

PANEL = """\
marker,fluorochrome,detector
CD106,PE,YG582/15
viability,Fixable Viability Dye eFluor 780,R780/60
"""

ALLOWED_TO = [
    (["--help"], SOLVER | STATISTICS | NUMBERS | {"pydantic", "rich", "panelopt.cli.options"}),
    (["problem", "list"], SOLVER | STATISTICS | NUMBERS | {"pydantic"}),
    (["dye", "list"], SOLVER | STATISTICS | NUMBERS | {"rich"}),
    (["cytometer", "list"], SOLVER | STATISTICS | NUMBERS | {"pydantic"}),
    (
        ["catalog", "search", "CD90"],
        SOLVER | STATISTICS | NUMBERS | RECORDS | {"panelopt.domain.problem_record", "rich"},
    ),
    (
        ["score", "cv-cd106", "panel.csv", "--cytometer", "aria-fusion"],
        SOLVER | STATISTICS | RECORDS | {"scipy", "numpy.ma", "panelopt.report.content", "rich"},
    ),
    (["design", "cv-cd106", "--cytometer", "discover-s8", "-o", "design.json"], STATISTICS | {"scipy", "weasyprint"}),
    (["report", "result.json", "-o", "page.html"], SOLVER | STATISTICS | {"openpyxl", "weasyprint"}),
]

CODE = """\
import sys
from panelopt.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print("loaded:", code, *sys.modules)
"""


@pytest.mark.parametrize(("arguments", "never"), ALLOWED_TO, ids=[" ".join(case[0][:2]) for case in ALLOWED_TO])
def test_command_loads_only_what_it_needs(arguments: list[str], never: set[str], tmp_path: Path) -> None:
    (tmp_path / "panel.csv").write_text(PANEL, encoding="utf-8")
    command = [sys.executable, "-c", CODE, *arguments]
    if arguments[0] == "report":
        scored = [*ALLOWED_TO[-3][0], "-o", "result.json"]
        subprocess.run([sys.executable, "-c", CODE, *scored], capture_output=True, check=True, cwd=tmp_path)
    for _ in range(2 if "pydantic" in never and "list" in arguments else 1):  # the first run keeps the list
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    code, *loaded = run.stdout.rsplit("loaded: ", 1)[1].split()
    assert code in ("0", "None"), run.stderr
    assert not never & set(loaded)


FIRST_PANEL = """\
import sys
from panelopt.cli.design import design
from panelopt.cli.progress import Progress
def shown(state):
    if "best" in state:
        print("loaded:", *sys.modules)
        sys.stdout.flush()
        sys.exit()
import contextlib, panelopt.cli.progress as progress
progress.progress = lambda **_: contextlib.nullcontext(Progress(shown))
design(["bm-cd271-cd146", "--cytometer", "aria-fusion"])
"""


def test_first_panel_is_shown_before_model_and_result_are_loaded(tmp_path: Path) -> None:
    for _ in range(2):  # the first run keeps what it read
        command = [sys.executable, "-c", FIRST_PANEL]
        run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    loaded = set(run.stdout.partition("loaded: ")[2].split())
    assert "panelopt.solver.plain_estimate" in loaded
    later = {"scipy", "numpy.ma", "panelopt.domain.result", "panelopt.solver.master", "panelopt.scenarios"}
    unneeded = {"numpy.random", "rich", "difflib", "panelopt.catalogs.rows", "panelopt.io.name_tables"}
    assert not (SOLVER | later | unneeded) & loaded


def test_validator_of_a_record_is_built_when_the_record_is_first_used() -> None:
    class Bench(Record):
        name: str

    assert not Bench.__pydantic_complete__
    assert Bench(name="left").name == "left"
    assert Bench.__pydantic_complete__


END = """\
import atexit, gc, sys
atexit.register(lambda: print("frozen:", gc.get_freeze_count() > 0))
from panelopt.cli import main
print("threshold:", gc.get_threshold()[0])
main(["dye", "list"])
"""


def test_python_does_not_look_for_garbage_when_it_ends(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", END], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert run.stdout.endswith("frozen: True\n")
    assert run.stdout.startswith("threshold: 100000\n")
