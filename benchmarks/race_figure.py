"""Curves of a race: distance to the best objective 1, share of runs at the optimum, and share proven, over time."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rows import number

Cut = dict[str, str]


def draw(
    path: Path,
    standings: Sequence[tuple[Cut, float | None, float | None]],
    reached: Sequence[tuple[Cut, bool]],
    seconds: Sequence[float],
) -> None:
    """Draw all runs of all cases together, one line for each method.

    Args:
        path: File to write; its ending chooses the format.
        standings: Rows of the race with their distance to the best objective 1.
        reached: The same rows with whether they are at the optimum.
        seconds: Moments at which the runs were looked at.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4), layout="constrained")
    distance, optimum, proof = figure.subplots(1, 3)
    for method in dict.fromkeys(row["method"] for row, _ in reached):
        far = [(row, d) for row, d, _ in standings if row["method"] == method]
        good = [(row, is_best) for row, is_best in reached if row["method"] == method]
        means = [_mean([d for row, d in far if float(row["after_s"]) == s and d is not None]) for s in seconds]
        shares = [_mean([float(is_best) for row, is_best in good if float(row["after_s"]) == s]) for s in seconds]
        distance.plot(seconds, means, marker="o", label=method)
        optimum.plot(seconds, shares, marker="o", label=method)
        times, proven = proof_curve([row for row, _ in good if float(row["after_s"]) == seconds[-1]], seconds[-1])
        proof.step(times, proven, where="post", label=method)
    distance.set(title="objective 1, less the best known", ylabel="log10, mean of the runs with a panel")
    optimum.set(title="at the optimum of both objectives", ylabel="share of runs", ylim=(-0.03, 1.03))
    proof.set(title="proven", ylabel="share of runs", ylim=(-0.03, 1.03))
    for axes in (distance, optimum, proof):
        axes.set_xlabel("seconds")
    distance.legend(fontsize="small")
    figure.savefig(path, dpi=150)


def proof_curve(rows: Sequence[Cut], limit_s: float) -> tuple[list[float], list[float]]:
    """Return the moments at which runs were proven, and the share that was proven then."""
    times = sorted(value for row in rows if (value := number(row["proven_s"])) is not None)
    steps = [(0.0, 0.0), *((t, (i + 1) / len(rows)) for i, t in enumerate(times))]
    return [t for t, _ in steps] + [max(limit_s, steps[-1][0])], [share for _, share in steps] + [steps[-1][1]]


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else float("nan")
