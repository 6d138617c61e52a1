# ruff: noqa: T201, S311
"""Designs random questions for hours, one after the other in one process; see :mod:`tests.endurance`.

Each run is written to a file as a line of JSON. At the end, and after Ctrl-C, it prints what was counted. A run that
went wrong is named by two numbers, question and repeat: ``--replay 17:2`` runs it alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from tests.endurance.one import Trials
from tests.endurance.vitals import Vitals, growth, leaks, vitals

NEW_SHARE = 0.5
"""Share of runs whose question is new; the others ask an earlier one again, with other effort."""

TOLD_EVERY_S = 300.0


def main() -> int:
    """Run; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0, help="which questions")
    parser.add_argument("--log", type=Path, default=Path("build/endurance.jsonl"))
    parser.add_argument("--replay", metavar="QUESTION:REPEAT", help="one run only")
    asked = parser.parse_args()
    if asked.replay:
        question, repeat = (int(part) for part in asked.replay.split(":"))
        print(json.dumps(Trials().run(question, repeat), indent=2))
        return 0
    asked.log.parent.mkdir(parents=True, exist_ok=True)
    lines, samples, began = [], [vitals()], time.monotonic()
    told = began
    with asked.log.open("w", encoding="utf-8") as log:
        try:
            for line in runs(asked.seed, began + 3600 * asked.hours):
                samples.append(vitals())
                lines.append(line)
                log.write(json.dumps({**line, **asdict(samples[-1])}) + "\n")
                log.flush()
                if line["faults"] or time.monotonic() > told + TOLD_EVERY_S:
                    told = time.monotonic()
                    print(
                        f"{(told - began) / 60:.0f} min, {len(lines)} runs, {samples[-1]} {line['faults'] or ''}",
                        flush=True,
                    )
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
    return summarize(lines, samples, time.monotonic() - began)


def runs(seed: int, end: float) -> Iterator[dict[str, Any]]:
    """Run questions until the time has come."""
    random, trials = Random(f"order {seed}"), Trials()
    repeats: Counter[int] = Counter()
    while time.monotonic() < end:
        new = not repeats or random.random() < NEW_SHARE
        number = 100_000 * seed + len(repeats) if new else random.choice(sorted(repeats))
        repeats[number] += 1
        yield trials.run(number, repeats[number])


def summarize(lines: list[dict[str, Any]], samples: list[Vitals], seconds: float) -> int:
    """Print what was counted; return 1 if anything was wrong."""
    status = Counter(line["status"] for line in lines)
    verified = Counter((line["status"], line["verification"]) for line in lines if "verification" in line)
    questions = {line["question"] for line in lines}
    print(f"{len(lines)} runs of {len(questions)} questions in {seconds / 3600:.2f} h")
    print("status:", ", ".join(f"{name} {count}" for name, count in status.most_common()))
    for (name, verdict), count in sorted(verified.items()):
        print(f"  {name}, by its certificate {verdict}: {count}")
    late = [line["seconds"] - line["time_limit_s"] for line in lines if line.get("time_limit_s")]
    if late:
        print(f"seconds beyond the time limit: 95 % below {np.quantile(late, 0.95):.1f}, most {max(late):.1f}")
    faults = [f"{line['question']}:{line['repeat']}: {fault}" for line in lines for fault in line["faults"]]
    if len(samples) >= 8:
        for name in ("resident_mb", "in_use_mb", "blocks", "handles", "threads"):
            values = [getattr(one, name) for one in samples]
            rise = growth(values)
            print(f"{name}: {values[0]:.0f} at first, {max(values):.0f} at most, {values[-1]:.0f} at the end; "
                  f"after the warm-up {rise.total:+.1f} (at least {rise.low:+.1f})")  # fmt: skip
        faults += leaks(samples)
    print(f"faults: {len(faults)}")
    for fault in faults:
        print(" ", fault)
    return int(bool(faults))
