"""Races panelopt against other searches on the same cases: what is reached after 1, 10 and 60 s, and when it is proven.

Run from the root of the source tree, e.g. ``python benchmarks/race.py --seeds 3 --csv race.csv``. All runs use one
thread, one after the other. A race that was cut goes on where it stopped when it is started again with the same file.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded; as `panelopt` itself does

from benchmarks.peers import Peer, Trace, all_peers
from benchmarks.peers.clock import CLOCK
from benchmarks.peers.ours import Panelopt
from benchmarks.race_figure import draw
from benchmarks.rows import Cell, RowFile, number, shown, table
from benchmarks.variants import Case
from panelopt.scoring import DEFAULT_TOLERANCE

CASES = (
    "nominal/uc-cd106@aria-fusion",
    "nominal/bm-cd271-cd146@aria-fusion",
    "nominal/adipose-apc@aurora-5l",
    "dim/bm-cd146-hi@influx",
    "required/adipose-apc@aria-fusion",
    "required/bm-cd271-cd146@aurora-5l",
    "thin/skeletal-hssc@aria-fusion",
    "thin/bm-cd271-cd146@sh800",
)
"""Cases of the race unless others are named: every variant, conventional and spectral, small and large."""

SMALL = (
    *("nominal/cv-cd106@aria-fusion", "nominal/cv-cd106@symphony-s6", "nominal/ipsc-msc@aria-fusion"),
    *("nominal/ipsc-msc@symphony-s6", "nominal/bm-cd271-msca1-gmp@aria-fusion", "nominal/uc-cd106@aria-fusion"),
    *("nominal/uc-cd106@symphony-s6", "nominal/bm-cd146-hi@symphony-s6", "nominal/adipose-apc@symphony-s6"),
    "nominal/bm-cd271-cd146@symphony-s6",
)
"""Ten cases small enough for many seeds and limits of seconds."""

SUM_TOLERANCE = 2.5 * DEFAULT_TOLERANCE
"""By how much (log10) the sum may lie below the best and still count as the optimum, as in the search itself."""

COLUMNS = (
    *("case", "method", "seed", "limit_s", "after_s", "best_worst", "worst", "sum", "colours"),
    *("proven_s", "bound_worst", "bound_sum", "seconds", "judged", "question_sha256"),
)


@click.command()
@click.option("--cases", "chosen", multiple=True, metavar="V/P@C", help="Repeatable. Default: eight cases.")
@click.option("--method", "methods", multiple=True, metavar="NAME", help="Repeatable. Default: all that can run here.")
@click.option(
    "--times", default="1,10,60", show_default=True, metavar="S,S", help="When to look; the last is the limit."
)
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Runs of each.")
@click.option("--cpu", is_flag=True, help="Count CPU time of the process instead of wall time: for busy machines.")
@click.option("--small", is_flag=True, help="Ten small cases in the place of the eight.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PATH", help="Draw the curves: PNG, SVG or PDF.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="PATH", help="File to write and resume.")
def race(
    chosen: tuple[str, ...],
    methods: tuple[str, ...],
    times: str,
    seeds: int,
    cpu: bool,
    small: bool,
    figure: Path | None,
    csv_path: Path | None,
) -> None:
    """Run every method on every case and print what each reached."""
    CLOCK.is_cpu = cpu
    seconds = sorted(float(part) for part in times.split(","))
    runners = _runners(methods)
    file = RowFile(csv_path, COLUMNS)
    rows: list[dict[str, str]] = []
    for text in chosen or (SMALL if small else CASES):
        case = Case.parse(text)
        new = _one_case(case, runners, seconds, range(seeds), file)
        click.echo(f"\n{case}\n{case_table(new, seconds)}")
        rows += new
    click.echo(f"\nAll cases\n{summary(rows, seconds)}")
    if figure is not None:
        draw(figure, standings(rows), reached(rows), seconds)


def _runners(methods: Sequence[str]) -> dict[str, Peer]:
    every: dict[str, Peer] = {Panelopt.name: Panelopt(), **all_peers()}
    unknown = sorted(set(methods) - set(every))
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}; known here are {', '.join(every)}", param_hint="--method")
    return {name: runner for name, runner in every.items() if not methods or name in methods}


def _one_case(
    case: Case, runners: dict[str, Peer], seconds: Sequence[float], seeds: Sequence[int], file: RowFile
) -> list[dict[str, str]]:
    instance = case.instance
    digest = case.question_sha256
    rows: list[dict[str, str]] = []
    for seed in seeds:  # the methods take turns, so that a slow hour of the machine meets all of them
        for name, runner in runners.items():
            key = (str(case), name, str(seed), f"{seconds[-1]:g}", digest)
            kept = [row for row in file.rows if _key(row) == key and float(row["after_s"]) in seconds]
            if len(kept) == len(seconds):
                rows += kept
                continue
            trace = runner.run(instance, seconds[-1], seed)
            new = trace_rows(trace, seconds)
            common: dict[str, Cell] = {
                "case": str(case),
                "seed": seed,
                "limit_s": f"{seconds[-1]:g}",
                "question_sha256": digest,
            }
            rows += [file.add({**row, **common}) for row in new]
    return rows


def _key(row: dict[str, str]) -> tuple[str, ...]:
    return row["case"], row["method"], row["seed"], row["limit_s"], row["question_sha256"]


def trace_rows(trace: Trace, seconds: Sequence[float]) -> list[dict[str, Cell]]:
    """Return one row for each moment: the best value of objective 1, and the best panel within the tolerance of it."""
    rows: list[dict[str, Cell]] = []
    for moment in seconds:
        best = trace.best_at(moment)
        rows.append(
            {
                "method": trace.name,
                "after_s": f"{moment:g}",
                "best_worst": trace.worst_at(moment),
                "worst": best.worst if best else None,
                "sum": best.total if best else None,
                "colours": len(best.slots) if best else None,
                "proven_s": trace.proven_s if (trace.proven_s or 0.0) <= seconds[-1] else None,
                "bound_worst": trace.bound_worst,
                "bound_sum": trace.bound_total,
                "seconds": trace.seconds,
                "judged": trace.judged,
            }
        )
    return rows


def standings(rows: Sequence[dict[str, str]]) -> list[tuple[dict[str, str], float | None, float | None]]:
    """Return each row with its distance to the best of its case: of objective 1, and of the sum as a ratio.

    The best value of objective 1 is the highest that any method reached on the case at any time. The ratio of the sum
    is taken to the largest sum of those rows whose objective 1 is within the tolerance of it; rows below have none.
    """
    result: list[tuple[dict[str, str], float | None, float | None]] = []
    for mine in _by_case(rows):
        top, level, best_sum = _best(mine)
        for row in mine:
            worst = number(row["best_worst"])
            ratio = float(row["sum"]) / best_sum if row in level and best_sum is not None and best_sum > 0 else None
            result.append((row, None if worst is None else worst - top, ratio))
    return result


def reached(rows: Sequence[dict[str, str]]) -> list[tuple[dict[str, str], bool]]:
    """Return each row with whether both objectives are within the tolerances of the best of its case."""
    result: list[tuple[dict[str, str], bool]] = []
    for mine in _by_case(rows):
        _, level, best_sum = _best(mine)
        near = [row for row in level if best_sum is not None and float(row["sum"]) >= best_sum - SUM_TOLERANCE]
        result += [(row, row in near) for row in mine]
    return result


def _by_case(rows: Sequence[dict[str, str]]) -> list[list[dict[str, str]]]:
    return [[row for row in rows if row["case"] == case] for case in dict.fromkeys(row["case"] for row in rows)]


def _best(rows: Sequence[dict[str, str]]) -> tuple[float, list[dict[str, str]], float | None]:
    """Return the best objective 1 of a case, the rows within the tolerance of it, and the largest sum among these."""
    top = max((value for row in rows if (value := number(row["best_worst"])) is not None), default=0.0)
    level = [row for row in rows if row["worst"] and float(row["best_worst"]) >= top - DEFAULT_TOLERANCE]
    return top, level, max((float(row["sum"]) for row in level), default=None)


def case_table(rows: Sequence[dict[str, str]], seconds: Sequence[float]) -> str:
    """Return medians over the seeds: distance of objective 1 and ratio of the sum at each moment, and time to proof."""
    header = [
        "method",
        *(f"{what} {s:g} s" for s in seconds for what in ("d worst", "sum ratio")),
        "proven s",
        "judged",
    ]
    judged = standings(rows)
    lines = []
    for method in dict.fromkeys(row["method"] for row in rows):
        line = [method]
        for moment in seconds:
            here = [(d, r) for row, d, r in judged if row["method"] == method and float(row["after_s"]) == moment]
            line += [shown(_median([d for d, _ in here])), shown(_median([r for _, r in here]), 4)]
        mine = [row for row in rows if row["method"] == method and float(row["after_s"]) == seconds[-1]]
        line.append(shown(_median([number(row["proven_s"]) for row in mine]), 1))
        line.append(shown(_median([float(row["judged"]) for row in mine]), 0))
        lines.append(line)
    return table(header, lines)


def _median(values: Sequence[float | None]) -> float | None:
    """Return the median, where most of the runs have a value; runs without one count as the worst."""
    known = sorted((value for value in values if value is not None), reverse=True)
    missing = len(values) - len(known)
    return None if missing * 2 >= len(values) else statistics.median([*known, *[known[-1]] * missing])


def summary(rows: Sequence[dict[str, str]], seconds: Sequence[float]) -> str:
    """Return over all runs, at each moment: how many are at the best objective 1, how many at the best of both
    objectives, and their mean ratio of the sum; then how many are proven, and the median time of those."""
    titles = ("at best worst", "at optimum", "mean sum ratio")
    header = ["method", "runs", *(f"{what} {s:g} s" for s in seconds for what in titles), "proven", "median s"]
    judged = standings(rows)
    best = reached(rows)
    lines = []
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [item for item in judged if item[0]["method"] == method]
        last = [row for row, _, _ in mine if float(row["after_s"]) == seconds[-1]]
        line = [method, str(len(last))]
        for moment in seconds:
            here = [(d, r) for row, d, r in mine if float(row["after_s"]) == moment]
            ratios = [r for _, r in here if r is not None]
            level = sum(d is not None and d >= -DEFAULT_TOLERANCE for d, _ in here)
            top = sum(good for row, good in best if row["method"] == method and float(row["after_s"]) == moment)
            mean = shown(statistics.fmean(ratios) if ratios else None, 4)
            line += [f"{level}/{len(here)}", f"{top}/{len(here)}", mean]
        proven = [value for row in last if (value := number(row["proven_s"])) is not None]
        line += [f"{len(proven)}/{len(last)}", shown(statistics.median(proven) if proven else None, 2)]
        lines.append(line)
    return table(header, lines)


if __name__ == "__main__":
    race()
