"""What the slack of objective 3 costs: chosen panel against best panel in samples that neither was chosen in.

    python benchmarks/slack.py [--problem NAME ...] [--cytometer NAME] [--slack X] [--time-limit S] [--samples N]

Each problem is designed once. The best panel and the one that objective 3 chooses within the slack meet the same
samples of what the problem calls uncertain. Printed are, of each, the share of samples in which every tube is as pure
as the goal asks, the same counted by tube, and objective 1 that nine samples in ten reach. Differences are chosen minus
best, with the standard error of paired samples. ``--csv`` keeps the rows, and a run that was interrupted goes on there.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from panelopt import api
from panelopt.domain.panel_records import PanelSlot
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.panel_rows import slots_of
from panelopt.questions.question import compiled
from panelopt.questions.uncertain import spread_for
from panelopt.scenarios import ScenarioScores, share_value
from panelopt.scenarios.scenario_blocks import score_in_scenarios

PROBLEMS = ("bm-cd271-cd146", "adipose-apc", "adipose-4way", "cv-cd106", "uc-cd106", "endometrium-susd2")
SHARE = 0.9
HEADERS = (
    "problem", "status", "changed slots",
    "goal met: best", "chosen", "difference",
    "by tube: best", "chosen", "difference",
    "p10: best", "chosen", "worst given up on paper",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cut:
    """One problem: shares of the samples, standard errors of their differences, 10th percentiles (log10)."""

    problem: str
    cytometer: str
    slack: float
    samples: int
    status: str
    changed: int
    met_best: float
    met_chosen: float
    met_error: float
    tubes_best: float
    tubes_chosen: float
    tubes_error: float
    p10_best: float
    p10_chosen: float
    given_up: float

    def cells(self) -> Iterator[str]:
        """Yield the cells of the table."""
        yield f"`{self.problem}`"
        yield self.status
        yield str(self.changed)
        for best, chosen, error in (
            (self.met_best, self.met_chosen, self.met_error),
            (self.tubes_best, self.tubes_chosen, self.tubes_error),
        ):
            yield from (f"{best:.3f}", f"{chosen:.3f}", f"{chosen - best:+.4f} ± {error:.4f}")
        yield from (f"{value:.3f}" for value in (self.p10_best, self.p10_chosen, self.given_up))


def slots(instance: Instance, panel: Sequence[PanelSlot]) -> tuple[SlotIndex, ...]:
    """Return a reported panel as slots."""
    return slots_of(
        instance, [PanelRow(m, slot.fluorochrome, detector=slot.detector) for slot in panel for m in slot.markers]
    )


def paired(best: np.ndarray, chosen: np.ndarray) -> tuple[float, float, float]:
    """Return both means and the standard error of their difference, from (n,) values of the same samples."""
    return float(best.mean()), float(chosen.mean()), float((chosen - best).std(ddof=1) / np.sqrt(len(best)))


def tube_goals(scores: ScenarioScores, purity: float) -> np.ndarray:
    """Return (n,) the share of the tubes of each sample that are as pure as the goal asks."""
    return np.asarray((scores.odds >= np.log10(purity / (1 - purity))).mean(axis=1))


def compare(problem: str, arguments: argparse.Namespace) -> Cut:
    """Design one problem, and judge both panels in held-out samples."""
    question = api.load(problem, cytometer=arguments.cytometer)
    if arguments.slack is not None:
        goal = question.problem.goal.model_copy(update={"slack": arguments.slack})
        question = replace(question, problem=question.problem.model_copy(update={"goal": goal}))
    options = api.Options(time_limit_s=arguments.time_limit, workers=arguments.workers)
    result = api.design(question, options)
    if result.given_up is None:
        raise SystemExit(f"{problem}: no panel was found")
    instance = compiled(question, options).instance
    spread = spread_for(question, instance)
    panels = slots(instance, result.best.panel), slots(instance, result.panel)
    best, chosen = score_in_scenarios(instance, spread, panels, arguments.seed, arguments.samples)
    goal_met = paired(*(one.meets(instance.purity_goal).astype(float) for one in (best, chosen)))
    by_tube = paired(*(tube_goals(one, instance.purity_goal) for one in (best, chosen)))
    return Cut(
        problem,
        arguments.cytometer,
        instance.slack,
        arguments.samples,
        f"{result.status.value}{'' if result.practical is not None and result.practical.proven else ', not proven'}",
        len(set(panels[1]) - set(panels[0])),
        *goal_met,
        *by_tube,
        share_value(best.worst, SHARE),
        share_value(chosen.worst, SHARE),
        result.given_up.worst_log_ratio,
    )


def read(path: Path | None) -> list[Cut]:
    """Return the rows of an earlier run."""
    if path is None or not path.exists():
        return []
    kinds = Cut.__annotations__
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cast = {"float": float, "int": int, "str": str}
    return [Cut(**{name: cast[kinds[name]](value) for name, value in row.items()}) for row in rows]


def write(path: Path, rows: Sequence[Cut]) -> None:
    """Keep the rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(Cut.__annotations__), lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def main() -> None:
    """Compare on all problems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", action="append", help="only these; repeatable")
    parser.add_argument("--cytometer", default="aria-fusion")
    parser.add_argument("--slack", type=float, help="instead of that of the problem")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="S")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--samples", type=int, default=4096)
    parser.add_argument("--seed", type=int, default=1, help="of the samples; 0 is the seed of searches and results")
    parser.add_argument("--csv", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    rows = read(arguments.csv)
    print("| " + " | ".join(HEADERS) + " |\n" + "|---" * len(HEADERS) + "|", flush=True)
    for problem in arguments.problem or PROBLEMS:
        asked = (problem, arguments.cytometer, arguments.samples)
        row = next((one for one in rows if (one.problem, one.cytometer, one.samples) == asked), None)
        if row is None:
            row = compare(problem, arguments)
            rows.append(row)
            if arguments.csv is not None:
                write(arguments.csv, rows)
        print("| " + " | ".join(row.cells()) + " |", flush=True)


if __name__ == "__main__":
    main()
