"""Catalogs of a thousand to a million products: first compile, later openings, memory; each run in its own process.

Run from the root of the source tree, e.g. ``python benchmarks/catalog_scale.py --repeats 5``. The lists are made up
(``catalog_rows.py``); the question is a shipped problem whose markers own 40 % of the products.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.catalog_rows import write_rows
from benchmarks.rows import table

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PROBLEM = "bm-cd271-cd146"
CYTOMETER = "aria-fusion"
COLUMNS = {
    "pandas_s": "pandas, s",
    "compile_s": "compile, s",
    "open_s": "open, s",
    "reduce_s": "reduce, s",
    "warm_s": "both, s",
    "peak_mb": "peak, MB",
}
DESIGN_PROBLEM, COLOURS = "general-msc-identity", 8
"""A question that is closed in seconds, so that the search ends by proof and not by time."""
TIME_LIMIT_S = 100.0

Measured = dict[str, Any]


@click.command()
@click.option("--rows", "sizes", type=int, multiple=True, metavar="N", help="Repeatable. Default: 1000 to 1000000.")
@click.option("--repeats", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="Runs of each.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Chooses the products.")
@click.option("--design", "with_design", is_flag=True, help="Also design: on the whole list and on the best products.")
@click.option("--run", hidden=True, type=(str, click.Path(path_type=Path), click.Path(path_type=Path)))
def catalog_scale(
    sizes: tuple[int, ...], repeats: int, seed: int, with_design: bool, run: tuple[str, Path, Path] | None
) -> None:
    """Time the store of catalogs against pandas.read_csv; print medians and how they grow."""
    if run is not None:
        click.echo(json.dumps(RUNS[run[0]](run[1], run[2])))
        return
    lines: list[tuple[int, Measured]] = []
    with tempfile.TemporaryDirectory() as name:
        for rows in sizes or SIZES:
            path = Path(name) / f"synthetic-{rows}.csv"
            write_rows(path, rows, seed)
            lines.append((rows, medians(path, repeats)))
            click.echo(f"{rows} rows done", err=True)
        click.echo(scale_table(lines))
        if with_design:
            click.echo(designs(path, repeats))


def medians(path: Path, repeats: int) -> Measured:
    """Return the medians of some runs; the runs of one kind alternate with those of the others."""
    runs: list[Measured] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            found: Measured = {}
            for name in ("pandas", "compile", "warm"):
                found |= in_process(name, path, Path(cache))
            runs.append(found)
    return {name: statistics.median(run[name] for run in runs) for name in (*COLUMNS, "eligible")}


def in_process(name: str, path: Path, cache: Path) -> Measured:
    """Measure something in a fresh process."""
    command = [sys.executable, str(Path(__file__).resolve()), "--run", name, str(path), str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    measured: Measured = json.loads(done.stdout)
    return measured


def read_by_pandas(path: Path, _: Path) -> Measured:
    """Time ``pandas.read_csv``; the import does not count."""
    import pandas as pd

    start = time.perf_counter()
    pd.read_csv(path)
    return {"pandas_s": time.perf_counter() - start}


def compile_first(path: Path, cache: Path) -> Measured:
    """Time the first opening, which compiles and keeps; pandas and pyarrow are imported already, as beside it."""
    import pandas as pd  # noqa: F401

    from panelopt import registry
    from panelopt.catalogs import parquet as catalog_parquet  # noqa: F401
    from panelopt.catalogs.cache import CatalogCache
    from panelopt.catalogs.store import open_catalog

    names = {"marker_names": registry.marker_names(), "fluorochrome_names": registry.fluorochrome_names()}
    start = time.perf_counter()
    open_catalog(path, CatalogCache(cache), **names)
    return {"compile_s": time.perf_counter() - start}


def open_again(path: Path, cache: Path) -> Measured:
    """Time a later opening and the way to the arrays of one question; the import of pyarrow counts."""
    from panelopt import registry
    from panelopt.catalogs.cache import CatalogCache
    from panelopt.catalogs.store import open_catalog
    from panelopt.instance.compile import compile_instance
    from panelopt.instance.switches import Switches

    problem, cytometer = registry.find_problem(PROBLEM).problem, registry.find_cytometer(CYTOMETER)
    names = {"marker_names": registry.marker_names(), "fluorochrome_names": registry.fluorochrome_names()}
    dyes, own_light = registry.fluorochromes(), registry.autofluorescence()
    markers = frozenset(marker.name for marker in problem.marker)
    start = time.perf_counter()
    catalog, _ = open_catalog(path, CatalogCache(cache), **names, markers=markers)
    opened = time.perf_counter()
    compiled = compile_instance(problem, cytometer, [catalog], dyes, own_light, Switches(allow_unverified=True))
    reduced = time.perf_counter()
    return {
        "open_s": opened - start,
        "reduce_s": reduced - opened,
        "warm_s": reduced - start,
        "peak_mb": peak_mb(),
        "eligible": len(catalog.conjugates),
        "pairs": len(compiled.products),
    }


def design_panel(path: Path, cache: Path) -> Measured:
    """Time ``design`` from names to result, libraries imported."""
    import os

    from panelopt import api
    from panelopt.instance.numbers import instance_sha256, numbers_of
    from panelopt.questions.question import compiled
    from panelopt.registry.cache_places import CACHE_VARIABLE

    os.environ[CACHE_VARIABLE] = str(cache)
    options = api.Options(time_limit_s=TIME_LIMIT_S, workers=1, max_colours=COLOURS, allow_unverified=True)
    start = time.perf_counter()
    question = api.load(DESIGN_PROBLEM, cytometer=CYTOMETER, catalogs=[str(path)])
    loaded = time.perf_counter()
    result = api.design(question, options)
    done = time.perf_counter()
    return {
        "load_s": loaded - start,
        "design_s": done - start,
        "status": result.status,
        "instance": instance_sha256(numbers_of(compiled(question, options).instance)),
        "panel": sorted(f"{slot.markers} {slot.fluorochrome} {slot.catalog_number}" for slot in result.panel),
    }


def best_products(path: Path, cache: Path) -> Measured:
    """Write a catalog of only the best product of each marker and dye, as CSV into the cache folder."""
    from panelopt import api
    from panelopt.catalogs.folder import write_catalog
    from panelopt.domain.reagents import Catalog
    from panelopt.questions.question import compiled

    question = api.load(DESIGN_PROBLEM, cytometer=CYTOMETER, catalogs=[str(path)])
    products = compiled(question, api.Options(allow_unverified=True)).products
    best = [found[0].conjugate for found in products.values()]
    write_catalog(Catalog(name="best", conjugates=best), cache / "best")
    return {"rows": len(best)}


RUNS: dict[str, Callable[[Path, Path], Measured]] = {
    "pandas": read_by_pandas,
    "compile": compile_first,
    "warm": open_again,
    "best": best_products,
    "design": design_panel,
}


def designs(path: Path, repeats: int) -> str:
    """Compare designs on a whole list with designs on its best products; the list is compiled before."""
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name)
        count = in_process("best", path, cache)["rows"]
        pairs = [[in_process("design", place, cache) for place in (path, cache / "best")] for _ in range(repeats)]
    lines = []
    for place, kind in enumerate(("whole list", f"best products ({count:,})")):
        runs = [pair[place] for pair in pairs]
        medians_ = [f"{statistics.median(run[key] for run in runs):.2f}" for key in ("load_s", "design_s")]
        lines.append([kind, *medians_, "/".join(sorted({run["status"] for run in runs}))])
    found = {key: {str(run[key]) for pair in pairs for run in pair} for key in ("instance", "panel")}
    same = ", ".join(f"{key} {'the same' if len(values) == 1 else 'not the same'}" for key, values in found.items())
    return f"\n{table(('design', 'load, s', 'all, s', 'status'), lines)}\n{same}"


def scale_table(lines: list[tuple[int, Measured]]) -> str:
    """Return the medians by size, and the exponents of the largest sizes."""
    rows = []
    for size, found in lines:
        measured = [f"{found[name]:.3f}" for name in COLUMNS]
        ratio = f"{found['compile_s'] / found['pandas_s']:.2f}"
        rows.append([f"{size:,}", f"{found['eligible']:,.0f}", *measured, ratio])
    shown = table(("products", "of the markers", *COLUMNS.values(), "compile / pandas"), rows)
    if len(lines) < 2:
        return shown
    (few, small), (many, large) = lines[-2:]
    growth = [f"{name} {math.log(large[name] / small[name], many / few):.2f}" for name in COLUMNS]
    return f"{shown}\nexponents between the two largest: {', '.join(growth)}"


def peak_mb() -> float:
    """Return the largest memory that this process held, MB; getrusage would count what its parent held."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return float("nan")
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return float(line.split()[1]) / 1024


if __name__ == "__main__":
    catalog_scale()
