# ruff: noqa: E501
"""Data is never executed: what would do that does not occur in the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import panelopt

IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml", "runpy", "code", "pty"}
"""Modules that execute what they read, or start shells."""

CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "allow_pickle", "read_pickle"}
"""Functions that execute text."""

XML_WRITERS = {"panelopt/io/gating_ml.py"}
"""May import the parser of the standard library, as they only write."""

PROCESSES = {"panelopt/io/hdf5_trial.py"}
"""May start a process: Python itself, with a list of words."""

MEMORY = {"panelopt/sweeps/dask_engine.py", "panelopt/sweeps/local_engine.py"}
"""May pickle what goes from one process of a sweep to another; never what lies in a file."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    folder = Path(panelopt.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder.parent).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def faults(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        place = f"{name}:{getattr(node, 'lineno', 0)}"
        for module in imported(node):
            if module.split(".")[0] in IMPORTS and not (module == "pickle" and name in MEMORY):
                yield f"{place} imports {module}"
            if module.startswith(("xml.", "lxml")) and name not in XML_WRITERS:
                yield f"{place} imports {module}; read XML with defusedxml"
            if module.split(".")[0] == "subprocess" and name not in PROCESSES:
                yield f"{place} starts processes"
        if isinstance(node, ast.Call):
            function = node.func
            called = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            regular = isinstance(function, ast.Attribute) and ast.unparse(function) == "re.compile"
            if called in CALLS and not regular:
                yield f"{place} calls {called}"
            if called in ("fromstring", "parse", "iterparse", "XML") and name in XML_WRITERS:
                yield f"{place} reads XML"
            if called in ("load", "dump") and name in MEMORY:
                yield f"{place} pickles a file"
            for keyword in node.keywords:
                refused = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                if keyword.arg in ("shell", "allow_pickle") and not refused:
                    yield f"{place} sets {keyword.arg}"


def test_nothing_executes_data() -> None:
    found = [fault for name, tree in sources() for fault in faults(name, tree)]
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "import pickle", "from yaml import load", "eval('1')", "import os\nos.system('x')", "from xml.etree import ElementTree",
        "import subprocess", "f(shell=True)", "import numpy\nnumpy.load(x, allow_pickle=True)", "compile(x)", "pd.read_pickle(x)",
    ],
)  # fmt: skip
def test_the_check_finds_what_it_looks_for(text: str) -> None:
    assert list(faults("panelopt/x.py", ast.parse(text)))


def test_plug_ins_are_located_and_never_imported() -> None:
    called = {
        function.attr
        for name, tree in sources()
        if name.startswith("panelopt/registry")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(function := node.func, ast.Attribute)
    }
    assert "find_spec" in called
    assert not called & {"load", "import_module", "exec_module", "load_module"}
