"""Render reports as HTML, PDF and XLSX; compare results."""

from typing import TYPE_CHECKING

from panelopt.api.lazily import lazily

if TYPE_CHECKING:
    from panelopt.report.comparison import comparison_text as comparison_text
    from panelopt.report.html import comparison_html as comparison_html
    from panelopt.report.html import report_html as report_html
    from panelopt.report.pdf import html_pdf as html_pdf
    from panelopt.report.sort_plan import report_text as report_text
    from panelopt.report.xlsx import comparison_xlsx as comparison_xlsx
    from panelopt.report.xlsx import report_xlsx as report_xlsx
    from panelopt.reporting.comparison import compare as compare
    from panelopt.reporting.inputs import ReportFiles as ReportFiles
    from panelopt.reporting.report import report as report
    from panelopt.reporting.report import report_of as report_of

__getattr__, __all__ = lazily(__name__)
