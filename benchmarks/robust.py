"""Nominal against robust optimum over scenarios that neither was chosen in.

    python benchmarks/robust.py [--problems NAME ...] [--time-limit S] [--held-out N] [--seed N]

The robust panel is chosen in 512 scenarios; then both are judged in other ones, drawn with another seed. Printed are
the value of objective 1 that 90 % of the scenarios reach (the 10th percentile), the regret against the best of the
five or six candidates in each scenario, and the differences with 95 % bootstrap intervals that draw scenarios, so that
both panels always meet the same ones.
"""

from __future__ import annotations

import argparse

import numpy as np

from panelopt import api
from panelopt.domain.robust_result import RobustCandidate

CASES = {"bm-cd271-cd146": "aria-fusion", "uc-cd106": "aria-fusion", "skeletal-hssc": "aurora-cs"}
SHARE = 0.9
RESAMPLES = 2000


def values(candidate: RobustCandidate) -> np.ndarray:
    """Return objective 1 by scenario."""
    return np.array([-np.inf if value is None else value for value in candidate.values])


def tenth(some: np.ndarray) -> float:
    """Return the 10th percentile, as an order statistic."""
    return float(np.quantile(some, 1 - SHARE, method="inverted_cdf"))


def compare(problem: str, cytometer: str, time_limit: float, held_out: int, seed: int) -> None:
    """Print one row."""
    question = api.load(problem, cytometer=cytometer)
    wanted = api.RobustOptions(share=SHARE, check=held_out, sobol=0)
    found = api.robust(question, wanted, api.Options(time_limit_s=time_limit, seed=seed))
    chosen = values(found.candidates[0])
    nominal = values(next(one for one in found.candidates if one.is_nominal))
    best = np.max([values(one) for one in found.candidates], axis=0)
    random = np.random.default_rng(seed)
    draws = random.integers(0, held_out, (RESAMPLES, held_out))
    gain = [tenth(chosen[draw]) - tenth(nominal[draw]) for draw in draws]
    regret = [np.mean((best - nominal)[draw]) - np.mean((best - chosen)[draw]) for draw in draws]
    low, high = np.quantile(gain, [0.025, 0.975])
    less, more = np.quantile(regret, [0.025, 0.975])
    print(
        f"| `{problem}`, `{cytometer}` | {tenth(nominal):.2f} | {tenth(chosen):.2f} "
        f"| {tenth(chosen) - tenth(nominal):+.2f} ({low:+.2f} to {high:+.2f}) "
        f"| {np.mean(best - nominal):.2f} | {np.mean(best - chosen):.2f} "
        f"| {np.mean(best - nominal) - np.mean(best - chosen):+.2f} ({less:+.2f} to {more:+.2f}) |",
        flush=True,
    )


def main() -> None:
    """Compare on all problems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--time-limit", type=float, default=120.0)
    parser.add_argument("--held-out", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print("| problem | nominal, 10th percentile | robust | difference (95 %) | mean regret, nominal | robust | less |")
    print("|---|---|---|---|---|---|---|")
    for problem in arguments.problems:
        compare(problem, CASES[problem], arguments.time_limit, arguments.held_out, arguments.seed)


if __name__ == "__main__":
    main()
