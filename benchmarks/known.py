"""The best values and limits known of the shipped problems: ``problems/best_known.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from benchmarks.asked import SAME_NUMBERS, numbers_sum, question_hash
from panelopt import api
from panelopt.questions.question import compiled
from panelopt.registry.data_places import PROBLEM_DATA, data_folder

PATH = data_folder(PROBLEM_DATA) / "best_known.csv"

SLACK = 1e-4
"""Log10 units by which a value may lie above a limit: rounding of the solver's integers."""


@dataclass(frozen=True, slots=True)
class Known:
    """One row of the file; unknown values are None.

    Attributes:
        problem, cytometer: Names.
        catalog_sha256: Hash of the catalogs' data, joined by a plus sign.
        question_sha256: Hash of what was asked, see :func:`benchmarks.asked.question_hash`.
        numbers: Sum of what that comes to, see :func:`benchmarks.asked.numbers_sum`.
        best_worst, bound_worst: Best value found of objective 1, and its proven limit.
        floor: Floor on objective 1 to which the next two refer.
        best_sum, bound_sum: Best value found of objective 2 above the floor, and its proven limit.
        status: optimal, feasible, infeasible or unknown.
        colours: Size of the reported panel.
        seconds: Wall time of the search.
        version, date: Of the run.
    """

    problem: str
    cytometer: str
    catalog_sha256: str
    question_sha256: str
    numbers: float
    best_worst: float | None
    bound_worst: float | None
    floor: float | None
    best_sum: float | None
    bound_sum: float | None
    status: str
    colours: int | None
    seconds: float
    version: str
    date: str

    @property
    def key(self) -> tuple[str, str]:
        """Problem and cytometer."""
        return self.problem, self.cytometer

    def asks_the_same(self, other: Known) -> bool:
        """Whether both rows are about the same question, and it comes to the same numbers."""
        same = self.key == other.key and self.question_sha256 == other.question_sha256
        return same and abs(self.numbers - other.numbers) <= SAME_NUMBERS

    @property
    def gap_worst(self) -> float | None:
        """Limit minus best value of objective 1."""
        return _minus(self.bound_worst, self.best_worst)

    @property
    def gap_sum(self) -> float | None:
        """Limit minus best value of objective 2."""
        return _minus(self.bound_sum, self.best_sum)


def designed(question: api.Question, options: api.Options, date: str) -> Known:
    """Design a panel and return its row."""
    result = api.design(question, options)
    return Known(
        problem=result.problem,
        cytometer=result.cytometer,
        catalog_sha256="+".join(use.sha256 for use in result.catalogs),
        question_sha256=question_hash(question, options),
        numbers=numbers_sum(compiled(question, options).instance),
        best_worst=result.best.worst_log_ratio,
        bound_worst=result.bound.worst_log_ratio,
        floor=result.floor,
        best_sum=result.best.sum_log_ratio,
        bound_sum=result.bound.sum_log_ratio,
        status=result.status.value,
        colours=result.objective.colours if result.objective else None,
        seconds=round(result.solver.wall_s, 1),
        version=result.panelopt_version,
        date=date,
    )


def contradictions(a: Known, b: Known) -> list[str]:
    """Return what two rows of one question say against each other: a value above a proven limit.

    Rows of different questions contradict nothing. A limit of the sum binds runs whose floor is at least as high.
    """
    if not a.asks_the_same(b):
        return []
    found = []
    for value, limit in ((a, b), (b, a)):
        if _exceeds(value.best_worst, limit.bound_worst):
            found.append(f"worst {value.best_worst:.6f} of {value.date} above the limit {limit.bound_worst:.6f}")
        comparable = value.floor is not None and limit.floor is not None and value.floor >= limit.floor - 1e-9
        if comparable and _exceeds(value.best_sum, limit.bound_sum):
            found.append(f"sum {value.best_sum:.6f} of {value.date} above the limit {limit.bound_sum:.6f}")
    return [f"{a.problem} on {a.cytometer}: {text}" for text in dict.fromkeys(found)]


def merged(old: Iterable[Known], new: Iterable[Known]) -> list[Known]:
    """Return one row for each pair, sorted; a row of another question gives way to the new one.

    Of one question, best value and limit of objective 1 each keep the better number; the rest comes from the row with
    the higher floor, or the smaller gap of the sum at the same floor.
    """
    rows = {row.key: row for row in old}
    for row in new:
        known = rows.get(row.key)
        rows[row.key] = _better(known, row) if known is not None and known.asks_the_same(row) else row
    return [rows[key] for key in sorted(rows)]


def _better(old: Known, new: Known) -> Known:
    def rank(row: Known) -> tuple[float, float]:
        gap = row.gap_sum
        return (-np.inf if row.floor is None else round(row.floor, 6), -np.inf if gap is None else -gap)

    bests = [row.best_worst for row in (old, new) if row.best_worst is not None]
    bounds = [row.bound_worst for row in (old, new) if row.bound_worst is not None]
    return replace(
        new if rank(new) > rank(old) else old,
        best_worst=max(bests, default=None),
        bound_worst=min(bounds, default=None),
    )


def read(path: Path = PATH) -> list[Known]:
    """Return the rows of the file; none where it does not exist."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [_parsed(line) for line in csv.DictReader(stream)]


def write(rows: Iterable[Known], path: Path = PATH) -> None:
    """Write the file."""
    names = [field.name for field in fields(Known)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(names)
        table.writerows([_text(getattr(row, name)) for name in names] for row in rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _parsed(line: dict[str, str]) -> Known:
    numbers = {"numbers", "best_worst", "bound_worst", "floor", "best_sum", "bound_sum", "seconds"}
    values: dict[str, object] = {
        name: (float(text) if text else None) if name in numbers else text for name, text in line.items()
    }
    values["colours"] = int(line["colours"]) if line["colours"] else None
    return Known(**values)


def _minus(limit: float | None, value: float | None) -> float | None:
    return None if limit is None or value is None else limit - value


def _exceeds(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit + SLACK
