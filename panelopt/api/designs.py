"""Load a question; design, score or improve a panel; find alternatives."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.answers.alternative_panels import alternatives as alternatives
    from panelopt.answers.alternative_panels import explain as explain
    from panelopt.answers.alternative_panels import frontier as frontier
    from panelopt.answers.design_panel import design as design
    from panelopt.answers.design_panel import improve as improve
    from panelopt.answers.given_panel import score as score
    from panelopt.answers.given_panel import write_instance as write_instance
    from panelopt.domain.alternatives_result import Alternatives as Alternatives
    from panelopt.domain.alternatives_result import Explanation as Explanation
    from panelopt.domain.alternatives_result import Frontier as Frontier
    from panelopt.domain.problem_record import Locked as Locked
    from panelopt.domain.result import Conflict as Conflict
    from panelopt.domain.result import Remark as Remark
    from panelopt.domain.result import Result as Result
    from panelopt.questions.question import Options as Options
    from panelopt.questions.question import Question as Question
    from panelopt.questions.question import load as load
    from panelopt.report.alternatives_text import alternatives_text as alternatives_text
    from panelopt.report.alternatives_text import explanation_text as explanation_text
    from panelopt.report.alternatives_text import frontier_text as frontier_text
    from panelopt.report.first_screen_text import first_screen_text as first_screen_text
    from panelopt.report.result_text import details_text as details_text
    from panelopt.report.result_text import result_text as result_text
    from panelopt.solver.listener import SolveListener as SolveListener

__getattr__, __all__ = lazily(__name__)
