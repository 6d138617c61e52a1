"""What a panel is worth, and which rules it must obey: the specification, without any solver."""

from panelopt.scoring.panel_score import DEFAULT_TOLERANCE, PanelScore, ViewScore, score_panel
from panelopt.scoring.rule_checks import RuleViolation, check_panel

SCORE_VERSION = 2
"""Version of the rules of the score and of its model values: to be raised with every change that moves a value."""

__all__ = [
    "DEFAULT_TOLERANCE",
    "SCORE_VERSION",
    "PanelScore",
    "RuleViolation",
    "ViewScore",
    "check_panel",
    "score_panel",
]
