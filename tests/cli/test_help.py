"""Help: complete, quick, and without loading what it does not need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

import panelopt
from panelopt.cli import COMMANDS, main
from tests.cli.conftest import Run

HEAVY = ("ortools", "pandas", "pyarrow", "matplotlib", "numpy", "scipy", "pydantic", "rich")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_every_command_explains_itself_with_an_example(run: Run, path: tuple[str, ...]) -> None:
    outcome = run(*path, "--help")
    assert outcome.exit_code == 0
    assert "Example" in outcome.stdout
    assert f"  panelopt {' '.join(path)}" in outcome.stdout


@pytest.mark.parametrize(
    "name", ["design", "score", "improve", "alternatives", "frontier", "explain", "robust", "sort-plan", "simulate"]
)
def test_options_are_listed_in_groups(run: Run, name: str) -> None:
    shown = run(name, "--help-all").stdout
    titles = re.findall(r"^(\w[\w ]*):$", shown.split("Example", 1)[1], flags=re.MULTILINE)
    order = [title for title in titles if title in ("Input", "Demands", "Search", "Output", "Other options")]
    wanted = ["Input", "Demands", "Output", "Other options"] if name == "simulate" else None
    assert order == (wanted or ["Input", "Demands", "Search", "Output", "Other options"])
    command = main.commands[name]
    for option in command.get_params(click.Context(command)):
        if isinstance(option, click.Option):
            assert len(re.findall(rf"^  .*(?<![\w-]){option.opts[-1]}(?![\w-])", shown, flags=re.MULTILINE)) >= 1


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_help_lists_ten_options_at_most_and_fits_a_terminal(run: Run, path: tuple[str, ...]) -> None:
    shown = run(*path, "--help").stdout
    options = re.findall(r"^  (?:-\w, )?--([\w-]+)", shown.split("Example", 1)[1], flags=re.MULTILINE)
    assert len(set(options) - {"help"}) <= 10
    if "More:" in shown:
        assert f"`panelopt {' '.join(path)} --help-all` lists" in shown
    if path != ("completion",):  # the path in its example is one word
        assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("name", ["design", "improve", "frontier", "robust", "sort-plan"])
def test_help_lists_what_every_call_needs(run: Run, name: str) -> None:
    shown = run(name, "--help").stdout
    command = main.commands[name]
    needed = [p.opts[-1] for p in command.params if isinstance(p, click.Option) and p.required]
    for option in (*needed, "--cytometer", "--catalog", "--output", "--time-limit"):
        assert option in shown, option


def test_commands_are_listed_in_sections(run: Run) -> None:
    shown = run("--help").stdout
    assert sorted(name for section in COMMANDS.values() for name in section) == sorted(main.commands)
    assert all(f"\n{title}:\n" in shown for title in COMMANDS)
    assert all(f"\n  {name} " in shown for name in main.commands)


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from panelopt.cli import main\n"
        "try: main(['--help'])\n"
        f"finally: print(*sorted(set(sys.modules) & set({HEAVY})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
    assert "design" in done.stdout


def test_help_is_quick() -> None:
    def seconds() -> float:
        before = os.times()
        subprocess.run([sys.executable, "-m", "panelopt", "--help"], capture_output=True, check=True)
        after = os.times()  # of the processor: a busy machine is no slow program
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(seconds() for _ in range(3)) < 0.3


def test_version_is_that_of_the_package(run: Run) -> None:
    from importlib.metadata import version

    assert version("panelopt") in run("--version").stdout


def test_module_runs_like_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "panelopt", "dye", "show", "?"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_a_terminal_of_another_encoding_is_no_reason_to_fail() -> None:
    script = "from panelopt.cli import main; main(['dye', 'show', 'caf\\xe9-\\u03b2'])"
    env = {"PYTHONIOENCODING": "latin-1", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=env, cwd=_root())
    assert done.returncode == 1
    assert b"caf\xe9-\\u03b2" in done.stderr


def _root() -> str:
    return panelopt.__path__[0] + "/.."
