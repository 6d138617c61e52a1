"""Designs the same panels again and again under other circumstances, and looks whether the answers are the same.

Run from the root of the source tree, e.g. ``python benchmarks/repeat.py --runs 20 --csv repeat.csv``. Each run is a
process of its own with another time limit, number of workers, order of the catalogs' rows and kernel of the
linear-algebra library (``kernels.py``), while busy processes take their share of the machine. A run that was cut goes
on where it stopped when it is started again with the same file.
Exit code 1: two runs whose practical choice is proven gave different answers.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import panelopt
from benchmarks.asked import question_hash
from benchmarks.kernels import DEFAULT, Kernel, other_kernels
from benchmarks.rows import Cell, RowFile, table
from panelopt import api
from panelopt.domain.result import Result
from panelopt.registry.data_places import CATALOG_DATA, data_folder

CASES = (
    "bm-cd271-cd146@aria-fusion",
    "adipose-4way@aria-fusion",
    "cv-cd106@facsmelody",
    "bm-cd271-msca1-gmp@symphony-s6",
    "uc-cd106@aurora-cs",
    "general-msc-identity@aurora-cs",
)
"""Problems on conventional and spectral cytometers, one of them a list of markers."""

CATALOGS = data_folder(CATALOG_DATA)

COLUMNS = (
    *("case", "run", "limit_s", "workers", "shuffle", "kernel", "load", "status", "proven", "hurried"),
    *("worst", "sum", "best_worst", "best_sum", "answer", "seconds", "question_sha256", "version", "date"),
)
KEY = ("case", "run", "limit_s", "workers", "shuffle", "kernel", "load", "question_sha256", "version")

SAME = 1e-9
"""Relative difference up to which two values are the same: kernels round differently."""

GRACE_S = 600.0
"""Seconds beyond its limit after which a run on a busy machine is given up."""

BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100_000))\n"


@click.command()
@click.option("--case", "cases", multiple=True, metavar="P@C", help="Repeatable. Default: six cases.")
@click.option("--runs", type=click.IntRange(min=1), default=6, show_default=True, metavar="N", help="Of each case.")
@click.option("--limits", default="60,5,20,10", show_default=True, metavar="S,S", help="Time limits, in turn.")
@click.option("--workers", default="1,2", show_default=True, metavar="N,N", help="Numbers of workers, in turn.")
@click.option("--kernels", type=click.IntRange(min=1), default=3, show_default=True, help="Most kernels, in turn.")
@click.option("--load", type=click.IntRange(min=0), default=2, show_default=True, metavar="N", help="Busy processes.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="PATH", help="File to write and resume.")
@click.option("--report", is_flag=True, help="Only summarise what the file holds.")
@click.option("--point", hidden=True, help="Design once, as JSON says, and print the row as JSON.")
def repeat(
    cases: tuple[str, ...],
    runs: int,
    limits: str,
    workers: str,
    kernels: int,
    load: int,
    csv_path: Path | None,
    report: bool,
    point: str | None,
) -> None:
    """Design each case several times, and print how many answers there were."""
    if point is not None:
        click.echo(json.dumps(designed(json.loads(point))))
        return
    file = RowFile(csv_path, COLUMNS)
    rows = list(file.rows)
    if not report:
        kinds = [DEFAULT, *other_kernels(kernels - 1)]
        seconds, threads = ([int(part) for part in text.split(",")] for text in (limits, workers))
        rows = []
        for case in cases or CASES:
            asked = _asked(case)
            with busy(load):
                for run in range(runs):
                    point_ = {**asked, **circumstances(run, seconds, threads, kinds), "load": load}
                    rows.append(_row(point_, kinds, file))
    click.echo(summary(rows))
    if any(differing(_of(rows, case)) for case in _cases(rows)):
        raise SystemExit(1)


def _asked(case: str) -> dict[str, Cell]:
    problem, _, cytometer = case.partition("@")
    question = api.load(problem, cytometer=cytometer)
    return {"case": case, "question_sha256": question_hash(question), "version": panelopt.__version__}


def circumstances(run: int, limits: Sequence[int], workers: Sequence[int], kernels: Sequence[Kernel]) -> dict[str, Any]:
    """Return what is special about a run: limits and kernels take turns, workers change with each round of limits.

    The first run has the catalogs as they are, every other one another order of their rows.
    """
    return {
        "run": run,
        "limit_s": limits[run % len(limits)],
        "workers": workers[run // len(limits) % len(workers)],
        "kernel": kernels[run % len(kernels)].name,
        "shuffle": run,
    }


def _row(point: Mapping[str, Cell], kernels: Sequence[Kernel], file: RowFile) -> dict[str, str]:
    known = [row for row in file.rows if all(row[name] == str(point[name]) for name in KEY)]
    if known:
        return known[-1]
    kernel = next(kernel for kernel in kernels if kernel.name == point["kernel"])
    command = [sys.executable, str(Path(__file__)), "--point", json.dumps(point)]
    patience = float(point["limit_s"] or 0) + GRACE_S
    done = subprocess.run(  # noqa: S603
        command, env=kernel.environment, capture_output=True, text=True, timeout=patience, check=False
    )
    if done.returncode != 0:
        raise click.ClickException(f"{point['case']}, run {point['run']}: {done.stderr.strip()[-2000:]}")
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    row = file.add({**point, **json.loads(done.stdout), "date": today})
    click.echo(f"{row['case']}, run {row['run']}: {row['status']}, {row['seconds']} s", err=True)
    return row


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep some processes busy; they also end when this program does."""
    running = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]  # noqa: S603
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


# ---- one run, in a process of its own


def designed(point: Mapping[str, Any]) -> dict[str, Cell]:
    """Return what one design came to."""
    problem, _, cytometer = point["case"].partition("@")
    with TemporaryDirectory() as folder:
        question = api.load(problem, cytometer=cytometer)
        if point["shuffle"]:
            places = [(CATALOGS / catalog.name, Path(folder) / catalog.name) for catalog in question.catalogs]
            paths = [shuffled_catalog(source, target, point["shuffle"]) for source, target in places]
            question = api.load(problem, cytometer=cytometer, catalogs=paths[::-1])
        result = api.design(question, api.Options(time_limit_s=point["limit_s"], workers=point["workers"]))
    objective, best = result.objective, result.best
    return {
        "status": result.status.value,
        "proven": int(result.practical is not None and result.practical.proven),
        "hurried": int(result.solver.hurried),
        "worst": _digits(objective.worst_log_ratio if objective else None),
        "sum": _digits(objective.sum_log_ratio if objective else None),
        "best_worst": _digits(best.worst_log_ratio),
        "best_sum": _digits(best.sum_log_ratio),
        "answer": answer(result),
        "seconds": round(result.solver.wall_s, 1),
    }


def shuffled_catalog(source: Path, target: Path, seed: int) -> str:
    """Write a catalog with the rows of its products in another order, and return its path."""
    target.mkdir()
    for path in source.iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            if path.name == "conjugates.csv":
                head, *rows = text.splitlines(keepends=True)
                random.Random(seed).shuffle(rows)  # noqa: S311
                text = "".join([head, *rows])
            (target / path.name).write_text(text, encoding="utf-8")
    return str(target)


def answer(result: Result) -> str:
    """Return the panel with its products as text."""
    return "; ".join(
        f"{r.marker} {slot.fluorochrome} in {slot.detector}: {r.vendor} {r.catalog_number} {r.clone}".rstrip()
        for slot in result.panel
        for r in slot.reagents
    )


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


# ---- tables


def _cases(rows: Sequence[dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(row["case"] for row in rows))


def _of(rows: Sequence[dict[str, str]], case: str) -> list[dict[str, str]]:
    return [row for row in rows if row["case"] == case]


def differing(rows: Sequence[dict[str, str]]) -> bool:
    """Whether two runs of one case, both optimal and with a proven choice, gave different answers."""
    proven = _proven(rows)
    return any(not same(proven[0], row) for row in proven[1:])


def same(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two rows hold the same panel, products and values."""
    values = ("worst", "sum")
    return one["answer"] == other["answer"] and all(
        math.isclose(float(one[name]), float(other[name]), rel_tol=SAME) for name in values
    )


def _proven(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["status"] == "optimal" and row["proven"] == "1"]


def summary(rows: Sequence[dict[str, str]]) -> str:
    """Return one line for each case, and the answers where proven ones differ."""
    header = ("case", "runs", "optimal", "proven", "answers, proven", "answers, all", "")
    lines, more = [], []
    for case in _cases(rows):
        mine = _of(rows, case)
        proven = _proven(mine)
        wrong = differing(mine)
        counts = (len(mine), sum(row["status"] == "optimal" for row in mine), len(proven))
        answers = [len({row["answer"] for row in some}) for some in (proven, mine)]
        lines.append([case, *map(str, (*counts, *answers)), "DIFFER" if wrong else "same" if proven else "-"])
        if wrong:
            more += [f"{case}, run {row['run']}: {row['worst']}, {row['sum']}: {row['answer']}" for row in proven]
    return "\n".join([table(header, lines), *more])


if __name__ == "__main__":
    repeat()
