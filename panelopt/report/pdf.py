"""Reports as PDF, printed from their page."""

from __future__ import annotations

import logging

from panelopt.errors import PaneloptError

_HINT = "Install it with `pip install 'panelopt[pdf]'`, or print the HTML file from a browser."


def html_pdf(page: str) -> bytes:
    """Return a page as a PDF file.

    Raises:
        PaneloptError: if WeasyPrint, or a system library that it needs, is missing.
    """
    try:
        from weasyprint import HTML, URLFetcher
    except ImportError:
        raise PaneloptError("PDF needs the package weasyprint, which is not installed", hint=_HINT) from None
    except OSError as error:
        hint = (
            "WeasyPrint needs Pango: on Debian `apt-get install libpango-1.0-0 libpangoft2-1.0-0`; or print the HTML."
        )
        raise PaneloptError(f"a system library of weasyprint is missing: {error}", hint=hint) from None
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it warns of rules that only browsers know
    document: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return document
