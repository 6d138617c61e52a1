"""Keeps the speed and the quality of each release, and shows them over the releases.

``python benchmarks/history.py record`` measures the present version and writes ``benchmarks/results/VERSION.json``;
``python benchmarks/history.py page`` makes ``benchmarks/results/index.html`` of all files there. Times of different
machines do not compare: the page says on which each was measured.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import panelopt
from benchmarks import known
from benchmarks.history_page import page as history_page
from benchmarks.registry import Job, all_jobs
from benchmarks.worker import counted_run, timed_run
from panelopt.io.atomic import write_text_atomic

RESULTS = Path(__file__).resolve().parent / "results"

REPEATS = 7
"""Runs of each step; the quickest counts, because other programs only ever add time."""

SCHEMA_VERSION = 1
"""Of the files; those of earlier releases must stay readable."""

LIBRARIES = ("numpy", "scipy", "ortools", "pandas")


@click.group()
def history() -> None:
    """Speed and quality over the releases."""


@history.command()
@click.option("--job", "text", default="", metavar="TEXT", help="Only ids with this text.")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=RESULTS, help="Folder of the results.")
def record(text: str, folder: Path) -> None:
    """Measure the present version and write its file."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["PANELOPT_CACHE"] = cache
        rows = []
        for job in all_jobs():
            if text in str(job):
                rows.append(measured(job))
                click.echo(f"{job} {1e3 * rows[-1]['cpu_s']:.1f} ms", err=True)
    path = folder / f"{panelopt.__version__}.json"
    write_text_atomic(path, json.dumps(release(rows), indent=1) + "\n")
    click.echo(f"Written: {path}")


@history.command()
@click.option("--from", "folder", type=click.Path(path_type=Path), default=RESULTS, help="Folder of the results.")
def page(folder: Path) -> None:
    """Make the page of all files."""
    releases = [read_release(path) for path in sorted(folder.glob("*.json"))]
    if not releases:
        raise click.ClickException(f"{folder} has no results; make them with: python benchmarks/history.py record")
    releases.sort(key=lambda one: [int(part) for part in one["version"].split(".") if part.isdigit()])
    write_text_atomic(folder / "index.html", history_page(releases))
    click.echo(f"Written: {folder / 'index.html'}")


def read_release(path: Path) -> dict[str, Any]:
    """Return what :func:`record` wrote.

    Raises:
        click.ClickException: if a newer version of this program wrote it.
    """
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if kept["schema_version"] > SCHEMA_VERSION:
        raise click.ClickException(f"{path}: schema_version {kept['schema_version']} is newer than {SCHEMA_VERSION}")
    return kept


def measured(job: Job) -> dict[str, Any]:
    """Return CPU seconds of one job, and of a search counts and answer too."""
    step = job.step()
    if job.phase == "solve":
        return {"job": str(job), **counted_run(step)}
    return {"job": str(job), **min((timed_run(step, 1) for _ in range(REPEATS)), key=lambda run: run["cpu_s"])}


def release(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is kept of a version."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": panelopt.__version__,
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine(),
        "benchmarks": rows,
        "quality": quality(known.read()),
    }


def machine() -> dict[str, Any]:
    """Return what decides over the speed; no name of the machine."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def quality(rows: list[known.Known]) -> dict[str, Any]:
    """Return how far the shipped problems are proven, by ``problems/best_known.csv``."""
    return {
        "questions": len(rows),
        "optimal": sum(row.status == "optimal" for row in rows),
        "gap_worst": {f"{row.problem} on {row.cytometer}": row.gap_worst for row in rows},
        "gap_sum": {f"{row.problem} on {row.cytometer}": row.gap_sum for row in rows},
    }


if __name__ == "__main__":
    history()
