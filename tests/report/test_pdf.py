"""PDF: made where WeasyPrint is, explained where it is not, and never from the network."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

import pytest

from panelopt.errors import PaneloptError
from panelopt.report.html import report_html
from panelopt.report.pdf import html_pdf, report_pdf
from tests.reporting import examples as reporting


def test_page_becomes_a_pdf() -> None:
    pytest.importorskip("weasyprint")
    content = html_pdf("<!DOCTYPE html><title>x</title><p>Some text")
    assert content.startswith(b"%PDF-")


@pytest.mark.slow
def test_a_report_is_short_and_quick_on_paper() -> None:
    weasyprint = pytest.importorskip("weasyprint")
    report = reporting.small_report()
    start = time.process_time()
    content = report_pdf(report)
    assert time.process_time() - start < 10
    assert len(content) < 1_000_000
    pages = weasyprint.HTML(string=report_html(report, paper=True)).render().pages
    assert len(pages) < 8
    for page in pages:
        for box in page._page_box.descendants():  # nothing is cut at the edge of the paper
            if box.element_tag in ("svg", "table"):
                assert box.position_x + box.width <= page.width


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("weasyprint")
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>secret words</text></svg>', encoding="utf-8")
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was made"))
    page = f'<img src="http://localhost:1/x.png"><img src="{secret.as_uri()}"><p>x'
    assert len(html_pdf(page)) == pytest.approx(len(html_pdf("<img><img><p>x")), abs=100)


@pytest.mark.parametrize(("error", "words"), [(ImportError, "not installed"), (OSError, "system library")])
def test_what_is_missing_is_explained(monkeypatch: pytest.MonkeyPatch, error: type[Exception], words: str) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise error("libpango-1.0.so.0: not found")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(PaneloptError, match=words) as raised:
        html_pdf("<p>x")
    assert "HTML" in raised.value.hint
