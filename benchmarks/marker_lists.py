"""Panels for lists of markers without populations, of 8 to 30 colours, on a spectral cytometer with 64 detectors.

Here every marker is required, so that the question is which dye each gets: what people ask of a general panel. Printed
are score and complexity index (condition number of the signatures) after some times, of panelopt and of other searches.
Run from the root of the source tree, e.g. ``python benchmarks/marker_lists.py --colours 8,16,30 --csv lists.csv``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.asked import question_hash
from benchmarks.peers import Peer, Trace, all_peers
from benchmarks.peers.ours import Panelopt
from benchmarks.rows import Cell, RowFile, number, shown, table
from benchmarks.variants import dim
from panelopt import api, registry
from panelopt.catalogs import find_catalogs
from panelopt.domain.problem_record import Level, Marker, Problem
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.instance.arrays import DUMP_EXPRESSION_ABC, Instance
from panelopt.questions.question import compiled
from panelopt.scoring.rule_checks import panel_complexity

CYTOMETER = "aurora-5l"
COLOURS = "8,12,16,20,24,30"
METHODS = ("panelopt", "greedy", "annealing")

COLUMNS = (
    *("cytometer", "light", "colours", "method", "seed", "limit_s", "after_s", "worst", "sum", "complexity"),
    *("bound_worst", "bound_sum", "proven_s", "seconds", "judged", "question_sha256"),
)


@click.command()
@click.option("--colours", default=COLOURS, show_default=True, metavar="N,N", help="Lengths of the lists.")
@click.option("--cytometer", default=CYTOMETER, show_default=True, metavar="NAME")
@click.option("--dim", "is_dim", is_flag=True, help="Take light away, as in the hard set.")
@click.option("--method", "methods", multiple=True, metavar="NAME", help=f"Default: {', '.join(METHODS)}.")
@click.option("--times", default="10,60", show_default=True, metavar="S,S", help="When to look; the last is the limit.")
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Runs of each.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="PATH", help="File to write and resume.")
def marker_lists(
    colours: str,
    cytometer: str,
    is_dim: bool,
    methods: tuple[str, ...],
    times: str,
    seeds: int,
    csv_path: Path | None,
) -> None:
    """Design a panel for each list with each method, and print what was reached."""
    seconds = sorted(float(part) for part in times.split(","))
    known: dict[str, Peer] = {Panelopt.name: Panelopt(), **all_peers()}
    chosen = methods or METHODS
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}; known here are {', '.join(known)}", param_hint="--method")
    file = RowFile(csv_path, COLUMNS)
    for count in sorted(int(part) for part in colours.split(",")):
        question = list_question(count, cytometer)
        instance = compiled(question, api.Options(allow_unverified=True)).instance
        instance = dim(instance) if is_dim else instance
        light = "dim" if is_dim else "nominal"
        common: dict[str, Cell] = {"cytometer": cytometer, "light": light, "colours": count}
        common["question_sha256"] = question_hash(question, None, light)
        rows: list[dict[str, str]] = []
        for seed in range(seeds):
            for method in chosen:
                point = {**common, "method": method, "seed": seed, "limit_s": f"{seconds[-1]:g}"}
                rows += _rows(file, known[method], instance, seconds, seed, point)
        click.echo(f"\n{count} colours on {cytometer}, {light} light\n{list_table(rows)}")


def _rows(
    file: RowFile, runner: Peer, instance: Instance, seconds: Sequence[float], seed: int, point: dict[str, Cell]
) -> list[dict[str, str]]:
    """Return the rows of a run, one for each moment: from the file, or measured."""
    kept = [
        row
        for row in file.rows
        if all(row[name] == str(value) for name, value in point.items()) and float(row["after_s"]) in seconds
    ]
    if len(kept) == len(seconds):
        return kept
    trace = runner.run(instance, seconds[-1], seed)
    return [file.add({**point, **_reached(trace, instance, moment)}) for moment in seconds]


def _reached(trace: Trace, instance: Instance, moment: float) -> dict[str, Cell]:
    best = trace.best_at(moment)
    return {
        "after_s": f"{moment:g}",
        "worst": best.worst if best else None,
        "sum": best.total if best else None,
        "complexity": panel_complexity(instance, best.slots) if best else None,
        "bound_worst": trace.bound_worst,
        "bound_sum": trace.bound_total,
        "proven_s": trace.proven_s,
        "seconds": trace.seconds,
        "judged": trace.judged,
    }


def list_table(rows: Sequence[dict[str, str]]) -> str:
    """Return one line for each run and moment; the ratio is that of the sum to the largest sum in the table."""
    most = max((value for row in rows if (value := number(row["sum"])) is not None), default=None)
    header = [
        "method",
        "seed",
        "after s",
        "worst",
        "sum",
        "ratio",
        "complexity",
        "limit worst",
        "limit sum",
        "proven s",
    ]
    lines = []
    for row in rows:
        total = number(row["sum"])
        ratio = total / most if total is not None and most is not None and most > 0 else None
        numbers = [(number(row["worst"]), 3), (total, 2), (ratio, 4), (number(row["complexity"]), 1)]
        numbers += [(number(row["bound_worst"]), 3), (number(row["bound_sum"]), 2), (number(row["proven_s"]), 1)]
        lines.append([row["method"], row["seed"], row["after_s"], *(shown(value, digits) for value, digits in numbers)])
    return table(header, lines)


@cache
def _markers() -> tuple[Marker, ...]:
    """Return the markers of all shipped problems, those with the most conjugates in the catalogs first.

    The level of each is the highest that any shipped problem gives it in any population. Viability dyes are left out,
    and markers that no population expresses.
    """
    levels: dict[str, Level] = {}
    for name in registry.problem_names():
        problem = registry.find_problem(name).problem
        given = [(marker.name, marker.level) for marker in problem.marker if marker.level is not None]
        given += [item for population in problem.population for item in population.levels.items()]
        for marker, level in given:
            resolved = problem.resolve(level)
            if marker != VIABILITY_MARKER and (marker not in levels or resolved.abc > levels[marker].abc):
                levels[marker] = resolved
    dyes: dict[str, set[str]] = {marker: set() for marker in levels}
    for catalog in find_catalogs((), None)[0]:
        for conjugate in catalog.conjugates:
            if conjugate.marker in dyes:
                dyes[conjugate.marker].add(conjugate.fluorochrome)
    expressed = [marker for marker, level in levels.items() if dyes[marker] and level.abc >= DUMP_EXPRESSION_ABC]
    order = sorted(expressed, key=lambda marker: (-len(dyes[marker]), marker))
    return tuple(Marker(name=marker, level=levels[marker]) for marker in order)


def list_question(colours: int, cytometer: str = CYTOMETER) -> api.Question:
    """Return the question for the first markers of the list; all of them are required.

    Raises:
        click.BadParameter: if there are fewer markers.
    """
    markers = _markers()
    if not 1 <= colours <= len(markers):
        raise click.BadParameter(f"{colours}: the shipped problems have {len(markers)} markers", param_hint="--colours")
    problem = Problem(id=f"list-{colours}", marker=markers[:colours])
    base = api.load(registry.problem_names()[0], cytometer=cytometer)
    catalogs, _ = find_catalogs()  # of all markers, not only those of the problem that was loaded
    return replace(base, problem=problem, catalogs=catalogs)


if __name__ == "__main__":
    marker_lists()
