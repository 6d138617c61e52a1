"""What other programs call: load a question, design a panel, judge or improve a given one, look around the optimum."""

from panelopt.api.around import alternatives, explain, frontier
from panelopt.api.certificate import design_certified, write_certified
from panelopt.api.comparison import compare
from panelopt.api.design import design, improve, score, write_instance
from panelopt.api.question import Options, Question, load
from panelopt.api.report import report, report_of
from panelopt.api.report_inputs import ReportFiles
from panelopt.api.robust import robust
from panelopt.api.robust_options import RobustOptions
from panelopt.api.simulate import SimulateOptions, simulate
from panelopt.api.sort_plan import sort_plan
from panelopt.api.sort_settings import SortOptions
from panelopt.api.verify import VerifyOptions, verify

__all__ = [
    "Options",
    "Question",
    "ReportFiles",
    "RobustOptions",
    "SimulateOptions",
    "SortOptions",
    "VerifyOptions",
    "alternatives",
    "compare",
    "design",
    "design_certified",
    "explain",
    "frontier",
    "improve",
    "load",
    "report",
    "report_of",
    "robust",
    "score",
    "simulate",
    "sort_plan",
    "verify",
    "write_certified",
    "write_instance",
]
