"""Panels in blocks of scenarios: pure functions whose arguments can be sent to another machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scenarios.draw import BLOCK, draw_block
from panelopt.scenarios.parameter_spread import Spread
from panelopt.scenarios.scenario_score import Gates, ScenarioScores, score_scenarios
from panelopt.scenarios.worlds import Scenarios, joined, scenarios_of
from panelopt.scoring.panel_score import DEFAULT_TOLERANCE

Panel = tuple[SlotIndex, ...]
BlockScores = tuple[ScenarioScores, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BlockTask:
    """Panels to score in one block of scenarios; can be pickled.

    Attributes:
        instance, spread: The question, and how well it is known.
        panels: The panels.
        seed: Seed of the scenarios.
        number: Number of the block.
        scenarios: Scenarios wanted in all blocks.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
        gates: By panel, its gates; None = the best in every scenario.
    """

    instance: Instance
    spread: Spread
    panels: tuple[Panel, ...]
    seed: int
    number: int
    scenarios: int
    tolerance: float = DEFAULT_TOLERANCE
    gates: tuple[Gates, ...] | None = None


Runner = Callable[[Callable[[BlockTask], BlockScores], Iterable[BlockTask]], Iterable[BlockScores]]


def block(instance: Instance, spread: Spread, seed: int, number: int, scenarios: int) -> Scenarios:
    """Return one block of scenarios, cut at the number wanted."""
    drawn = scenarios_of(instance, spread, draw_block(spread, seed, number))
    return drawn.keep(slice(0, min(BLOCK, scenarios - number * BLOCK)))


def first_scenarios(instance: Instance, spread: Spread, seed: int, scenarios: int) -> Scenarios:
    """Return the scenarios of all blocks as one."""
    return joined([block(instance, spread, seed, number, scenarios) for number in range(math.ceil(scenarios / BLOCK))])


def score_block(task: BlockTask) -> BlockScores:
    """Return the scores of each panel of a task."""
    drawn = block(task.instance, task.spread, task.seed, task.number, task.scenarios)
    gates: Sequence[Gates | None] = task.gates if task.gates is not None else [None] * len(task.panels)
    return tuple(
        score_scenarios(task.instance, drawn, panel, task.tolerance, chosen)
        for panel, chosen in zip(task.panels, gates, strict=True)
    )


def score_in_scenarios(
    instance: Instance,
    spread: Spread,
    panels: Sequence[Panel],
    seed: int,
    scenarios: int,
    tolerance: float = DEFAULT_TOLERANCE,
    gates: Sequence[Gates] | None = None,
    run: Runner = map,
) -> tuple[ScenarioScores, ...]:
    """Score panels in many scenarios, block by block.

    Args:
        instance: The question.
        spread: How well it is known.
        panels: The panels.
        seed: Seed of the scenarios.
        scenarios: How many.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
        gates: By panel, its gates; None = the best in every scenario.
        run: Applies a function to all tasks in their order, anywhere.
    """
    given = None if gates is None else tuple(gates)
    tasks = (
        BlockTask(instance, spread, tuple(panels), seed, number, scenarios, tolerance, given)
        for number in range(math.ceil(scenarios / BLOCK))
    )
    return tuple(merged(parts) for parts in zip(*run(score_block, tasks), strict=True))


def merged(parts: Sequence[ScenarioScores]) -> ScenarioScores:
    """Return the scores of several blocks as one."""
    return ScenarioScores(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(ScenarioScores))
    )
