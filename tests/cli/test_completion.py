"""Completion in shells: the scripts, and the names that they offer."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_call_panelopt(run: Run, shell: str) -> None:
    outcome = run("completion", shell)
    assert outcome.exit_code == 0
    assert f"_PANELOPT_COMPLETE={shell}_complete" in outcome.stdout


def test_other_shells_are_refused(run: Run) -> None:
    assert run("completion", "cmd").exit_code == 2


def offered(words: str) -> set[str]:
    """What bash would offer for the last word."""
    typed = words.split(" ")
    variables = {
        **os.environ,
        "_PANELOPT_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(typed) - 1),
    }
    program = "from panelopt.cli import main; main(prog_name='panelopt')"
    shown = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True)
    return {line.partition(",")[2] for line in shown.stdout.splitlines()}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("panelopt des", "design"),
        ("panelopt design bm-cd271-c", "bm-cd271-cd146"),
        ("panelopt design x --cytometer aria-f", "aria-fusion"),
        ("panelopt score x y --catalog synth", "synthetic-prices"),
        ("panelopt problem show uc-", "uc-gd2"),
        ("panelopt cytometer show infl", "influx"),
    ],
)
def test_names_of_shipped_things_are_offered(words: str, expected: str) -> None:
    assert expected in offered(words)
