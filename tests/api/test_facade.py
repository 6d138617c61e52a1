"""The facade: every name that it offers is there, and nothing heavy is loaded before it is used."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

from panelopt import api

WINGS = [f"panelopt.api.{found.name}" for found in pkgutil.iter_modules(api.__path__)]
HEAVY = ("ortools", "pandas", "pyarrow", "scipy", "numpy", "matplotlib", "jinja2", "pydantic", "rich")


@pytest.mark.parametrize("wing", ["panelopt.api", *WINGS])
def test_every_name_is_there(wing: str) -> None:
    module = import_module(wing)
    assert module.__doc__
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match=r"panelopt\.api\.designs"):
        _ = import_module("panelopt.api.designs").nothing


def test_wings_load_nothing_heavy() -> None:
    code = f"import sys, {', '.join(WINGS)}\nprint(*sorted(set(sys.modules) & set({HEAVY})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
