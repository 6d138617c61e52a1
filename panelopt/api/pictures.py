"""Draw a panel: on its instrument, its light, its spread, its gates, and the course of a search."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.report.content import Report as Report
    from panelopt.report.html.biaxial import colour_names as colour_names
    from panelopt.report.html.biaxial import gate_drawings as gate_drawings
    from panelopt.report.html.detector_map import detector_map as detector_map
    from panelopt.report.html.detector_map import emission_charts as emission_charts
    from panelopt.report.html.page_blocks import cells as cells
    from panelopt.report.plan_sheets import plan_sheets as plan_sheets
    from panelopt.report.result_sheets import noise_sheet as noise_sheet
    from panelopt.report.result_sheets import product_sheet as product_sheet
    from panelopt.report.result_sheets import similarity_sheet as similarity_sheet
    from panelopt.report.result_sheets import spreading_sheet as spreading_sheet
    from panelopt.report.search_curve import search_curve as search_curve
    from panelopt.report.sheet import Sheet as Sheet

__getattr__, __all__ = lazily(__name__)
