"""Who adds a reader of files to :mod:`panelopt.io` without trying hostile files on it learns of it here."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

import panelopt.io
from panelopt import registry
from panelopt.catalogs.importing import tables
from panelopt.errors import PaneloptError
from tests.fuzz.reader import valid_files
from tests.fuzz.readers import READERS

SOURCE = Path(panelopt.io.__file__).parent

OPENERS = {"open", "read_bytes", "read_text", "loads", "load", "ParquetFile", "read_csv", "load_workbook", "fromstring"}
"""What is called to get at the content of a file, or to take it apart."""

OTHERS = {
    "hdf5_trial.py:read_all": "runs in a process of its own, started by the reader of AnnData files",
    "atomic.py:check_writable": "opens devices for writing",
    "gating_ml.py:gating_ml": "writes",
}
"""Functions that no reader here calls in this process, and why."""


def _called(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            function = inner.func
            yield function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _writes(node: ast.AST) -> bool:
    modes = (a.value for a in ast.walk(node) if isinstance(a, ast.Constant) and a.value in ("w", "wb", "ab", "w+b"))
    return any(True for _ in modes)


def readers() -> dict[str, tuple[str, int]]:
    """Functions that read, by name: those named so, and those that open files or take content apart."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            named = node.name.startswith(("read_", "open_", "parse_"))
            if named or (OPENERS & set(_called(node)) and not _writes(node)):
                name = f"{path.relative_to(SOURCE).as_posix()}:{node.name}"
                found[name] = (str(path), min([node.lineno, *(d.lineno for d in node.decorator_list)]))
    return found


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int]]:
    """Functions of :mod:`panelopt.io` that are called when every reader reads its valid files."""
    seen: set[tuple[str, int]] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            seen.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    registry.fluorochromes(), tables()  # takes long, and is watched nowhere
    for reader in READERS.values():
        if reader.name.startswith(("use-", "report", "compare", "controls")):
            continue  # commands that take longer, and read what others read
        folder = tmp_path_factory.mktemp("read")
        for content in valid_files(reader)[:2]:
            path = folder / f"valid{reader.suffix}"
            path.write_bytes(content)
            sys.settrace(note)
            try:
                with contextlib.suppress(PaneloptError):
                    reader.read(path)
            finally:
                sys.settrace(None)
    return seen


@pytest.mark.parametrize("name", sorted(readers()))
def test_every_reader_gets_hostile_files(called: set[tuple[str, int]], name: str) -> None:
    if name in OTHERS:
        pytest.skip(OTHERS[name])
    assert readers()[name] in called, "add it to tests/fuzz/readers.py"


def test_exceptions_exist() -> None:
    assert set(OTHERS) <= {f"{p.name}:{n.name}" for p in SOURCE.rglob("*.py") for n in _functions(p)}


def _functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]
