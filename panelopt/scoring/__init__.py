"""What a panel is worth, and which rules it must obey: the specification, without any solver."""

from panelopt.scoring.rules import Violation, check_panel
from panelopt.scoring.score import DEFAULT_TOLERANCE, PanelScore, ViewScore, score_panel

__all__ = ["DEFAULT_TOLERANCE", "PanelScore", "ViewScore", "Violation", "check_panel", "score_panel"]
