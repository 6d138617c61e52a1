"""Scores a second of a 12-slot panel in scenarios: all at once, against one after the other; and the memory it takes.

    python benchmarks/scenarios.py [--scenarios N ...]

Both judge the same scenarios, and their scores must agree within 1e-9. Times are CPU seconds of this process, after a
warm-up. Memory is the peak of what Python and NumPy allocate while a number of scenarios is judged block by block.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from dataclasses import replace

import numpy as np

from panelopt.bounds.candidate_slots import list_options
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.questions.question import Options, compiled, load
from panelopt.questions.uncertain import spread_for
from panelopt.scenarios import draw_block, scenarios_of, score_scenarios
from panelopt.scenarios.scenario_blocks import score_in_scenarios
from panelopt.scoring import check_panel, score_panel

SLOTS = 12
LOOP = 48  # scenarios that are judged one after the other
CASES = (("bm-cd271-cd146", "aria-fusion"), ("adipose-apc", "aurora-cs"))


def twelve(instance: Instance) -> tuple[SlotIndex, ...]:
    """Return an allowed panel of twelve slots, the first that random choices give."""
    free = replace(instance, max_colours=None)
    options = [slot for slot in list_options(free).slots if not slot.is_dump]
    random = np.random.default_rng(0)
    for _ in range(2000):
        panel: tuple[SlotIndex, ...] = ()
        for place in random.permutation(len(options)):
            grown = tuple(sorted((*panel, options[place])))
            fits = {v.rule for v in check_panel(free, grown)} <= {"required-marker", "lock"}
            panel = grown if fits else panel
            if len(panel) == SLOTS:
                break
        if len(panel) == SLOTS and not check_panel(free, panel):
            return panel
    raise SystemExit("no panel of twelve slots was found")


def measure(problem: str, cytometer: str, counts: list[int]) -> None:
    """Print throughput and memory of one problem."""
    question = load(problem, cytometer=cytometer)
    instance = replace(compiled(question, Options()).instance, max_colours=None)
    spread, panel = spread_for(question, instance), twelve(instance)
    first, second = (scenarios_of(instance, spread, draw_block(spread, 0, block)) for block in (0, 1))
    score_scenarios(instance, first, panel)
    began = time.process_time()
    batched = score_scenarios(instance, second, panel)
    batched_s = (time.process_time() - began) / len(second)
    began = time.process_time()
    single = [score_panel(second.instance(instance, number), panel) for number in range(LOOP)]
    loop_s = (time.process_time() - began) / LOOP
    worst = [-np.inf if score is None else score.worst for score in single]
    total = [-np.inf if score is None else score.total for score in single]
    assert np.allclose(batched.worst[:LOOP], worst, rtol=0, atol=1e-9)
    assert np.allclose(batched.total[:LOOP], total, rtol=0, atol=1e-9)
    print(f"{problem} on {cytometer}: {1 / batched_s:.0f} scores/s batched, {1 / loop_s:.0f} in a loop", end="")
    print(f" ({loop_s / batched_s:.1f} times)")
    for count in counts:
        tracemalloc.start()
        score_in_scenarios(instance, spread, [panel], 0, count)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"  {count} scenarios: peak {peak / 1e6:.1f} MB")


def main() -> None:
    """Measure all cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, nargs="+", default=[256, 1024, 4096])
    for problem, cytometer in CASES:
        measure(problem, cytometer, parser.parse_args().scenarios)


if __name__ == "__main__":
    main()
