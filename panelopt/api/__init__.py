"""What other programs call: load a question, design a panel, judge or improve a given one, look around the optimum."""

from panelopt.api.around import alternatives, explain, frontier
from panelopt.api.comparison import compare
from panelopt.api.design import design, improve, score, write_instance
from panelopt.api.question import Options, Question, load
from panelopt.api.report import report
from panelopt.api.report_inputs import ReportFiles
from panelopt.api.simulate import SimulateOptions, simulate
from panelopt.api.sort_plan import sort_plan
from panelopt.api.sort_settings import SortOptions

__all__ = [
    "Options",
    "Question",
    "ReportFiles",
    "SimulateOptions",
    "SortOptions",
    "alternatives",
    "compare",
    "design",
    "explain",
    "frontier",
    "improve",
    "load",
    "report",
    "score",
    "simulate",
    "sort_plan",
    "write_instance",
]
