"""What other programs call: load a question, design a panel, judge or improve a given one, look around the optimum."""

from panelopt.answers.alternatives import alternatives, explain, frontier
from panelopt.answers.design import design, improve, score, write_instance
from panelopt.certificates.design import design_certified, write_certified
from panelopt.certificates.verify import VerifyOptions, verify
from panelopt.events.simulate import SimulateOptions, simulate
from panelopt.questions.question import Options, Question, load
from panelopt.reporting.comparison import compare
from panelopt.reporting.inputs import ReportFiles
from panelopt.reporting.report import report, report_of
from panelopt.robust.design import robust
from panelopt.robust.options import RobustOptions
from panelopt.sorting.plan import sort_plan
from panelopt.sorting.settings import SortOptions

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
