"""Reports as one self-contained HTML file."""

from panelopt.report.html.comparison_page import comparison_html
from panelopt.report.html.result_page import report_html
from panelopt.report.html.sweep_page import sweep_html

__all__ = ["comparison_html", "report_html", "sweep_html"]
