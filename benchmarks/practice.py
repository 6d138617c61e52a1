"""Designs panels for the shipped problems and looks at them as a core manager would.

Run from the root of the source tree, e.g. ``python benchmarks/practice.py --csv practice.csv``. A run that was cut goes
on where it stopped when it is started again with the same file.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import panelopt
from benchmarks.asked import question_hash
from benchmarks.bench_view import (
    brighter_elsewhere,
    exported,
    idle_lasers,
    invisible,
    live_tubes,
    neighbours,
    unsourced,
)
from benchmarks.rows import Cell, RowFile, markdown, number, shown
from panelopt import api, registry
from panelopt.domain.result import Result, SolveStatus
from panelopt.errors import PaneloptError
from panelopt.questions.question import compiled
from panelopt.solver.outcome import ProofError

CYTOMETERS = ("aria-fusion", "facsmelody", "symphony-s6", "aurora-cs")
"""Two conventional sorters and two spectral ones."""

COLUMNS = (
    *("problem", "cytometer", "kind", "limit_s", "products", "status", "proven", "colours", "worst", "sum"),
    *(
        "best_worst",
        "best_sum",
        "invisible",
        "spillover",
        "tubes",
        "live_tubes",
        "unsourced",
        "hotspot",
        "burden",
        "complexity",
    ),
    *("lasers", "idle_lasers", "neighbours", "purity_at_least", "purities", "panel", "seconds", "question_sha256"),
    *("version", "date"),
)
KEY = ("problem", "cytometer", "limit_s", "question_sha256", "version")


@click.command()
@click.option("--problem", "problems", multiple=True, metavar="NAME", help="Repeatable. Default: all that are shipped.")
@click.option("--cytometer", "cytometers", multiple=True, metavar="NAME", help=f"Default: {', '.join(CYTOMETERS)}.")
@click.option("--time-limit", type=float, default=60.0, show_default=True, metavar="S", help="Seconds a search.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, metavar="N")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="PATH", help="File to write and resume.")
@click.option("--report", is_flag=True, help="Only summarise what the file holds.")
def practice(
    problems: tuple[str, ...],
    cytometers: tuple[str, ...],
    time_limit: float,
    workers: int,
    csv_path: Path | None,
    report: bool,
) -> None:
    """Design a panel for each problem and cytometer, and print what is wrong with it at the bench, as Markdown."""
    file = RowFile(csv_path, COLUMNS)
    rows = list(file.rows)
    if not report:
        options = api.Options(time_limit_s=time_limit, workers=workers)
        pairs = [(p, c) for p in problems or registry.problem_names() for c in cytometers or CYTOMETERS]
        rows = [_row(problem, cytometer, options, file) for problem, cytometer in pairs]
    click.echo(f"{designs(rows)}\n\n{summary(rows)}")


def _row(problem: str, cytometer: str, options: api.Options, file: RowFile) -> dict[str, str]:
    question = api.load(problem, cytometer=cytometer)
    point: dict[str, Cell] = {
        "problem": problem,
        "cytometer": cytometer,
        "limit_s": f"{options.time_limit_s:g}",
        "question_sha256": question_hash(question, options),
        "version": panelopt.__version__,
    }
    known = [row for row in file.rows if all(row[name] == str(point[name]) for name in KEY)]
    if known:
        return known[-1]
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    row = file.add({**point, **measured(question, options), "date": today})
    click.echo(f"{problem} on {cytometer}: {row['status']}, {row['seconds']} s", err=True)
    return row


def measured(question: api.Question, options: api.Options) -> dict[str, Cell]:
    """Return the row of one design: of sourced products, or of all where those make no panel.

    Without a panel, it holds only the status.
    """
    row: dict[str, Cell] = {"kind": "conventional" if question.cytometer.conventional else "spectral"}
    try:
        result = api.design(question, options)
        if result.status is SolveStatus.INFEASIBLE and not options.allow_unverified:
            options = replace(options, allow_unverified=True)
            result = api.design(question, options)
    except ProofError as error:
        return {**row, "status": "fault", "panel": str(error)}
    except PaneloptError as error:
        return {**row, "status": "refused", "panel": str(error)}
    found: dict[str, Cell] = {
        **row,
        "products": "all" if options.allow_unverified else "sourced",
        "status": result.status.value,
        "best_worst": result.best.worst_log_ratio,
        "best_sum": result.best.sum_log_ratio,
        "seconds": round(result.solver.wall_s, 1),
    }
    return found if not result.panel else {**found, **_looked_at(question, options, result)}


def _looked_at(question: api.Question, options: api.Options, result: Result) -> dict[str, Cell]:
    n = exported(compiled(question, options).instance)
    practical, objective, panel = result.practical, result.objective, result.panel
    tubes = [] if n["marker_list"] else result.targets
    return {
        "proven": int(practical is not None and practical.proven),
        "colours": len(panel),
        "worst": objective.worst_log_ratio if objective else None,
        "sum": objective.sum_log_ratio if objective else None,
        "invisible": _listed(invisible(n, panel)),
        "spillover": _listed(brighter_elsewhere(n, panel)),
        "tubes": len(tubes),
        "live_tubes": live_tubes(result) if tubes else 0,
        "unsourced": _listed(unsourced(panel)),
        "hotspot": result.spectral.hotspot_max,
        "burden": practical.spillover_burden if practical else None,
        "complexity": result.spectral.complexity_index,
        "lasers": len({laser.nm for laser in question.cytometer.laser}),
        "idle_lasers": _listed(f"{nm:g}" for nm in idle_lasers(question.cytometer, panel)),
        "neighbours": _listed(neighbours(question.cytometer, panel)),
        "purity_at_least": min((t.purity_at_least for t in result.targets), default=None),
        "purities": "; ".join(f"{t.name} {t.purity_at_least:.4f}" for t in result.targets),
        "panel": "; ".join(f"{'+'.join(slot.markers)} {slot.fluorochrome} in {slot.detector}" for slot in panel),
    }


def _listed(found: Iterable[str]) -> str:
    """Return things that were found as one cell."""
    return "; ".join(found)


def count(row: dict[str, str], name: str) -> int:
    """Return how many things a cell lists."""
    return len(row[name].split("; ")) if row[name] else 0


# ---- tables


def designs(rows: Sequence[dict[str, str]]) -> str:
    """Return one line for each design."""
    counted = ("spillover", "invisible", "no live gate", "unsourced")
    measures = ("hotspot", "idle lasers", "neighbours", "purity at least")
    header = ("problem", "cytometer", "products", "status", "proven", *counted, *measures, "s")
    lines = []
    for row in rows:
        cells = ["-"] * (len(counted) + len(measures))
        if row["colours"]:
            counts = [count(row, "spillover"), count(row, "invisible"), _without_gate(row), count(row, "unsourced")]
            idle = f"{count(row, 'idle_lasers')} of {row['lasers']}"
            cells = [*map(str, counts), shown(number(row["hotspot"]), 2), idle, str(count(row, "neighbours"))]
            cells.append(shown(number(row["purity_at_least"]), 3))
        proven = {"1": "yes", "0": "no"}.get(row["proven"], "-")
        lines.append([row["problem"], row["cytometer"], row["products"], row["status"], proven, *cells, row["seconds"]])
    return markdown(header, lines)


def summary(rows: Sequence[dict[str, str]]) -> str:
    """Return counts, medians and worst values of conventional and spectral designs."""
    kinds = ("conventional", "spectral")
    groups = [[row for row in rows if row["kind"] == kind] for kind in kinds]
    panels = [[row for row in group if row["colours"]] for group in groups]
    lines = [["designs", *(str(len(group)) for group in groups)]]
    lines.append(["optimal", *(str(sum(row["status"] == "optimal" for row in group)) for group in groups)])
    lines.append(["practical choice proven", *(str(sum(row["proven"] == "1" for row in group)) for group in groups)])
    for name, of in TOTALS.items():
        lines.append([name, *(str(sum(map(of, group))) for group in panels)])
    for name, (value, worst, digits) in MEDIANS.items():
        lines.append([f"{name}, median / worst", *(_median(group, value, worst, digits) for group in panels)])
    return markdown(("", *kinds), lines)


def _without_gate(row: dict[str, str]) -> int:
    return int(row["tubes"]) - int(row["live_tubes"])


TOTALS: dict[str, Callable[[dict[str, str]], int]] = {
    "pairs with spillover above 100 %": lambda row: count(row, "spillover"),
    "invisible dyes": lambda row: count(row, "invisible"),
    "tubes": lambda row: int(row["tubes"]),
    "tubes without a live gate": _without_gate,
    "reagents without a source": lambda row: count(row, "unsourced"),
    "designs with such reagents": lambda row: int(count(row, "unsourced") > 0),
}
"""What is counted over all panels."""

MEDIANS: dict[str, tuple[Callable[[dict[str, str]], float | None], Callable[[list[float]], float], int]] = {
    "hotspot": (lambda row: number(row["hotspot"]), max, 2),
    "spillover burden": (lambda row: number(row["burden"]), max, 2),
    "complexity index": (lambda row: number(row["complexity"]), max, 2),
    "idle lasers": (lambda row: count(row, "idle_lasers"), max, 1),
    "same-laser neighbours": (lambda row: count(row, "neighbours"), max, 1),
    "least purity of a tube": (lambda row: number(row["purity_at_least"]), min, 3),
    "seconds": (lambda row: number(row["seconds"]), max, 1),
}
"""What is shown by its median and its worst value."""


def _median(
    rows: Sequence[dict[str, str]],
    of: Callable[[dict[str, str]], float | None],
    worst: Callable[[list[float]], float],
    digits: int,
) -> str:
    values = [value for row in rows if (value := of(row)) is not None]
    return f"{statistics.median(values):.{digits}f} / {worst(values):.{digits}f}" if values else "-"


if __name__ == "__main__":
    practice()
