"""Catalogs of hundreds of thousands of rows: every fault by its line, the same panels, and memory below 1 GB."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.catalog_rows import COLUMNS, write_rows
from panelopt.io.csv_table import MAX_ROWS

pytestmark = pytest.mark.slow

MAX_MB = 1000
CODES = ("bad-price", "missing-value", "duplicate-product")
RUN = (
    "import sys\nfrom panelopt.cli import main\ntry:\n    main()\nfinally:\n"
    "    from benchmarks.catalog_scale import peak_mb\n    print('peak', peak_mb(), file=sys.stderr)\n"
)
"""What a process held at most; ``getrusage`` would count what its parent held."""


@dataclass(frozen=True)
class Done:
    """What a command said, and the most memory that it held, MB."""

    code: int
    text: str
    peak_mb: float
    seconds: float


def run(folder: Path, *words: str) -> Done:
    """Run a command in a process of its own; its time is that of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PANELOPT_CACHE": str(folder / "cache"), "COLUMNS": "300"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words], capture_output=True, text=True, env=environment, timeout=1200, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = float(done.stderr.rsplit("peak ", 1)[1])
    sys.stdout.write(f"{' '.join(words[:2])}: {seconds:.1f} s of the processor, peak {peak:.0f} MB\n")
    return Done(done.returncode, done.stdout + done.stderr, peak, seconds)


def line(**cells: str) -> str:
    return ",".join(cells.get(column, "") for column in COLUMNS) + "\n"


def with_faults(path: Path, rows: int) -> dict[str, int]:
    """Write a list with three wrong rows near its end; return the lines of these."""
    write_rows(path, rows)
    content = path.read_text(encoding="utf-8")
    fifth = content.split("\n")[1] + "\n"
    last = content.count("\n") + 1
    wrong = (line(marker="CD45", fluorochrome="PE", price="cheap"), line(fluorochrome="PE", vendor="A"), fifth)
    path.write_text(content + "".join(wrong) + line(marker="CD45", fluorochrome="APC"), encoding="utf-8")
    return {"price 'cheap' is not a number": last, "the marker is missing": last + 1, "is already on line 2": last + 2}


@pytest.mark.parametrize("rows", [2 * MAX_ROWS, 1_000_000])
def test_faults_near_the_end_are_named(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "synthetic.csv"
    expected = with_faults(path, rows)
    design = ("design", "general-msc-identity", "--cytometer", "aria-fusion", "--catalog", str(path))
    for words in (("catalog", "check", "--format", "json", str(path)), design):
        done = run(tmp_path, *words)
        assert done.code == 1
        assert done.peak_mb < MAX_MB
        flat = " ".join(done.text.split())
        for message, place in expected.items():
            assert message in flat
            assert f"{path}:{place}" in flat
        if words[0] == "catalog":
            (checked,), _ = json.JSONDecoder().raw_decode(done.text)
            found = [(fault["code"], fault["line"]) for fault in checked["faults"]]
            assert found == list(zip(CODES, expected.values(), strict=True))
        else:
            assert flat.count("Hint: ") == len(expected)


def test_an_unusual_file_gives_the_panel_of_the_plain_one(tmp_path: Path) -> None:
    panels = []
    for name, note in (("plain", '"5"" tube"'), ("unusual", '5" tube')):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "synthetic.csv"
        write_rows(path, 2 * MAX_ROWS)
        with path.open("a", encoding="utf-8") as file:
            file.write(line(marker="CD45", fluorochrome="PE", note=note))
        out = tmp_path / name / "order.csv"
        done = run(
            tmp_path / name, "design", "general-msc-identity", "--cytometer", "aria-fusion", "--catalog", str(path),
            "--max-colours", "8", "--time-limit", "60", "--format", "csv", "-o", str(out),
        )  # fmt: skip
        assert done.code == 0, done.text
        assert done.peak_mb < MAX_MB
        panels.append(out.read_text(encoding="utf-8"))
    assert panels[0] == panels[1]
