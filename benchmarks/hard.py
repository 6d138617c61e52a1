"""Designs panels for hard variants of the shipped problems, and tells how many are proven within some time limits.

Run from the root of the source tree, e.g. ``python benchmarks/hard.py --sample 24 --limits 20,60 --csv hard.csv``.
A run that was cut goes on where it stopped when it is started again with the same file: every row is written as it
ends.
Exit code 1: a proven limit lies below a value that a panel reaches.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import panelopt
from benchmarks.peers.ours import recorded
from benchmarks.rows import Cell, RowFile, number, shown, table
from benchmarks.variants import CYTOMETERS, HARD, SPECTRAL, VARIANTS, Case, cases, sample
from panelopt import registry
from panelopt.instance.arrays import Instance
from panelopt.solver.outcome import Outcome, ProofError, SearchSettings

COLUMNS = (
    *("case", "variant", "problem", "cytometer", "limit_s", "seed", "status"),
    *("best_worst", "bound_worst", "gap_worst", "floor", "best_sum", "bound_sum", "gap_sum", "pairs", "colours"),
    *("seconds", "proven_s", "model_runs", "model_rows", "taken_over", "question_sha256", "version", "date"),
)

CLOSED = ("optimal", "infeasible")
"""Outcomes that more time does not change."""


@click.command()
@click.option("--variant", "variants", multiple=True, type=click.Choice(list(VARIANTS)), help="Default: the hard ones.")
@click.option("--problem", "problems", multiple=True, metavar="NAME", help="Repeatable. Default: all that are shipped.")
@click.option("--cytometer", "cytometers", multiple=True, metavar="NAME", help=f"Default: {', '.join(CYTOMETERS)}.")
@click.option("--cases", "chosen", multiple=True, metavar="V/P@C", help="Single cases, in the place of all the above.")
@click.option("--sample", "count", type=click.IntRange(min=1), metavar="N", help="Only N cases, always the same ones.")
@click.option("--limits", default="20,60,300", show_default=True, metavar="S,S", help="Time limits, seconds.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N")
@click.option("--tolerance", type=float, default=0.02, show_default=True, metavar="X", help="Closed gap.")
@click.option("--again", is_flag=True, help="Run closed cases at the longer limits too, instead of taking them over.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="PATH", help="File to write and resume.")
@click.option("--report", is_flag=True, help="Only summarise what the file holds.")
def hard(
    variants: tuple[str, ...],
    problems: tuple[str, ...],
    cytometers: tuple[str, ...],
    chosen: tuple[str, ...],
    count: int | None,
    limits: str,
    seed: int,
    tolerance: float,
    again: bool,
    csv_path: Path | None,
    report: bool,
) -> None:
    """Run the cases at each time limit and print shares closed and gaps."""
    seconds = sorted(float(part) for part in limits.split(","))
    every = [Case.parse(text) for text in chosen] or cases(
        variants or HARD, problems or registry.problem_names(), cytometers or CYTOMETERS
    )
    every = every if count is None else sample(every, count)
    file = RowFile(csv_path, COLUMNS)
    rows = list(file.rows) if report else _survey(every, seconds, seed, tolerance, file, again)
    click.echo(summary(rows))
    if any(row["status"] == "fault" for row in rows):
        raise SystemExit(1)


def _survey(
    every: Sequence[Case], seconds: Sequence[float], seed: int, tolerance: float, file: RowFile, again: bool
) -> list[dict[str, str]]:
    done = {(row["case"], row["limit_s"], row["seed"], row["question_sha256"]): row for row in file.rows}
    rows = []
    for case in every:
        instance = case.instance
        digest = case.question_sha256
        earlier: dict[str, str] | None = None
        for limit in seconds:
            key = (str(case), f"{limit:g}", str(seed), digest)
            if key in done:
                row = done[key]
            elif earlier is not None and earlier["status"] in CLOSED and not again:
                row = file.add({**earlier, "limit_s": f"{limit:g}", "taken_over": 1})
            else:
                search = SearchSettings(time_limit_s=limit, tolerance=tolerance, seed=seed)
                row = file.add({**measured(case, instance, search), "question_sha256": digest})
            click.echo(_line(row))
            rows.append(row)
            earlier = row
    return rows


def measured(case: Case, instance: Instance, limits: SearchSettings) -> dict[str, Cell]:
    """Run one search and return its row."""
    row: dict[str, Cell] = {
        "case": str(case),
        "variant": case.variant,
        "problem": case.problem,
        "cytometer": case.cytometer,
        "limit_s": f"{limits.time_limit_s:g}",
        "seed": limits.seed,
        "taken_over": 0,
        "version": panelopt.__version__,
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
    }
    search, recorder = recorded(instance, limits)
    try:
        outcome = search.run()
    except ProofError:
        return {**row, **_values(search.outcome), "status": "fault"}
    recorder.take()
    return {**row, **_values(outcome), "proven_s": recorder.trace.proven_s}


def _values(outcome: Outcome) -> dict[str, Cell]:
    return {
        "status": outcome.status,
        "best_worst": outcome.best_worst,
        "bound_worst": outcome.bound_worst,
        "gap_worst": _minus(outcome.bound_worst, outcome.best_worst),
        "floor": outcome.floor,
        "best_sum": outcome.best_total,
        "bound_sum": outcome.bound_total,
        "gap_sum": _minus(outcome.bound_total, outcome.best_total),
        "pairs": outcome.pairs,
        "colours": len(outcome.score.slots) if outcome.score else None,
        "seconds": round(outcome.wall_s, 2),
        "model_runs": outcome.iterations,
        "model_rows": outcome.rows,
    }


def _minus(limit: float | None, value: float | None) -> float | None:
    return None if limit is None or value is None else max(limit - value, 0.0)


def _line(row: dict[str, str]) -> str:
    cells = [shown(number(row[name]), digits) for name, digits in (("gap_worst", 3), ("gap_sum", 2), ("seconds", 1))]
    return f"{row['case']:<42} {row['limit_s']:>5} s  {row['status']:<10} " + " ".join(f"{cell:>8}" for cell in cells)


def summary(rows: Sequence[dict[str, str]]) -> str:
    """Return the table of closed cases and gaps, by variant and kind of cytometer, for each time limit.

    Cases that are proven infeasible are counted on their own. Where a case has no gap, because no panel was found or
    the second objective was never reached, it counts as open and stands in the column ``none``.
    """
    counts = ("set", "s", "cases", "infeasible", "closed", "share", "none")
    header = (*counts, "worst med", "worst max", "sum med", "sum max")
    lines = []
    for limit in sorted({float(row["limit_s"]) for row in rows}):
        here = [row for row in rows if float(row["limit_s"]) == limit]
        groups = sorted({_group(row) for row in here})
        lines += [_summary_line(group, limit, [r for r in here if _group(r) == group]) for group in groups]
        if len(groups) > 1:
            lines.append(_summary_line("all", limit, here))
    return table(header, lines)


def _group(row: dict[str, str]) -> str:
    return f"{row['variant']}, {'spectral' if row['cytometer'] in SPECTRAL else 'conventional'}"


def _summary_line(name: str, limit: float, rows: Sequence[dict[str, str]]) -> list[str]:
    possible = [row for row in rows if row["status"] != "infeasible"]
    closed = sum(row["status"] == "optimal" for row in possible)
    share = f"{100 * closed / len(possible):.0f} %" if possible else "-"
    worst, total = _gaps(possible, "gap_worst"), _gaps(possible, "gap_sum")
    none = sum(not row["gap_sum"] for row in possible)
    counts = [str(value) for value in (len(possible), len(rows) - len(possible), closed)]
    extent = [*_extent(worst, 3), *_extent(total, 2)]
    return [name, f"{limit:g}", *counts, share, str(none), *extent]


def _gaps(rows: Iterable[dict[str, str]], name: str) -> list[float]:
    return [value for row in rows if (value := number(row[name])) is not None]


def _extent(values: Sequence[float], digits: int) -> tuple[str, str]:
    return (
        shown(statistics.median(values) if values else None, digits),
        shown(max(values, default=None), digits),
    )


if __name__ == "__main__":
    hard()
