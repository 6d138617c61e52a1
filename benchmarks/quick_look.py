"""Seconds of the 256 plausible samples beside a score, and their share "goal met" against many samples of another seed.

    python benchmarks/quick_look.py [--problem NAME ...] [--cytometer NAME ...] [--time-limit S] [--check N]

Each problem is designed once, with products that no source shows where there is no panel without them. Times are CPU
seconds of this process, the smallest and the largest of a few repeats. The many samples are drawn and judged as
``panelopt robust`` does, with everything that the question leaves open; the standard error is that of the difference.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from panelopt import api
from panelopt.answers.design_panel import search_settings
from panelopt.answers.samples import SAMPLES, robustness
from panelopt.questions.question import compiled
from panelopt.questions.uncertain import spread_for
from panelopt.scenarios.scenario_blocks import score_in_scenarios
from panelopt.solver.search import Search

PROBLEMS = sorted(path.stem for path in (Path(__file__).parent.parent / "problems").glob("*.toml"))
CYTOMETERS = ("aria-fusion", "aurora-cs")
REPEATS = 3


def measure(problem: str, cytometer: str, time_limit_s: float, check: int) -> str:
    """Return a line of a table on one problem."""
    question = api.load(problem, cytometer=cytometer)
    if question.problem.is_marker_list:
        return f"| `{problem}`, `{cytometer}` | marker list | - | - | - | - |"
    options = api.Options(time_limit_s=time_limit_s, workers=1)
    for asked in (options, replace(options, allow_unverified=True)):
        instance = compiled(question, asked).instance
        score = Search(instance, search_settings(asked)).run().score
        if score is not None:
            break
    if score is None:
        return f"| `{problem}`, `{cytometer}` | no panel | - | - | - | - |"
    seconds = []
    for _ in range(REPEATS):
        began = time.process_time()
        found = robustness(question, instance, score.slots, options.tolerance)
        seconds.append(time.process_time() - began)
    assert found is not None
    panels = [score.slots]
    (many,) = score_in_scenarios(instance, spread_for(question, instance), panels, 1, check, options.tolerance)
    share = float(many.meets(instance.purity_goal).mean())
    pooled = (SAMPLES * found.goal_met_share + check * share) / (SAMPLES + check)
    error = float(np.sqrt(pooled * (1 - pooled) * (1 / SAMPLES + 1 / check)))
    times = f"{min(seconds):.2f} to {max(seconds):.2f}"
    sizes = f"{len(score.slots)} | {len(instance.views)}"
    shares = f"{100 * found.goal_met_share:.1f} | {100 * share:.1f} (+-{100 * error:.1f})"
    return f"| `{problem}`, `{cytometer}` | {sizes} | {times} | {shares} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all problems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", nargs="+", default=PROBLEMS)
    parser.add_argument("--cytometer", nargs="+", default=CYTOMETERS)
    parser.add_argument("--time-limit", type=float, default=8.0)
    parser.add_argument("--check", type=int, default=2048)
    asked = parser.parse_args(arguments)
    print("| problem | slots | tubes | CPU s | goal met in 256 samples, % | in the others, % (standard error) |")
    print("|---|---|---|---|---|---|")
    for problem in asked.problem:
        for cytometer in asked.cytometer:
            print(measure(problem, cytometer, asked.time_limit, asked.check), flush=True)


if __name__ == "__main__":
    main()
