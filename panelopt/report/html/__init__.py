"""Reports as one self-contained HTML file."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.report.html.comparison_page import comparison_html as comparison_html
    from panelopt.report.html.result_page import report_html as report_html
    from panelopt.report.html.sweep_page import sweep_html as sweep_html

__getattr__, __all__ = lazily(__name__)
