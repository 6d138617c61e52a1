"""Designs a panel for every shipped problem on chosen cytometers, and tells how far each is proven.

Run from the root of the source tree, e.g. ``python benchmarks/survey.py --cytometer aria-fusion --time-limit 15``.
Exit code 1: a proven limit lies below a value that a panel reaches, here or in ``problems/best_known.csv``.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import known
from benchmarks.known import Known
from panelopt import api, registry
from panelopt.errors import PaneloptError
from panelopt.solver.outcome import ProofError

HEADER = (
    f"{'problem':<21} {'cytometer':<16} {'status':<10} {'worst':>7} {'limit':>7} {'gap':>6} "
    f"{'sum':>8} {'limit':>8} {'gap':>7} {'col':>3} {'s':>6}"
)


@click.command()
@click.option("--problem", "problems", multiple=True, metavar="NAME", help="Repeatable. Default: all that are shipped.")
@click.option("--cytometer", "cytometers", multiple=True, metavar="NAME", help="Repeatable. Default: all sorters.")
@click.option("--time-limit", type=float, default=60.0, show_default=True, metavar="S", help="Seconds a search.")
@click.option("--tolerance", type=float, default=0.02, show_default=True, metavar="X", help="Closed gap.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, metavar="N")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="PATH", help="Write the rows to a file.")
@click.option("--update-best-known", is_flag=True, help="Take better rows over into problems/best_known.csv.")
def survey(
    problems: tuple[str, ...],
    cytometers: tuple[str, ...],
    time_limit: float,
    tolerance: float,
    workers: int,
    csv_path: Path | None,
    update_best_known: bool,
) -> None:
    """Design a panel for each problem and cytometer, and print status, best values, limits and gaps."""
    options = api.Options(time_limit_s=time_limit, tolerance=tolerance, workers=workers)
    earlier = {row.key: row for row in known.read()}
    rows: list[Known] = []
    faults: list[str] = []
    click.echo(HEADER)
    for cytometer in cytometers or _sorters():
        for problem in problems or registry.problem_names():
            try:
                row = _run(problem, cytometer, options)
            except ProofError as error:
                faults.append(f"{problem} on {cytometer}: {error}")
                click.echo(f"{problem:<21} {cytometer:<16} FAULT: {error}")
                continue
            except PaneloptError as error:
                click.echo(f"{problem:<21} {cytometer:<16} not possible: {error}")
                continue
            rows.append(row)
            click.echo(_line(row))
            faults += known.contradictions(row, row)
            if row.key in earlier:
                faults += known.contradictions(earlier[row.key], row)
            if csv_path is not None:
                known.write(rows, csv_path)
    for fault in faults:
        click.echo(f"FAULT: {fault}", err=True)
    if faults:
        raise SystemExit(1)
    if update_best_known:
        known.write(known.merged(earlier.values(), rows))
        click.echo(f"Written: {known.PATH}")


def _run(problem: str, cytometer: str, options: api.Options) -> Known:
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return known.designed(api.load(problem, cytometer=cytometer), options, today)


def _sorters() -> list[str]:
    return [name for name in registry.cytometer_names() if registry.find_cytometer(name).sorter]


def _line(row: Known) -> str:
    def cell(value: float | None, width: int, digits: int = 3) -> str:
        return f"{'-' if value is None else f'{value:.{digits}f}':>{width}}"

    return " ".join(
        (
            f"{row.problem:<21} {row.cytometer:<16} {row.status:<10}",
            cell(row.best_worst, 7),
            cell(row.bound_worst, 7),
            cell(row.gap_worst, 6),
            cell(row.best_sum, 8, 2),
            cell(row.bound_sum, 8, 2),
            cell(row.gap_sum, 7, 2),
            f"{'-' if row.colours is None else row.colours:>3}",
            cell(row.seconds, 6, 1),
        )
    )


if __name__ == "__main__":
    survey()
