"""Reports as one HTML file that needs nothing else: no network, no other file, no program but a browser."""

from panelopt.report.html.comparison import comparison_html
from panelopt.report.html.page import report_html

__all__ = ["comparison_html", "report_html"]
