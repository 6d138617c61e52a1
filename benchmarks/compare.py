"""Compares two versions of the package on this machine, and raises an alarm where the new one is slower or works more.

Run from the root of the source tree, e.g. ``python benchmarks/compare.py --base HEAD --quick``. Both versions run in
the same environment, in fresh processes that take turns A B B A, so that a slow moment of the machine meets both. The
gate is on CPU time of the process, never on wall time; searches are judged by counts of their work, which do not vary.

Exit code 1: an alarm.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.ratios import FloatArray, Ratio, ratio
from benchmarks.registry import Job, all_jobs
from benchmarks.rows import table
from benchmarks.sides import Side, Worker
from benchmarks.work import COUNTERS

TIME_ALARM = 1.08
"""Ratio of times above which the whole interval must lie for an alarm."""

COUNT_ALARM = 1.10
"""Ratio of counts above which there is an alarm; counts are exact, and need no interval."""

WORSE = 1e-3
"""By how much (log10) a value or a limit must be worse to be told."""

SAMPLE_S = 0.02
"""Least CPU time of one sample; shorter steps are repeated, equally often on both sides."""

MOST_LOOPS = 50


@dataclass
class Finding:
    """What was measured of one job.

    Attributes:
        rounds: Samples of base and new side, by pair of processes.
        counts, answers: Of base and new side.
        error: Why it could not be compared.
    """

    job: Job
    rounds: list[tuple[FloatArray, FloatArray]] = field(default_factory=list)
    counts: list[dict[str, float]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""

    @property
    def ratio(self) -> Ratio | None:
        """Ratio of the CPU times, where the phase is judged by time."""
        return ratio(self.rounds) if self.rounds else None

    def alarms(self) -> list[str]:
        """Return what is wrong."""
        found = []
        if (times := self.ratio) is not None and times.low > TIME_ALARM:
            found.append(f"time x {times.value:.3f} [{times.low:.3f}, {times.high:.3f}]")
        if len(self.counts) == 2:
            base, new = self.counts
            for name, least in COUNTERS.items():
                if new[name] >= least and new[name] > COUNT_ALARM * base[name]:
                    found.append(f"{name} {base[name]:g} -> {new[name]:g}")
        if len(self.answers) == 2:
            found += worse(*self.answers)
        return found


def worse(base: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return in what an answer is worse than another."""
    found = []
    if base["status"] == "optimal" != new["status"]:
        found.append(f"status optimal -> {new['status']}")
    if base["worst"] is not None and (new["worst"] is None or new["worst"] < base["worst"] - WORSE):
        found.append(f"worst {base['worst']:.4f} -> {new['worst']}")
    return found


@click.command()
@click.option("--base", default="HEAD", show_default=True, metavar="REV", help="Version of git to compare with.")
@click.option("--head", metavar="REV", help="The new version. Default: the files as they are now.")
@click.option("--quick", is_flag=True, help="Only the short selection.")
@click.option("--job", "patterns", multiple=True, metavar="TEXT", help="Only ids with this text. Repeatable.")
@click.option("--rounds", type=click.IntRange(1), default=2, show_default=True, metavar="N", help="Pairs of processes.")
@click.option("--blocks", type=click.IntRange(2), default=10, show_default=True, metavar="N", help="A B B A per round.")
@click.option("--plant", default="", metavar="TEXT", help="Slow the new side on purpose, e.g. tables=0.2 or work=0.2.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), metavar="PATH", help="Write samples to a file.")
def compare(
    base: str,
    head: str | None,
    quick: bool,
    patterns: tuple[str, ...],
    rounds: int,
    blocks: int,
    plant: str,
    json_path: Path | None,
) -> None:
    """Time both versions in turns and print ratios with 99 % intervals, counts of work, and alarms."""
    jobs = [job for job in all_jobs() if (job.is_quick or not quick) and _chosen(str(job), patterns)]
    if not jobs:
        raise click.BadParameter("no benchmark has this text in its id", param_hint="--job")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="panelopt-compare-") as name:
        sides = (Side(Path(name) / "a", base), Side(Path(name) / "b", head, plant))
        findings = measured(sides, jobs, rounds, blocks)
    click.echo(report(findings))
    click.echo(f"{time.perf_counter() - began:.0f} s, {len(jobs)} benchmarks, {rounds} rounds of {blocks} blocks")
    if json_path is not None:
        json_path.write_text(json.dumps([as_json(finding) for finding in findings]), encoding="utf-8")
    if any(finding.alarms() for finding in findings):
        raise SystemExit(1)


def _chosen(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(pattern in name for pattern in patterns)


def measured(sides: tuple[Side, Side], jobs: Sequence[Job], rounds: int, blocks: int) -> list[Finding]:
    """Measure all jobs; searches run once a side, all others in every round."""
    findings = {str(job): Finding(job) for job in jobs}
    for number in range(rounds):
        workers = [side.start() for side in sides]
        try:
            for finding in findings.values():
                if finding.error or (finding.job.phase == "solve" and number):
                    continue
                _one(finding, workers, blocks)
        finally:
            for worker in workers:
                worker.close()
    return list(findings.values())


def _one(finding: Finding, workers: Sequence[Worker], blocks: int) -> None:
    name = str(finding.job)
    ready = [worker.run(name, 0) for worker in workers]
    first = ready if any("error" in r for r in ready) else [worker.run(name, 1) for worker in workers]
    for side, result in zip(("base", "new"), first, strict=True):
        if "error" in result:
            finding.error = f"{side}: {result['error']}"
            return
    if finding.job.phase == "solve":
        finding.counts = [result["counts"] for result in first]
        finding.answers = [result["answer"] for result in first]
        return
    loops = min(max(round(SAMPLE_S / max(first[0]["cpu_s"], 1e-6)), 1), MOST_LOOPS)
    samples = np.empty((2, blocks, 2))
    for block in range(blocks):
        order = (0, 1, 1, 0) if block % 2 == 0 else (1, 0, 0, 1)
        taken = [0, 0]
        for side in order:
            samples[side, block, taken[side]] = workers[side].run(name, loops)["cpu_s"]
            taken[side] += 1
    finding.rounds.append((samples[0], samples[1]))


def report(findings: Sequence[Finding]) -> str:
    """Return the table, and the alarms below it."""
    lines, alarms = [], []
    for finding in findings:
        found = finding.alarms()
        alarms += [f"ALARM {finding.job}: {text}" for text in found]
        lines.append([str(finding.job), *_cells(finding), "ALARM" if found else ""])
    errors = [f"not compared: {finding.job}: {finding.error}" for finding in findings if finding.error]
    return "\n".join([table(["benchmark", "base", "new", "ratio", "99 %", ""], lines), *errors, *alarms])


def _cells(finding: Finding) -> list[str]:
    times = finding.ratio
    if times is not None:
        base, new = (np.median(np.concatenate([r[side].min(axis=1) for r in finding.rounds])) for side in (0, 1))
        return [
            f"{1e3 * base:.2f} ms",
            f"{1e3 * new:.2f} ms",
            f"{times.value:.3f}",
            f"{times.low:.3f}-{times.high:.3f}",
        ]
    if finding.counts:
        base_work, new_work = (counts["deterministic_time"] for counts in finding.counts)
        return [f"{base_work:.3f} units", f"{new_work:.3f} units", f"{new_work / max(base_work, 1e-9):.3f}", "exact"]
    return ["-", "-", "-", "-"]


def as_json(finding: Finding) -> dict[str, Any]:
    """Return everything that was measured."""
    return {
        "job": str(finding.job),
        "rounds": [[base.tolist(), new.tolist()] for base, new in finding.rounds],
        "counts": finding.counts,
        "answers": finding.answers,
        "alarms": finding.alarms(),
        "error": finding.error,
    }


if __name__ == "__main__":
    compare()
