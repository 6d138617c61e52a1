"""Times single steps in a process of its own, as it is told line by line; see ``compare.py``.

One line of input is a JSON object with ``job`` and ``loops``; the answer is one line of JSON: seconds of CPU time of
the process and of wall time, each for one loop; for ``solve`` also counts and answer. ``loops`` of 0 only makes ready.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from typing import Any

import panelopt
from benchmarks.phases import Step
from benchmarks.plants import VARIABLE, planted
from benchmarks.registry import find_jobs
from benchmarks.work import answer, counted, finished
from panelopt.solver.outcome import Outcome


def main() -> None:
    """Answer until the input ends."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else is printed must not disturb the answers
    _say(out, {"package": panelopt.__file__})
    steps: dict[str, Step] = {}
    for line in sys.stdin:
        order = json.loads(line)
        try:
            _say(out, _answer(order["job"], order["loops"], steps))
        except Exception as error:  # noqa: BLE001 - an older version may lack what a benchmark needs
            _say(out, {"error": f"{type(error).__name__}: {error}"})


def _answer(name: str, loops: int, steps: dict[str, Step]) -> dict[str, Any]:
    (job,) = find_jobs([name])
    if name not in steps:
        steps[name] = job.step()
        gc.collect()
        gc.freeze()
    if loops == 0:
        return {}
    return counted_run(steps[name]) if job.phase == "solve" else timed_run(steps[name], loops)


def timed_run(step: Step, loops: int) -> dict[str, Any]:
    """Return the seconds of one loop, without the garbage collector."""
    gc.collect(0)
    gc.disable()
    with planted(os.environ.get(VARIABLE, "")):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(loops):
            step()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    gc.enable()
    return {"cpu_s": cpu / loops, "wall_s": wall / loops}


def counted_run(step: Step) -> dict[str, Any]:
    """Return seconds, counts and answer of one search."""
    with counted() as counts, planted(os.environ.get(VARIABLE, "")):
        wall, cpu = time.perf_counter(), time.process_time()
        outcome = step()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert isinstance(outcome, Outcome)
    return {"cpu_s": cpu, "wall_s": wall, "counts": finished(counts, outcome), "answer": answer(outcome)}


def _say(out: Any, value: dict[str, Any]) -> None:
    out.write(json.dumps(value) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
