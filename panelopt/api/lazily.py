"""Wings that load what they offer when it is first used.

A wing imports its names below ``if TYPE_CHECKING:``, for people and type checkers. The same lines tell at run time
where each name is to be found, so that ``panelopt cytometer list`` does not wait for the solver.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def lazily(wing: str) -> tuple[Callable[[str], Any], list[str]]:
    """Return ``__getattr__`` and ``__all__`` of a wing.

    Args:
        wing: Name of its module.
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
    """Return by name the module that holds it."""
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
