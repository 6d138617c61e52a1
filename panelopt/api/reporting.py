"""Render reports as HTML, PDF and XLSX; compare results."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.report.comparison_text import change_sheets as change_sheets
    from panelopt.report.comparison_text import comparison_text as comparison_text
    from panelopt.report.first_screen import FirstScreen as FirstScreen
    from panelopt.report.first_screen import first_screen as first_screen
    from panelopt.report.html import comparison_html as comparison_html
    from panelopt.report.html import report_html as report_html
    from panelopt.report.html import sweep_html as sweep_html
    from panelopt.report.notices import Notice as Notice
    from panelopt.report.notices import notices as notices
    from panelopt.report.odds import one_in as one_in
    from panelopt.report.odds import ratio_in_words as ratio_in_words
    from panelopt.report.pdf import html_pdf as html_pdf
    from panelopt.report.pdf import report_pdf as report_pdf
    from panelopt.report.sort_plan_text import report_text as report_text
    from panelopt.report.sweep_text import sweep_table_text as sweep_table_text
    from panelopt.report.verdict import is_marker_list as is_marker_list
    from panelopt.report.verdict import most_that_counts as most_that_counts
    from panelopt.report.verdict import standing as standing
    from panelopt.report.verdict import verdict as verdict
    from panelopt.report.xlsx import comparison_xlsx as comparison_xlsx
    from panelopt.report.xlsx import report_xlsx as report_xlsx
    from panelopt.reporting.gather_report import report as report
    from panelopt.reporting.gather_report import report_of as report_of
    from panelopt.reporting.report_inputs import ReportFiles as ReportFiles
    from panelopt.reporting.result_comparison import compare as compare
    from panelopt.reporting.result_comparison import comparison as comparison

__getattr__, __all__ = lazily(__name__)
