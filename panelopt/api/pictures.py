"""Draw a panel: on its instrument, its light, its spread, its gates, and the course of a search."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.report.content import Report as Report
    from panelopt.report.html.environment import environment as environment
    from panelopt.report.html.environment import picture_style as picture_style
    from panelopt.report.html.figures import emission_figure as emission_figure
    from panelopt.report.html.figures import gate_figure as gate_figure
    from panelopt.report.html.figures import matrix_blocks as matrix_blocks
    from panelopt.report.html.figures import scatter_figure as scatter_figure
    from panelopt.report.html.figures import signature_figure as signature_figure
    from panelopt.report.html.page_blocks import Figure as Figure
    from panelopt.report.instrument_drawing import panel_grid as panel_grid
    from panelopt.report.picture_sheets import emission_sheet as emission_sheet
    from panelopt.report.plan_sheets import plan_sheets as plan_sheets
    from panelopt.report.result_sheets import product_sheet as product_sheet
    from panelopt.report.search_curve import search_curve as search_curve
    from panelopt.report.sheet import Sheet as Sheet

__getattr__, __all__ = lazily(__name__)
