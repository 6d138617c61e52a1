"""Plan sorts."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.io.sort_plan_files import controls_csv as controls_csv
    from panelopt.io.sort_plan_files import gates_csv as gates_csv
    from panelopt.io.sort_plan_files import order_csv as order_csv
    from panelopt.report.sort_plan_text import sort_plan_text as sort_plan_text
    from panelopt.sorting.plan import sort_plan as sort_plan
    from panelopt.sorting.settings import SortOptions as SortOptions

__getattr__, __all__ = lazily(__name__)
