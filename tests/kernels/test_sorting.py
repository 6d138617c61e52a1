"""The order of equal numbers is the same on every processor: NumPy's default sort has other loops on newer ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest


def unstable(source: str) -> Iterator[int]:
    """Yield the lines that ask for the order of numbers without asking for a stable one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            kinds = [
                word.value.value
                for word in node.keywords
                if word.arg == "kind" and isinstance(word.value, ast.Constant)
            ]
            if node.func.attr == "argpartition" or (node.func.attr == "argsort" and kinds != ["stable"]):
                yield node.lineno


def test_unstable_sorts_are_found() -> None:
    assert list(unstable("import numpy as np\nnp.argsort(x)\nnp.argsort(x, kind='stable')\nx.argsort()")) == [2, 4]


@pytest.mark.source
def test_every_order_is_stable(repository: Path) -> None:
    files = sorted((repository / "panelopt").rglob("*.py"))
    assert files
    assert [f"{path.name}:{line}" for path in files for line in unstable(path.read_text("utf-8"))] == []
