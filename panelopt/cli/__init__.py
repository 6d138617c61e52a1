"""The command line: click commands, one per file; commands import heavy modules only when they run."""

from __future__ import annotations

import gc

# new objects after which Python looks for unused ones; with its own 700 it looks dozens of times while it imports
gc.set_threshold(100_000, *gc.get_threshold()[1:])

import click  # noqa: E402

from panelopt.cli.group import PaneloptGroup  # noqa: E402

COMMANDS = {
    "Design": {
        "design": ("panelopt.cli.design:design", "Choose the best panel."),
        "score": ("panelopt.cli.score:score", "Score a given panel."),
        "improve": ("panelopt.cli.improve:improve", "Improve a given panel by a few changes."),
        "alternatives": ("panelopt.cli.alternatives:alternatives", "List the best panels that differ from each other."),
        "frontier": (
            "panelopt.cli.alternatives:frontier",
            "Show the best score by number of colours or by price.",
        ),
        "explain": ("panelopt.cli.alternatives:explain", "Show which demands conflict, or what each one costs."),
        "robust": ("panelopt.cli.robust:robust", "Design a panel that withstands uncertain inputs."),
        "reporters": (
            "panelopt.cli.reporters:reporters",
            "Choose dyes and detectors, without cells or markers.",
        ),
        "serve": ("panelopt.cli.serve:serve", "Consult on a page in your browser."),
        "sweep": (
            "panelopt.cli.sweep:sweep",
            "Design for a grid of problems, cytometers, catalogs and options.",
        ),
    },
    "Sort": {
        "sort-plan": ("panelopt.cli.sort_plan:sort_plan", "Plan the sort of a given panel."),
        "simulate": ("panelopt.cli.simulate:simulate", "Simulate events of a sample and its controls."),
    },
    "Read and check": {
        "report": ("panelopt.cli.report:report", "Show a result or a sweep, or compare two: HTML, PDF, XLSX."),
        "verify": ("panelopt.cli.verify:verify", "Check the certificate of a design."),
    },
    "Data": {
        "problem": ("panelopt.cli.problem:problem", "Problems: populations, markers, goals, constraints."),
        "catalog": ("panelopt.cli.catalog:catalog", "Vendor catalogs and lab inventories."),
        "cytometer": ("panelopt.cli.cytometer:cytometer", "Instruments: lasers, detectors, filters."),
        "dye": ("panelopt.cli.dye:dye", "Fluorochromes: excitation, emission, brightness, similarity; imports."),
    },
    "Installation": {
        "doctor": ("panelopt.cli.doctor:doctor", "Show versions and check the installation."),
        "completion": ("panelopt.cli.completion:completion", "Print a script that completes commands in your shell."),
    },
}
"""Sections of the help: by name of each command, its place and one-line help."""


@click.group(
    cls=PaneloptGroup,
    sections=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 wrong input, 2 wrong usage, 3 proven infeasible, "
    "4 no panel found within the time or memory limit, 130 interrupted.",
)
@click.version_option(package_name="panelopt")
def main() -> None:
    """Choose antibody panels for cell sorting, and prove how good they are.

    \b
    Example:
      panelopt problem list
      panelopt design bm-cd271-cd146 --cytometer aria-fusion
    """
