"""Scenarios: random worlds consistent with a problem, and the value of a panel in each."""

from panelopt.scenarios.draw import BLOCK, Deviates, draw_block
from panelopt.scenarios.parameter_spread import Spread, spread_of
from panelopt.scenarios.scenario_score import ScenarioScores, score_scenarios, share_value
from panelopt.scenarios.worlds import Scenarios, scenarios_of

__all__ = [
    "BLOCK",
    "Deviates",
    "ScenarioScores",
    "Scenarios",
    "Spread",
    "draw_block",
    "scenarios_of",
    "score_scenarios",
    "share_value",
    "spread_of",
]
