"""Lazy loading for the modules of the Python interface.

Each module imports its names under ``if TYPE_CHECKING:``, for readers and type checkers. The same import lines tell
where to load each name at run time, so that ``panelopt cytometer list`` does not load the solver.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def lazily(wing: str) -> tuple[Callable[[str], Any], list[str]]:
    """Return ``__getattr__`` and ``__all__`` for a module.

    Args:
        wing: Module name.
    """
    places = _places(wing)

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {wing!r} has no attribute {name!r}")
        found = getattr(import_module(places[name]), name)
        setattr(sys.modules[wing], name, found)
        return found

    return get, sorted(places)


def _places(wing: str) -> dict[str, str]:
    """Return the module of each name."""
    spec = find_spec(wing)
    source = getattr(spec.loader, "get_source", lambda _: None)(wing) if spec is not None else None
    blocks = (node for node in ast.parse(source or "").body if isinstance(node, ast.If))
    imports = (
        line
        for block in blocks
        if isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for line in block.body
        if isinstance(line, ast.ImportFrom) and line.module
    )
    return {alias.name: str(line.module) for line in imports for alias in line.names}
