"""Arguments and options that take shipped names or files, with shell completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completes(names: Callable[[], Iterable[str]]) -> Complete:
    def complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
        return [*found, CompletionItem(incomplete, type="file")]

    return complete


def _problems() -> Iterable[str]:
    from panelopt.api.problems import problem_names

    return problem_names()


def _cytometers() -> Iterable[str]:
    from panelopt.api.cytometers import cytometer_names

    return cytometer_names()


def _catalogs() -> Iterable[str]:
    from panelopt.api.catalogs import catalog_sources

    return sorted(source.name for source in catalog_sources()[0])


complete_problem = _completes(_problems)
"""Completes shipped problems and files."""

complete_cytometer = _completes(_cytometers)
"""Completes shipped cytometers and files."""

complete_catalog = _completes(_catalogs)
"""Completes catalog names and folders."""

problem_argument = click.argument("problem", shell_complete=complete_problem)
"""The PROBLEM argument."""
