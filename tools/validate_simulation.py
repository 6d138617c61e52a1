"""Compare predicted with measured purity and yield: python tools/validate_simulation.py [--events N] [--csv FILE].

For every shipped problem with populations, on a conventional and a spectral sorter, cells of each population are drawn,
their light is recorded, compensated or unmixed, and gated as the score plans it (see
:mod:`panelopt.simulation.agreement`). Rows of the table, yield and purity of one target as difference from the
prediction:

    model      the score's own model, gates on their own
    separate   cells with their own light and photoelectrons, gates on their own
    joint      the same, all gates on the same cell
    doublets   the same, a target stuck to a contaminant as two cells whose light adds up
    pairs      the same, two contaminants stuck together as well, which the score leaves out
    skewed     joint, autofluorescence log-normal instead of normal
    ordinary   joint, unweighted least squares (spectral cytometers)
    target     joint, least squares with the noise of the target for all cells (spectral cytometers)
    antigens   joint, logarithms of the antigen levels correlated by 0.5 within each population

Panels are read from ``--panels FOLDER`` (files CYTOMETER.PROBLEM.csv), and designed and stored there where they are
missing. A run that was interrupted goes on in the same CSV file.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from panelopt import api, registry
from panelopt.instance import Instance
from panelopt.io.panel_csv import panel_csv, read_panel_rows
from panelopt.questions.scored_panel import score_rows
from panelopt.scoring import PanelScore
from panelopt.simulation.agreement import Agreement, Measured, agreement

CYTOMETERS = ("aria-fusion", "aurora-cs")
COLUMNS = (
    "cytometer", "problem", "target", "slots", "kind", "cells", "yield", "purity", "error",
    "yield_difference", "purity_difference",
)  # fmt: skip
CORRELATION = 0.5
TOLERANCE = 0.01


def judged(problem: str, cytometer: str, folder: Path, seconds: float) -> tuple[Instance, PanelScore]:
    """The panel of a problem, designed where there is none yet."""
    question = api.load(problem, cytometer=cytometer)
    path = folder / f"{cytometer}.{problem}.csv"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        result = api.design(question, api.Options(time_limit_s=seconds, seed=0, allow_unverified=True))
        path.write_text(panel_csv(result), encoding="utf-8")
    found = score_rows(question, read_panel_rows(path), api.Options())
    if found.score is None:
        raise SystemExit(f"{path}: this panel cannot be judged")
    return found.arrays.instance, found.score


def measured(instance: Instance, score: PanelScore, cells: int, seed: int) -> Iterator[tuple[str, Agreement, Measured]]:
    """Everything that is measured of a panel: kind, comparison, yield and purity."""
    for found in agreement(instance, score, cells, seed, pairs=cells // 10):
        for kind in ("model", "separate", "joint", "doublets", "pairs"):
            yield kind, found, getattr(found, kind)
    slots = len(score.slots)
    tied = np.full((slots, slots), CORRELATION) + (1 - CORRELATION) * np.eye(slots)
    variants = {"skewed": {"skewed": True}, "antigens": {"correlation": tied}}
    if not instance.conventional:
        variants |= {"ordinary": {"unmixing": "ordinary"}, "target": {"unmixing": "target"}}
    for kind, changes in variants.items():
        for found in agreement(instance, score, cells, seed, **changes):  # type: ignore[arg-type]
            yield kind, found, found.joint


def rows(cytometer: str, problem: str, arguments: argparse.Namespace) -> Iterator[dict[str, str]]:
    """The rows of one problem on one cytometer."""
    instance, score = judged(problem, cytometer, arguments.panels, arguments.seconds)
    cells = arguments.events // len(instance.population)
    for kind, found, value in measured(instance, score, cells, arguments.seed):
        numbers = (value.gate_yield, value.purity, value.error)
        apart = (value.gate_yield - found.predicted_yield, value.purity - found.predicted_purity)
        texts = [f"{number:.5f}" for number in (*numbers, *apart)]
        entries = (cytometer, problem, found.target, str(len(score.slots)), kind, str(cells), *texts)
        yield dict(zip(COLUMNS, entries, strict=True))


def summary(table: list[dict[str, str]]) -> str:
    """Largest differences by cytometer and kind, and how many targets are beyond the tolerance."""
    lines = [f"{'cytometer':14}{'kind':10}{'targets':>8}{'yield':>20}{'purity':>20}{'beyond':>8}"]
    for cytometer, kind in dict.fromkeys((row["cytometer"], row["kind"]) for row in table):
        chosen = [row for row in table if (row["cytometer"], row["kind"]) == (cytometer, kind)]
        apart = np.array([[float(row["yield_difference"]), float(row["purity_difference"])] for row in chosen])
        spans = [f"{low:+.4f} to {high:+.4f}" for low, high in zip(apart.min(axis=0), apart.max(axis=0), strict=True)]
        beyond = int((np.abs(apart) > TOLERANCE).any(axis=1).sum())
        lines.append(f"{cytometer:14}{kind:10}{len(chosen):8d}{spans[0]:>20}{spans[1]:>20}{beyond:8d}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000, help="cells of a problem, as many of each population")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--panels", type=Path, default=Path("panels"), help="folder of the panels")
    parser.add_argument("--seconds", type=float, default=10.0, help="time limit where a panel is designed")
    parser.add_argument("--csv", type=Path, default=Path("simulation.csv"))
    parser.add_argument("--problem", action="append", help="only these; repeatable")
    parser.add_argument("--cytometer", action="append", help="instead of the two")
    arguments = parser.parse_args()
    table: list[dict[str, str]] = []
    if arguments.csv.exists():
        with arguments.csv.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
    names = [name for name in registry.problem_names() if not registry.find_problem(name).problem.is_marker_list]
    for cytometer in arguments.cytometer or CYTOMETERS:
        for problem in arguments.problem or names:
            if any((row["cytometer"], row["problem"]) == (cytometer, problem) for row in table):
                continue
            table += rows(cytometer, problem, arguments)
            with arguments.csv.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(table)
    sys.stdout.write(summary(table))


if __name__ == "__main__":
    main()
