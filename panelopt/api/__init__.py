"""What other programs call: load a question, design a panel, judge or improve a given one, look around the optimum."""

from panelopt.api.around import alternatives, explain, frontier
from panelopt.api.design import design, improve, score, write_instance
from panelopt.api.question import Options, Question, load

__all__ = [
    "Options",
    "Question",
    "alternatives",
    "design",
    "explain",
    "frontier",
    "improve",
    "load",
    "score",
    "write_instance",
]
