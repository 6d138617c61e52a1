"""The examples of the page on Python give what they show."""

from __future__ import annotations

import ast
import doctest
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, blocks

PAGE = DOCS / "python.md"


@pytest.mark.source
def test_examples_run_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = [block.text for block in blocks(PAGE) if block.language == "pycon"]
    assert len(shown) > 5
    runner = doctest.DocTestRunner()
    said: list[str] = []
    runner.run(doctest.DocTestParser().get_doctest("\n".join(shown), {}, PAGE.name, None, 0), out=said.append)
    assert runner.tries > 20
    assert not said, "".join(said)


@pytest.mark.source
def test_every_wing_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    wings = {path.stem for path in (ROOT / "panelopt" / "api").glob("*.py")} - {"__init__"}
    assert not {wing for wing in wings if f"`api.{wing}`" not in text}


@pytest.mark.source
@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_pages_use_the_facade(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python":
            modules = [
                node.module or "" for node in ast.walk(ast.parse(block.text)) if isinstance(node, ast.ImportFrom)
            ]
            assert not [m for m in modules if m.startswith("panelopt.") and not m.startswith("panelopt.api")]
