"""Find, show and draft problem files."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.domain.reagents import VIABILITY_MARKER as VIABILITY_MARKER
    from panelopt.drafts.answers import Answers as Answers
    from panelopt.drafts.answers import PopulationAnswer as PopulationAnswer
    from panelopt.drafts.answers import answers_toml as answers_toml
    from panelopt.drafts.answers import named_levels as named_levels
    from panelopt.drafts.answers import same_marker as same_marker
    from panelopt.drafts.problem_grid import BLANK as BLANK
    from panelopt.drafts.problem_grid import BLANK_LIST as BLANK_LIST
    from panelopt.drafts.problem_grid import LEVEL_WORDS as LEVEL_WORDS
    from panelopt.drafts.problem_grid import GridMarker as GridMarker
    from panelopt.drafts.problem_grid import GridPopulation as GridPopulation
    from panelopt.drafts.problem_grid import ProblemGrid as ProblemGrid
    from panelopt.drafts.problem_grid import grid_of as grid_of
    from panelopt.drafts.problem_grid import problem_of_grid as problem_of_grid
    from panelopt.drafts.template import TEMPLATE as TEMPLATE
    from panelopt.drafts.texts import events_toml as events_toml
    from panelopt.drafts.texts import problem_id as problem_id
    from panelopt.io.problem_toml import problem_toml as problem_toml
    from panelopt.registry import find_problem as find_problem
    from panelopt.registry import listed_problems as listed_problems
    from panelopt.registry import problem_names as problem_names
    from panelopt.registry import shipped_problems as shipped_problems
    from panelopt.registry import unknown_markers as unknown_markers
    from panelopt.report.listings import problem_text as problem_text
    from panelopt.report.listings import problems_text as problems_text

__getattr__, __all__ = lazily(__name__)
