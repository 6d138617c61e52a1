"""The value of a panel and the rules it must obey: the specification, without any solver."""

from panelopt.scoring.panel_score import DEFAULT_TOLERANCE, PanelScore, ViewScore, score_panel, score_panels
from panelopt.scoring.rule_checks import RuleViolation, check_panel

SCORE_VERSION = 2
"""Version of the rules and model values of the score; raised with every change that affects a value."""

__all__ = [
    "DEFAULT_TOLERANCE",
    "SCORE_VERSION",
    "PanelScore",
    "RuleViolation",
    "ViewScore",
    "check_panel",
    "score_panel",
    "score_panels",
]
