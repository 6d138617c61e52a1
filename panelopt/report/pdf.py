"""Reports as PDF, printed from the HTML page."""

from __future__ import annotations

import logging

from panelopt.errors import PaneloptError
from panelopt.report.content import Report
from panelopt.report.html import report_html

_HINT = "Install it with `pip install 'panelopt[pdf]'`, or print the HTML file in a browser."


def report_pdf(report: Report) -> bytes:
    """Return what an operator needs of a report on paper as a PDF file.

    Raises:
        PaneloptError: if WeasyPrint or one of its system libraries is missing.
    """
    return html_pdf(report_html(report, paper=True))


def html_pdf(page: str) -> bytes:
    """Return a page as a PDF file.

    Raises:
        PaneloptError: if WeasyPrint or one of its system libraries is missing.
    """
    try:
        from weasyprint import HTML, URLFetcher
    except ImportError:
        raise PaneloptError("PDF output requires weasyprint, which is not installed", hint=_HINT) from None
    except OSError as error:
        hint = (
            "WeasyPrint needs Pango: on Debian, `apt-get install libpango-1.0-0 libpangoft2-1.0-0`. Or print the HTML."
        )
        raise PaneloptError(f"a system library of weasyprint is missing: {error}", hint=hint) from None
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it warns about CSS that only browsers support
    document: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return document
