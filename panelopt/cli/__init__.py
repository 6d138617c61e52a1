"""The command line: click commands, one per file; commands import heavy modules only when they run."""

from __future__ import annotations

import click

from panelopt.cli.alternatives import alternatives, explain, frontier
from panelopt.cli.catalog import catalog
from panelopt.cli.completion import completion
from panelopt.cli.cytometer import cytometer
from panelopt.cli.design import design
from panelopt.cli.doctor import doctor
from panelopt.cli.dye import dye
from panelopt.cli.group import PaneloptGroup
from panelopt.cli.improve import improve
from panelopt.cli.problem import problem
from panelopt.cli.report import report
from panelopt.cli.robust import robust
from panelopt.cli.score import score
from panelopt.cli.simulate import simulate
from panelopt.cli.sort_plan import sort_plan
from panelopt.cli.sweep import sweep
from panelopt.cli.verify import verify


@click.group(
    cls=PaneloptGroup,
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


for command in (
    design,
    score,
    improve,
    verify,
    alternatives,
    frontier,
    explain,
    sort_plan,
    simulate,
    robust,
    sweep,
    report,
    catalog,
    cytometer,
    dye,
    problem,
    doctor,
    completion,
):
    main.add_command(command)
