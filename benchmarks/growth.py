"""How time and memory grow with the size of the question, on made-up instances; each point in a process of its own.

Run from the root of the source tree, e.g. ``python benchmarks/growth.py --limit 60 --csv growth.csv``. A run that was
cut goes on where it stopped when it is started again with the same file.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.peers.ours import recorded
from benchmarks.rows import Cell, RowFile, number, shown, table
from benchmarks.synthetic import Size, synthetic
from panelopt.solver.outcome import SearchSettings

PAIRS = tuple(Size(m, f, 8) for m, f in ((10, 20), (20, 40), (20, 80), (40, 80), (40, 180)))
"""Sizes along which markers x dyes grow, at 8 colours."""

COLOURS = tuple(Size(20, 40, c) for c in (4, 6, 8, 10, 12, 14))
"""Sizes along which the colours grow, at 20 markers and 40 dyes."""

SERIES: dict[str, tuple[tuple[Size, ...], Callable[[dict[str, str]], float]]] = {
    "markers x dyes": (PAIRS, lambda row: float(row["markers"]) * float(row["dyes"])),
    "colours": (COLOURS, lambda row: float(row["colours"])),
}

CYTOMETERS = ("aria-fusion", "aurora-5l")

MEASURES = {"build_s": "build, s", "first_bound_s": "first limit, s", "proven_s": "proof, s", "peak_mb": "peak, MB"}

COLUMNS = (
    *("cytometer", "light", "markers", "dyes", "colours", "seed", "limit_s", "status", "options", "variables"),
    *("constraints", *MEASURES, "wall_s", "gap_worst", "gap_sum", "model_runs"),
)
KEY = COLUMNS[:7]

GRACE_S = 120.0
"""Time beyond its limit after which a point is given up, seconds."""


@click.command()
@click.option("--series", "names", multiple=True, type=click.Choice(list(SERIES)), help="Repeatable. Default: both.")
@click.option("--cytometer", "cytometers", multiple=True, metavar="NAME", help=f"Default: {', '.join(CYTOMETERS)}.")
@click.option("--dim", "is_dim", is_flag=True, help="Take light away, as in the hard set.")
@click.option("--limit", type=float, default=60.0, show_default=True, metavar="S", help="Seconds a search.")
@click.option(
    "--seeds", type=click.IntRange(min=1), default=3, show_default=True, metavar="N", help="Instances a size."
)
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="PATH", help="File to write and resume.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PATH", help="Plot on log axes; needs matplotlib.")
@click.option("--point", hidden=True, help="Measure one point, given as JSON, and print it as JSON.")
def growth(
    names: tuple[str, ...],
    cytometers: tuple[str, ...],
    is_dim: bool,
    limit: float,
    seeds: int,
    csv_path: Path | None,
    figure: Path | None,
    point: str | None,
) -> None:
    """Measure each size and print medians and fitted exponents."""
    if point is not None:
        click.echo(json.dumps(measured(json.loads(point))))
        return
    file = RowFile(csv_path, COLUMNS)
    light = "dim" if is_dim else "nominal"
    for cytometer in cytometers or CYTOMETERS:
        for name in names or SERIES:
            sizes, place = SERIES[name]
            rows = [
                _row(file, {"cytometer": cytometer, "light": light, **_fields(size), "seed": seed, "limit_s": limit})
                for size in sizes
                for seed in range(seeds)
            ]
            click.echo(f"\n{cytometer}, {light} light: {name}\n{size_table(rows)}")
            for row in rows:
                if row["status"].startswith(("failed", "given up")):
                    click.echo(f"  {row['markers']} x {row['dyes']}, seed {row['seed']}: {row['status']}")
            for line in fits(rows, place):
                click.echo(line)
            if figure is not None:
                path = figure.with_stem(f"{figure.stem}-{cytometer}-{name.replace(' ', '')}")
                click.echo(f"Written: {_plot(rows, name, place, path)}")


def _fields(size: Size) -> dict[str, Cell]:
    return {"markers": size.markers, "dyes": size.dyes, "colours": size.colours}


def _row(file: RowFile, point: dict[str, Cell]) -> dict[str, str]:
    """Return the row of a point: from the file, or measured in a fresh process."""
    wanted = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in point.items()}
    for row in file.rows:
        if all(row[name] == wanted[name] for name in KEY):
            return row
    command = [sys.executable, str(Path(__file__).resolve()), "--point", json.dumps(point)]
    patience = float(wanted["limit_s"]) + GRACE_S
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=True)  # noqa: S603
    except subprocess.TimeoutExpired:
        return file.add({**wanted, "status": "given up"})
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1:] or ["no message"]
        return file.add({**wanted, "status": f"failed: {reason[0][:80]}"})
    return file.add({**json.loads(run.stdout), **wanted})


def measured(point: dict[str, Cell]) -> dict[str, Cell]:
    """Make the instance of a point, search, and return what it took. To be called in a fresh process."""
    size = Size(int(point["markers"] or 0), int(point["dyes"] or 0), int(point["colours"] or 0))
    instance = synthetic(size, str(point["cytometer"]), int(point["seed"] or 0), is_dim=point["light"] == "dim")
    search, recorder = recorded(instance, SearchSettings(time_limit_s=float(point["limit_s"] or 0)))
    outcome = search.run()
    worst, total = outcome.bound_worst, outcome.bound_total
    return {
        "status": outcome.status,
        "options": len(search.options.slots),
        "variables": outcome.variables,
        "constraints": outcome.constraints,
        "build_s": outcome.build_s,
        "first_bound_s": recorder.first_bound_s,
        "proven_s": outcome.wall_s if outcome.status == "infeasible" else recorder.trace.proven_s,
        "peak_mb": _peak_mb(),
        "wall_s": outcome.wall_s,
        "gap_worst": None if worst is None or outcome.best_worst is None else worst - outcome.best_worst,
        "gap_sum": None if total is None or outcome.best_total is None else total - outcome.best_total,
        "model_runs": outcome.iterations,
    }


def _peak_mb() -> float:
    """Return the largest memory that this process has held so far, with the interpreter and all libraries, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes there, kilobytes elsewhere


def size_table(rows: Sequence[dict[str, str]]) -> str:
    """Return the medians of each size; a dash where most of its instances were not proven in time."""
    header = ["size", "colours", "options", "closed", *MEASURES.values(), "gap worst", "gap sum"]
    lines = []
    for markers, dyes, colours in dict.fromkeys((r["markers"], r["dyes"], r["colours"]) for r in rows):
        mine = [row for row in rows if (row["markers"], row["dyes"], row["colours"]) == (markers, dyes, colours)]
        closed = sum(bool(row["proven_s"]) for row in mine)
        options = shown(_median(mine, "options"), 0)
        line = [f"{markers} x {dyes}", colours, options, f"{closed}/{len(mine)}"]
        line += [shown(_median(mine, name), 2) for name in (*MEASURES, "gap_worst", "gap_sum")]
        lines.append(line)
    return table(header, lines)


def _median(rows: Sequence[dict[str, str]], name: str) -> float | None:
    """Return the median, where most rows have a value; the others count as larger than all."""
    values = sorted(value for row in rows if (value := number(row[name])) is not None)
    if 2 * len(values) <= len(rows):
        return None
    values += [float("inf")] * (len(rows) - len(values))
    middle = statistics.median(values)
    return None if middle == float("inf") else middle


def fits(rows: Sequence[dict[str, str]], place: Callable[[dict[str, str]], float]) -> list[str]:
    """Return the fitted exponents, one line a measure. Sizes without a median are left out, and told."""
    lines = []
    for name, title in MEASURES.items():
        xs, ys = points(rows, name, place)
        sizes = len({place(row) for row in rows})
        if len(xs) < 2:
            lines.append(f"  {title:<15} no fit: {len(xs)} of {sizes} sizes")
            continue
        lines.append(f"  {title:<15} grows with the power {exponent(xs, ys):.2f} ({len(xs)} of {sizes} sizes)")
    return lines


def points(
    rows: Sequence[dict[str, str]], name: str, place: Callable[[dict[str, str]], float]
) -> tuple[list[float], list[float]]:
    """Return sizes and medians of a measure, where there is one above zero."""
    found = []
    for size in sorted({place(row) for row in rows}):
        value = _median([row for row in rows if place(row) == size], name)
        if value is not None and value > 0:
            found.append((size, value))
    return [x for x, _ in found], [y for _, y in found]


def exponent(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the slope of the least-squares line through the logarithms."""
    return float(np.polyfit(np.log(xs), np.log(ys), 1)[0])


def _plot(rows: Sequence[dict[str, str]], name: str, place: Callable[[dict[str, str]], float], path: Path) -> Path:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise click.ClickException("--figure needs matplotlib") from error
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    for measure, title in MEASURES.items():
        if measure != "peak_mb":
            xs, ys = points(rows, measure, place)
            axes.loglog(xs, ys, marker="o", label=title)
    axes.set_xlabel(name)
    axes.set_ylabel("time, s")
    axes.legend()
    figure.savefig(path)
    return path


if __name__ == "__main__":
    growth()
