"""The Python interface: load a question; design, score or improve a panel; find alternatives.

Each topic has its own module, such as :mod:`panelopt.api.catalogs`; this package re-exports what most programs need.
Everything is loaded on first use.
"""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.api.certificates import VerifyOptions as VerifyOptions
    from panelopt.api.certificates import design_certified as design_certified
    from panelopt.api.certificates import verify as verify
    from panelopt.api.certificates import write_certified as write_certified
    from panelopt.api.designs import Options as Options
    from panelopt.api.designs import Question as Question
    from panelopt.api.designs import alternatives as alternatives
    from panelopt.api.designs import design as design
    from panelopt.api.designs import explain as explain
    from panelopt.api.designs import frontier as frontier
    from panelopt.api.designs import improve as improve
    from panelopt.api.designs import load as load
    from panelopt.api.designs import score as score
    from panelopt.api.designs import write_instance as write_instance
    from panelopt.api.reporting import ReportFiles as ReportFiles
    from panelopt.api.reporting import compare as compare
    from panelopt.api.reporting import report as report
    from panelopt.api.reporting import report_of as report_of
    from panelopt.api.robustness import RobustOptions as RobustOptions
    from panelopt.api.robustness import robust as robust
    from panelopt.api.simulation import SimulateOptions as SimulateOptions
    from panelopt.api.simulation import simulate as simulate
    from panelopt.api.sorting import SortOptions as SortOptions
    from panelopt.api.sorting import sort_plan as sort_plan

__getattr__, __all__ = lazily(__name__)
